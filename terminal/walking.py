"""Back and forward over the pages visited, the page on screen once more, its help, and lines typed before."""

from __future__ import annotations

from typing import Any


class Walks:
    """The app's share."""

    async def _walk(self: Any, step: int) -> None:
        visit = self.session.visits.step(0 if self._covered and step < 0 else step)
        if visit is None:
            return
        if visit.page is not None:
            self._gone_back_to = visit.page
            await self.show_page(visit.page)
        else:
            self.run_line(visit.line, quiet=True)

    async def action_back(self) -> None:
        await self._walk(-1)

    async def action_forward(self) -> None:
        await self._walk(1)

    def action_again(self: Any) -> None:
        """Run the page on screen again, at the clock as it stands."""
        if self.desk_thread.failed:  # the store could not be opened: once more, and then run what waits
            self.desk_thread = self.desk_thread.successor()
            self.shell.status.change(work="opening the store")
            self.desk_thread.painted()
            self.desk_thread.start()
            return
        current = self.session.visits.current
        if current is not None and current.again:
            self.run_line(current.line, quiet=True)
        elif current is not None:
            self.shell.status.change(work=f"{current.line} is not run again by itself: type it")

    def action_help_here(self: Any) -> None:
        self.run_line(f"HELP {self.page.function if self.page is not None else ''}".strip(), quiet=True)

    def recall(self: Any, step: int) -> None:
        """Put a line typed before into the command bar."""
        bar = self.shell.bar
        if (line := self.session.history.step(step, bar.text)) is not None:
            bar.set_line(line)
