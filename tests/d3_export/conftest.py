"""Files opened as a reader opens them: in Chromium, from the disk, with every network request a failure."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from d3_export import MissingD3, vendored

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--force-color-profile=srgb", "--font-render-hinting=none")


@pytest.fixture(scope="session", autouse=True)
def _d3() -> None:
    try:
        vendored.d3()
    except MissingD3 as fault:
        pytest.skip(str(fault))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium a worker."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("there is no Chromium: Debian and Ubuntu: apt install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Reader:
    """Opens files, and keeps everything that should not have happened while they were open."""

    browser: Browser
    folder: Path
    faults: list[str] = field(default_factory=list)
    _opened: int = 0

    def open(
        self, html: str, *, width: int = 1200, height: int = 900, dark: bool = False, wait: bool = True
    ) -> Page:
        """``html`` as a file on the disk, drawn and verified."""
        self._opened += 1
        path = self.folder / f"opened-{self._opened}.html"
        path.write_text(html, "utf-8", newline="")
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            timezone_id="America/New_York",
            locale="en-US",
            accept_downloads=True,
            offline=True,
        )
        page = context.new_page()
        page.on("console", self._said)
        page.on("pageerror", lambda fault: self.faults.append(f"page error: {fault}"))
        page.on("request", self._asked)
        page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("popup", lambda popup: self.faults.append(f"popup: {popup.url}"))
        page.goto(path.as_uri())
        if wait:
            page.wait_for_selector("html[data-ready]", state="attached", timeout=20_000)
        return page

    def _said(self, message: ConsoleMessage) -> None:
        self.faults.append(f"console {message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"file://{self.folder}", "data:", "blob:")):
            self.faults.append(f"request: {request.url}")

    def close(self) -> None:
        for context in self.browser.contexts:
            context.close()


@pytest.fixture
def reader(browser: Browser, tmp_path: Path) -> Iterator[Reader]:
    """Opens files; at the end of the test nothing may have been said, asked or thrown."""
    reader = Reader(browser, tmp_path)
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
