"""Files opened as a reader opens them: in Chromium, from the disk, with every network request a failure."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from d3_export import MissingD3, vendored

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--force-color-profile=srgb", "--font-render-hinting=none")


@pytest.fixture(scope="session", autouse=True)
def _d3() -> None:
    try:
        vendored.d3()
    except MissingD3 as fault:
        pytest.skip(str(fault))


@pytest.fixture(scope="session")
def _tab() -> Iterator[tuple[Page, asyncio.AbstractEventLoop]]:
    """One Chromium a worker with one tab: a new one for every file would take most of the tests' time."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("there is no Chromium: Debian and Ubuntu: apt install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        context = browser.new_context(
            timezone_id="America/New_York", locale="en-US", accept_downloads=True, offline=True
        )
        page = context.new_page()
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield page, loop
        asyncio._set_running_loop(loop)
        browser.close()


@pytest.fixture
def tab(_tab: tuple[Page, asyncio.AbstractEventLoop]) -> Iterator[Page]:
    """The worker's tab. Its event loop runs in this thread for as long as a test has it, and for no other's: those
    of the terminal run loops of their own."""
    page, loop = _tab
    asyncio._set_running_loop(loop)
    yield page
    asyncio._set_running_loop(None)


@dataclass
class Reader:
    """Opens files in the tab, and keeps everything that should not have happened while they were open."""

    tab: Page
    folder: Path
    faults: list[str] = field(default_factory=list)
    _opened: int = 0

    def __post_init__(self) -> None:
        self._heard: dict[str, Callable[..., None]] = {
            "console": lambda message: self.faults.append(f"console {message.type}: {message.text}"),
            "pageerror": lambda fault: self.faults.append(f"page error: {fault}"),
            "request": self._asked,
            "dialog": lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()),
            "popup": lambda popup: (self.faults.append(f"popup: {popup.url}"), popup.close()),
        }
        for name, hear in self._heard.items():
            self.tab.on(name, hear)

    def open(
        self, html: str, *, width: int = 1200, height: int = 900, dark: bool = False, wait: bool = True
    ) -> Page:
        """``html`` as a file on the disk, opened anew, drawn and verified."""
        self._opened += 1
        path = self.folder / f"opened-{self._opened}.html"
        path.write_text(html, "utf-8", newline="")
        self.tab.set_viewport_size({"width": width, "height": height})
        self.tab.emulate_media(color_scheme="dark" if dark else "light")
        self.tab.goto(path.as_uri())
        if wait:
            self.tab.wait_for_selector("html[data-ready]", state="attached", timeout=20_000)
        return self.tab

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"file://{self.folder}", "data:", "blob:")):
            self.faults.append(f"request: {request.url}")

    def close(self) -> None:
        """The tab as the next test finds it: nothing held, allowed or left open."""
        for name, hear in self._heard.items():
            self.tab.remove_listener(name, hear)
        self.tab.mouse.up()
        self.tab.mouse.move(0, 0)
        self.tab.context.clear_permissions()
        self.tab.emulate_media(media="null", reduced_motion="null", contrast="null")


@pytest.fixture
def reader(tab: Page, tmp_path: Path) -> Iterator[Reader]:
    """Opens files; at the end of the test nothing may have been said, asked or thrown."""
    reader = Reader(tab, tmp_path)
    yield reader
    reader.close()
    assert reader.faults == []


@pytest.fixture
def save(tmp_path: Path) -> Callable[[Page, str], str]:
    """Presses a button that saves a file, and answers the file's text."""

    def pressed(page: Page, selector: str) -> str:
        with page.expect_download() as told:
            page.click(selector)
        path = tmp_path / "saved"
        told.value.save_as(path)
        return path.read_bytes().decode("utf-8")

    return pressed
