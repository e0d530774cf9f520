"""Pages that change by themselves (a job that runs) are shown again while they are on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.page import Page

EVERY = 1.5  # seconds between two looks


class Follows:
    """The app's share: a page that says how it is shown anew is, until another takes its place."""

    def follow(self: Any, page: Page) -> None:
        if page.live:
            self.set_timer(EVERY, lambda: self._look_again(page))

    def _look_again(self: Any, page: Page) -> None:
        if self.page is not page or self._covered:
            return
        if self.desk_thread.busy:
            self.follow(page)  # lines that were typed come first
        else:
            self.run_line(page.live, quiet=True)
