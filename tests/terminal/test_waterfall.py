"""A waterfall's bars: where they stand and lie, that signs need no colour, and what keys ask."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from conftest import Running, enter, settle, words
from form_desk import FormDesk
from hypothesis import given
from hypothesis import strategies as st

from engine.figures import Step, Waterfall
from engine.waterfall import spans, told
from terminal.strips import cell_len
from terminal.widgets.waterfall import WaterfallPanel
from terminal.widgets.waterfall_view import Parts, lie, stand, standing

FIGURE = Waterfall(
    (
        Step("Sales", 80.0, total=True),
        Step("price", 20.0),
        Step("volume", -60.0),
        Step("not known", float("nan")),
        Step("Profit", 40.0, total=True),
    ),
    "price",
    0,
    "USD",
)


def shown(lines: list[Parts]) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def test_levels_go_from_step_to_step() -> None:
    levels = [(span.start, span.end) for span in spans(FIGURE.steps)]
    assert levels[:3] == [(0.0, 80.0), (80.0, 100.0), (100.0, 40.0)]
    assert levels[4] == (0.0, 40.0)
    assert all(level != level for level in levels[3])  # noqa: PLR0124 - NaN


def test_values_carry_sign_and_arrow() -> None:
    assert [told(step, FIGURE) for step in FIGURE.steps] == ["= 80", "▲ +20", "▼ -60", "—", "= 40"]
    assert told(Step("", 0.001), FIGURE) == "0"  # rounds to nothing: neither up nor down


def test_bars_stand_where_there_is_room() -> None:
    form = standing(FIGURE, 50)
    assert form is not None
    assert (form.slot, form.depth) == (10, 1)
    assert shown(stand(FIGURE, form, 7, None)) == [
        "            ▲ +20     ▼ -60",
        "  = 80    ▓▓▓▓▓▓▓▓▓▔░░░░░░░░░",
        "█████████▔          ░░░░░░░░░",
        "█████████           ░░░░░░░░░             = 40",
        "█████████                    ▔         ▔█████████",
        "█████████                     —         █████████",
        "  Sales     price    volume   not known  Profit",
    ]


def test_bars_lie_where_there_is_none() -> None:
    assert standing(FIGURE, 38) is None
    assert shown(lie(FIGURE, 50, 1)) == [
        "  Sales      = 80 " + "█" * 25,
        "› price     ▲ +20 " + " " * 25 + "▓" * 6,
        "  volume    ▼ -60 " + " " * 12 + "░" * 19,
        "  not known     —",
        "  Profit     = 40 " + "█" * 12,
    ]


def test_long_words_never_stand_cut() -> None:
    long = replace(FIGURE, steps=(*FIGURE.steps, Step("internationalised", 1.0)))
    assert standing(long, 60) is None
    assert standing(long, 130) is not None
    wide = replace(FIGURE, steps=(Step("a", 1e12, total=True), *FIGURE.steps[1:]))
    assert standing(wide, 60) is None


def test_below_zero_there_is_a_line() -> None:
    figure = Waterfall((Step("a", 10.0, total=True), Step("b", -30.0), Step("c", -20.0, total=True)))
    form = standing(figure, 30)
    assert form is not None
    lines = shown(stand(figure, form, 8, None))
    assert any("┈" in line for line in lines)
    assert lines[-1].split() == ["a", "b", "c"]


@given(st.lists(st.floats(-1e6, 1e6) | st.floats(), min_size=1, max_size=12), st.integers(12, 160))
def test_any_steps_fit_their_window(values: list[float], width: int) -> None:
    steps = tuple(Step(f"step {at}", value, total=at == 0) for at, value in enumerate(values))
    figure = Waterfall(steps, "number", 1)
    form = standing(figure, width)
    if form is not None:
        lines = stand(figure, form, 12, 0)
        assert len(lines) == 12
        assert all(cell_len(line) <= width for line in shown(lines))
        for step in steps:
            assert any(told(step, figure) in line for line in shown(lines))
    assert all(
        told(step, figure) in line for step, line in zip(steps, shown(lie(figure, width, None)), strict=True)
    )


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (50, 20)])
async def test_arrows_choose_a_step_and_w_asks_why(running: Running, size: tuple[int, int]) -> None:
    desk = FormDesk()
    async with running(desk, size=size) as pilot:
        await enter(pilot, "VALUE AAPL US EQUITY")
        panel = pilot.app.query_one(WaterfallPanel)
        panel.focus()
        await pilot.pause()
        assert "Sales 100.0 USD → value" in words(pilot.app)  # type: ignore[arg-type]
        await pilot.press("right", "right")
        assert re.search(r"growth +▲ \+27\.6 USD  → 127\.6 USD", words(pilot.app))  # type: ignore[arg-type]
        assert panel.copied_text().startswith("growth")
        await pilot.press("w")
        await settle(pilot)
        assert desk.lines[-1] == "WHY 2 value PANEL=steps"


async def test_an_empty_waterfall_says_so(running: Running) -> None:
    async with running(FormDesk()) as pilot:
        await enter(pilot, "VALUE AAPL US EQUITY")
        panel = pilot.app.query_one(WaterfallPanel)
        panel.show(Waterfall(()))
        panel.focus()
        await pilot.press("right", "w")
        await pilot.pause()
        assert "Nothing to show." in words(pilot.app)  # type: ignore[arg-type]
