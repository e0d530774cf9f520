"""The terminal: one analyst's keys and pages over one desk. Owns the session; knows no function."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, ScreenStackError
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from terminal import compat
from terminal.desk_thread import DeskThread
from terminal.filters import Inert, NoColour
from terminal.messages import DeskFailed, DeskOpened, JobDone, JobFailed, JobProgress, JobStarted, WhyAsked
from terminal.paint import Painting
from terminal.recall import Recall
from terminal.screens.page import PageScreen
from terminal.theme import DARK, LIGHT, theme_name, themes
from terminal.visits import Visit
from terminal.workspace import Keeper, capture, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.page import Page
    from terminal.seams import CompletionLike, DeskFactory, DeskLike, StateLike
    from terminal.widgets.progress import ProgressPanel
    from terminal.widgets.table import TablePanel

LEAVE = frozenset({"QUIT", "EXIT", "BYE", ":Q"})


class AsofApp(App[int]):
    """Runs what is typed on the desk's thread and shows what comes back."""

    TITLE = "asof"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    CSS = "Chart { background: $background; }" + "".join(
        f"Chart .chart--series-{n} {{ color: $series-{n}; }}" for n in range(1, 7)
    )

    def __init__(
        self,
        desk_factory: DeskFactory,
        *,
        state: StateLike | None = None,
        place: str = "",
        user: str = "",
        line: str | None = None,
        asof: str | None = None,
    ) -> None:
        super().__init__()
        compat.lean(self)
        for theme in themes():
            self.register_theme(theme)
        self.place, self.user = place, user
        self.workspace = load(state)
        self.visits = self.workspace.to_visits()
        self.history = Recall(list(self.workspace.history))
        self._first = (line, asof)
        self.keeper = Keeper(state) if state is not None else None
        self.desk: DeskLike | None = None
        self._factory = desk_factory
        self.desk_thread = DeskThread(desk_factory, self.post_message)
        self.page: Page | None = None
        self.zone: tzinfo | None = None
        self._loading: ProgressPanel | None = None
        self._entered: dict[int, str] = {}
        self._event_loop: asyncio.AbstractEventLoop | None = None
        self._painting = Painting()
        self._walls: list[LineFilter] = [Inert()]
        self.theme = LIGHT if self.workspace.theme == LIGHT else DARK
        if self.no_color:
            self._walls.append(NoColour(dark=self.theme == DARK))

    def get_default_screen(self) -> Screen[Any]:
        current = self.visits.current
        title = current.title if current is not None else ""
        panels = current.panels if current is not None else ()
        screen = PageScreen(self.place, self.user, title, panels)
        screen.bar.edit.set(self.workspace.draft)
        screen.bar.prompt = self.workspace.security
        return screen

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Write only what the terminal does not show yet."""
        if not self.is_headless and self._running and not self._batch_count:
            renderable = compat.difference(renderable, self._painting, self)
        super()._display(screen, renderable)

    def action_redraw(self) -> None:
        """Ctrl+L: another program wrote over the screen."""
        self._painting.forget()
        self.refresh(repaint=True, layout=True)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return self._walls

    @property
    def shell(self) -> PageScreen:
        """The one screen."""
        screen = self.screen
        assert isinstance(screen, PageScreen)  # noqa: S101 - no other is ever pushed
        return screen

    # -- starting ----------------------------------------------------------------------------------------

    def on_ready(self) -> None:
        """The first frame is out."""
        self._event_loop = asyncio.get_running_loop()
        self.shell.status.change(work="opening the store")
        self.desk_thread.start()
        self.set_timer(0.05, self._after_first_paint)

    async def _after_first_paint(self) -> None:
        await self.shell.furnish()
        gc.freeze()  # what start-up made stays; collections look at what comes after
        gc.enable()
        self.desk_thread.painted()

    async def on_desk_opened(self, message: DeskOpened) -> None:
        self.desk = desk = message.desk
        self.zone = getattr(desk, "zone", None)
        self._take_preferences()
        line, asof = self._first
        current = self.visits.current
        self.shell.status.change(work="")
        self._tell_clock()
        if asof:
            self.run_line(f"ASOF {asof}", quiet=True)
        if line:
            self.run_line(line, quiet=True)
        elif current is not None:
            self.run_line(current.line, quiet=True)
        else:
            await self.show_welcome()

    async def on_desk_failed(self, message: DeskFailed) -> None:
        from terminal.failures import failure_panel

        self.shell.status.change(work="")
        await self.shell.show_panel("The store could not be opened", failure_panel(message.error, ""))

    async def _show_loading(self, message: JobProgress) -> None:
        """The first run: market data are loaded from the installed packages, once."""
        from terminal.widgets.progress import ProgressPanel

        self.shell.status.change(work="loading")
        if self._loading is None:
            self._loading = ProgressPanel(
                "The first start loads real market data from the installed packages, once."
            )
            await self.shell.show_panel("Loading market data", self._loading)
        self._loading.show(message.text, message.done, message.total)

    async def show_welcome(self) -> None:
        from terminal.welcome import welcome_panel

        await self.shell.show_panel("Welcome to asof", welcome_panel())

    # -- running -----------------------------------------------------------------------------------------

    def completions(self, line: str, cursor: int) -> Sequence[CompletionLike]:
        """What could come next; nothing until the desk is open, and never an exception for a key."""
        if self.desk is None:
            return ()
        try:
            return self.desk.complete(line, cursor, 8)
        except Exception as error:
            from terminal.failures import log_failure

            log_failure(error, line)
            return ()

    def enter(self, line: str) -> None:
        """A line was typed and Enter pressed."""
        line = line.strip()
        if not line:
            return
        if line.upper() in LEAVE:
            self.exit(0)
            return
        if line.isdigit() and (chosen := self.shell.numbered(int(line))):
            line = chosen
        self.run_line(line)

    def run_line(self, line: str, *, quiet: bool = False) -> None:
        """Queue a line for the desk's thread."""
        if self.desk is not None and self.page is not None:
            self.desk.page = self.page  # functions about the page on screen mean the one that is seen
        job = self.desk_thread.submit(line, quiet=quiet)
        if not quiet:
            self._entered[job.number] = self.shell.bar.text
            self.history.add(line)
        if self.desk is None:
            self.shell.status.change(work=f"{line}: runs when the store is open")

    def cancel(self) -> bool:
        """Stop the running line; False where nothing runs. Opening the store is never cut short by Esc."""
        if self.desk is None or not self.desk_thread.cancel():
            return False
        self.shell.status.change(work="cancelling")
        return True

    def on_job_started(self, message: JobStarted) -> None:
        self.shell.status.change(work=f"running {message.job.line}")

    async def on_job_progress(self, message: JobProgress) -> None:
        if self.desk is None:
            await self._show_loading(message)
            return
        share = f" {message.done * 100 // message.total}%" if message.total else ""
        self.shell.status.change(work=f"{message.text}{share}")

    async def on_job_done(self, message: JobDone) -> None:
        page, job = message.page, message.job
        self._clear_typed(job.number)
        self._take_preferences()
        lineage = page.lineage
        asof = "" if lineage is None or lineage.live else lineage.asof.isoformat()
        line = lineage.command if lineage is not None else job.line
        titles = tuple(panel.title for panel in page.panels)
        self.visits.add(Visit(line, asof, page.title, titles, self._repeatable(page), page))
        self.shell.status.change(work="" if not self.desk_thread.busy else self.shell.status.status.work)
        await self.show_page(page)

    async def on_job_failed(self, message: JobFailed) -> None:
        from engine.errors import AsofError, CommandError
        from terminal.failures import failure_panel

        job, error = message.job, message.error
        self.shell.status.change(work="")
        if isinstance(error, CommandError):
            await self.shell.show_fault(error.pointer())
        elif isinstance(error, AsofError):
            await self.shell.show_fault(str(error))
        else:
            self._clear_typed(job.number)
            await self.shell.show_panel("This page could not be made", failure_panel(error, job.line))
        if job.quiet and not self.shell.view.frames:
            await self.show_welcome()

    def _repeatable(self, page: Page) -> bool:
        """False for what writes or speaks of another page: it is looked at again, never run again."""
        functions = getattr(self.desk, "functions", None)
        function = functions.get(page.function) if functions is not None else None
        return function is None or not (function.changes or function.on_page)

    def _clear_typed(self, number: int) -> None:
        """Empty the command bar where it still holds the line that was run; what was typed since stays."""
        if self._entered.pop(number, None) == self.shell.bar.text:
            self.shell.bar.set_line("")

    # -- showing -----------------------------------------------------------------------------------------

    async def show_page(self, page: Page) -> None:
        """Put a page on the screen; one that cannot be drawn becomes a panel that says so."""
        self.page = page
        if self.desk is not None and not self.desk_thread.busy:
            self.desk.page = page
        try:
            await self.shell.show_page(page, self.zone)
        except Exception as error:
            from terminal.failures import failure_panel

            await self.shell.show_panel("This page could not be drawn", failure_panel(error, page.title))
        self._tell_clock()
        self.keep()

    def _tell_clock(self) -> None:
        """Banner, prompt and freshness, from the desk and the page."""
        from terminal.freshness import freshness

        desk = self.desk
        if desk is None:
            return
        self.shell.show_clock(desk.asof, self.zone, self.page)
        self.shell.bar.set_prompt(desk.security.label if desk.security is not None else "")
        self.shell.status.change(fresh=freshness(self.page, self.zone))

    def _take_preferences(self) -> None:
        if self.desk is None:
            return
        wanted = theme_name(self.desk.preferences.get("theme"))
        self.zone = getattr(self.desk, "zone", self.zone)
        if wanted != self.theme:
            self.theme = wanted

    def watch_theme(self, name: str) -> None:
        for wall in getattr(self, "_walls", ()):
            if isinstance(wall, NoColour):
                wall.ground = 0.95 if name == LIGHT else 0.05

    # -- walking -----------------------------------------------------------------------------------------

    async def _walk(self, step: int) -> None:
        visit = self.visits.step(step)
        if visit is None:
            return
        if visit.page is not None:
            await self.show_page(visit.page)
        else:
            self.run_line(visit.line, quiet=True)

    async def action_back(self) -> None:
        await self._walk(-1)

    async def action_forward(self) -> None:
        await self._walk(1)

    def action_again(self) -> None:
        """Run the page on screen again, at the clock as it stands."""
        if self.desk is None:
            self._open_again()
            return
        current = self.visits.current
        if current is not None and current.again:
            self.run_line(current.line, quiet=True)
        elif current is not None:
            self.shell.status.change(work=f"{current.line} is not run again by itself: type it")

    def _open_again(self) -> None:
        """The store could not be opened: try once more."""
        if not self.desk_thread.is_alive():
            self.desk_thread = DeskThread(self._factory, self.post_message)
            self.desk_thread.painted()
            self.desk_thread.start()

    def action_help_here(self) -> None:
        function = self.page.function if self.page is not None else ""
        self.run_line(f"HELP {function}".strip(), quiet=True)

    def recall(self, step: int) -> None:
        """Put a line typed before into the command bar."""
        bar = self.shell.bar
        if (line := self.history.step(step, bar.text)) is not None:
            bar.set_line(line)

    # -- copying, keeping, leaving -------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the selection, else the cell under the cursor. Never quits."""
        text = self.shell.get_selected_text() or getattr(self.focused, "copied_text", str)()
        if text:
            self.copy_to_clipboard(text)
            self.shell.status.change(work=f"copied {len(text):,} characters")

    def on_table_panel_chosen(self, message: TablePanel.Chosen) -> None:
        self.run_line(message.line)

    def on_why_asked(self, message: WhyAsked) -> None:
        self.run_line(message.line)

    def leave(self) -> None:
        """End the app from a signal handler or another thread."""
        loop = self._event_loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self.exit)

    def flush(self) -> None:
        """Write the workspace now, also after the screen is gone."""
        with contextlib.suppress(ScreenStackError):
            self.keep()
        if self.keeper is not None:
            self.keeper.flush()

    def keep(self) -> None:
        """Note the workspace as it stands; the keeper writes it off this thread."""
        if self.keeper is None:
            return
        desk = self.desk
        asof, security = self.workspace.asof, self.workspace.security  # until the desk is open
        if desk is not None:
            asof = desk.asof.isoformat() if desk.asof is not None else ""
            security = desk.security.label if desk.security is not None else ""
        self.keeper.keep(
            capture(self.visits, asof=asof, security=security, history=self.history.lines, theme=self.theme,
                    draft=self.shell.bar.text)
        )  # fmt: skip


def run_terminal(home: Path | None = None, line: str | None = None, asof: str | None = None) -> int:
    """Open the terminal over the store at ``home``; answers the exit status."""
    from terminal.run import run

    return run(home, line, asof)


__all__ = ["AsofApp", "run_terminal"]
