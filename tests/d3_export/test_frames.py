"""How fast long charts move on this machine's software rendering: recorded, not gated; what they show is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest

from d3_export import render
from engine.page import Figure, Lines, Series
from tests.d3_export.conftest import Reader
from tests.d3_export.drawn import daily, minutes, number, page_of, sessions, settle, stage, walk

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

Record = Callable[[str, object], None]

FRAMES = 60

# a turn of the wheel before each of so many frames: how many of them a second
_ZOOM = """async (frames) => {
  const stage = document.querySelector(".stage"), edge = stage.getBoundingClientRect();
  stage.focus();
  const place = { clientX: edge.left + 400, clientY: edge.top + 100, bubbles: true, cancelable: true };
  const began = performance.now();
  for (let step = 0; step < frames; step += 1) {
    stage.dispatchEvent(new WheelEvent("wheel", { deltaY: step % 60 < 30 ? -24 : 24, ...place }));
    await new Promise(requestAnimationFrame);
  }
  return frames / ((performance.now() - began) / 1000);
}"""


def forty_lines() -> Lines:
    dates = np.array(sessions(2520), dtype="datetime64[D]")
    return Lines(tuple(Series(f"stock {n}", dates, walk(2520, n)) for n in range(40)), "USD", 2)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("ten years of days", daily),
        ("a year of minutes", minutes),
        ("forty lines of ten years", forty_lines),
    ],
)
def test_frames_a_second_while_zooming(
    reader: Reader, record_property: Record, name: str, make: Callable[[], Figure]
) -> None:
    page = reader.open(render([page_of(make())]))
    page.evaluate(_ZOOM, 10)
    spent, rate = _measured(page)
    record_property(f"{name}: frames a second", round(rate, 1))
    record_property(f"{name}: processor time a frame, ms", round(spent, 2))
    assert 0 <= number(page, "start") < number(page, "end")
    assert stage(page).locator("canvas").count() == 1
    _still_all_there(page)


def _still_all_there(page: BrowserPage) -> None:
    page.keyboard.press("0")
    settle(page)
    assert number(page, "start") == 0


def _measured(page: BrowserPage) -> tuple[float, float]:
    """Milliseconds of the page's thread a frame, which other work on the machine does not change; frames a second."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        told = session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in told if one["name"] == "TaskDuration"))

    before = spent()
    rate = float(page.evaluate(_ZOOM, FRAMES))
    return (spent() - before) / FRAMES * 1000, rate
