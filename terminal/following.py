"""Pages that change by themselves (a job that runs) are shown again while they are on the screen.

The reader may be working in such a page, or typing the next line: it is renewed in place, so that focus, cursor
and scroll position stay, and nothing of it is a line of the reader's or a page to go back to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.page import Page, Panel
    from terminal.messages import MadeAnew, StandsNow
    from terminal.seams import StandingLike

EVERY = 1.5  # seconds between two looks


class Follows:
    """The app's share: a page that says how it is shown anew is, until another takes its place."""

    _followed: Page | None = None

    def follow(self: Any, page: Page) -> None:
        """Look at ``page`` again from now on, where it is one that changes."""
        self._followed = page if page.live else None
        if page.live:
            self.set_timer(EVERY, lambda: self._look_again(page))

    def _look_again(self: Any, page: Page) -> None:
        if self._followed is not page or self.page is not page or self._covered:
            return
        if not self.desk_thread.busy:  # lines that were typed come first
            self.desk_thread.look_again(page, self._gone_back_to)
        self.set_timer(EVERY, lambda: self._look_again(page))

    async def on_made_anew(self: Any, message: MadeAnew) -> None:
        """Newer rows of the page on screen, unless the reader has gone on meanwhile."""
        old, new = message.old, message.new
        self._tell_working(message.standing)
        if self._followed is not old or self.page is not old or self._covered:
            return
        if new is None:
            self._followed = None
            self.say(f"this page is not shown anew any more, Ctrl+R runs it again: {message.error}")
            return
        self._gone_back_to = None  # the desk stands where the screen does
        said = tuple(note for note in old.notes if note.passing and note not in new.notes)
        new = replace(new, notes=(*said, *new.notes))
        if not alike(old, new):
            self.page = new
            self.session.visits.renew(old, new)
            await self.shell.renew_page(new, self.zone)
            self.follow(new)

    def on_stands_now(self: Any, message: StandsNow) -> None:
        """Other work has begun or ended."""
        self._tell_working(message.standing)

    def _tell_working(self: Any, standing: StandingLike) -> None:
        from terminal.freshness import beside

        self.standing = standing
        self.shell.status.change(fresh=beside(standing.working, self.page))


def alike(one: Page, other: Page) -> bool:
    """Whether two pages show the same, whenever they were made."""
    titles = (one.title, one.notes, one.live), (other.title, other.notes, other.live)
    return (
        titles[0] == titles[1]
        and len(one.panels) == len(other.panels)
        and all(map(_same, one.panels, other.panels))
    )


def _same(one: Panel, other: Panel) -> bool:
    from engine.page import Metrics, Table, Text

    ours, theirs = one.figure, other.figure
    if isinstance(ours, Table) and isinstance(theirs, Table) and ours.frame.equals(theirs.frame):
        ours = replace(ours, frame=theirs.frame)
    elif not isinstance(ours, Metrics | Text):
        return False
    return ours == theirs and replace(one, figure=theirs) == other
