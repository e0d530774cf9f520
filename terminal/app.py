"""The terminal: one analyst's keys and pages over one desk. Owns the session; knows no function."""

from __future__ import annotations

import asyncio
import gc
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from terminal import compat
from terminal.desk_thread import DeskThread
from terminal.editing import EditsForms
from terminal.eta import Eta, bar
from terminal.filters import Inert, NoColour
from terminal.following import Follows
from terminal.messages import (
    DeskFailed,
    DeskOpened,
    Edit,
    JobDone,
    JobFailed,
    JobProgress,
    JobStarted,
    Kept,
    WhyAsked,
)
from terminal.paint import Painting
from terminal.screens.page import PageScreen
from terminal.secret_entry import AsksSecrets
from terminal.session import Session
from terminal.strips import plain
from terminal.theme import DARK, LIGHT, theme_name, themes
from terminal.walking import Walks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.widget import Widget

    from engine.page import Page
    from terminal.seams import CompletionLike, DeskFactory, StandingLike, StateLike
    from terminal.widgets.progress import ProgressPanel
    from terminal.widgets.table import TablePanel

_PASSING = 5.0  # seconds for which something said in passing stands
LEAVE = frozenset({"QUIT", "EXIT", "BYE", ":Q"})


class AsofApp(AsksSecrets, EditsForms, Follows, Walks, App[int]):
    """Runs what is typed on the desk's thread and shows what comes back."""

    TITLE = "asof"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    CSS = "Chart { background: $background; }" + "".join(
        f"{kind} .chart--series-{n} {{ color: $series-{n}; }}"
        for kind in ("Chart", "CurveChart", "ScatterChart", "SurfacePanel")
        for n in range(1, 7)
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
        self.session = Session(state, lambda error: self.post_message(Kept("workspace", error)))
        self._first = (line, asof)
        self.standing: StandingLike | None = None  # None until the desk is open
        self.desk_thread = DeskThread(desk_factory, self.post_message)
        self.page: Page | None = None
        self.zone: tzinfo | None = None
        self._gone_back_to: Page | None = None  # the page on screen, where the desk's own is another
        self._covered = False  # a message stands in the page's place
        self._edits: list[str] = []
        self._dropped: list[str] = []  # lines typed ahead of one that is being cancelled
        self._loading: ProgressPanel | None = None
        self._eta = Eta()
        self._page_screen: PageScreen | None = None
        self._event_loop: asyncio.AbstractEventLoop | None = None
        self._painting = Painting()
        self._walls: list[LineFilter] = [Inert()]
        self.theme = LIGHT if self.session.begun_with.theme == LIGHT else DARK
        if self.no_color:
            self._walls.append(NoColour(dark=self.theme == DARK))

    def get_default_screen(self) -> Screen[Any]:
        current = self.session.visits.current
        title = current.title if current is not None else ""
        panels = current.panels if current is not None else ()
        screen = PageScreen(self.place, self.user, title, panels)
        screen.bar.edit.set(plain(self.session.begun_with.draft), selected=True)
        screen.bar.prompt = self.session.begun_with.security
        self._page_screen = screen
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
        """The one screen, also before it is shown and after it is gone."""
        assert self._page_screen is not None  # noqa: S101 - made at the start
        return self._page_screen

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
        self._stand(message.standing)
        line, asof = self._first
        current = self.session.visits.current
        typed_ahead = self.desk_thread.asked
        self.shell.status.change(work="")
        self._tell_clock()
        if asof:
            self.run_line(f"ASOF {asof}", quiet=True)
        if line:
            self.run_line(line, quiet=True)
        elif typed_ahead:
            return
        elif current is not None:
            self.run_line(current.line, quiet=True)
        else:
            await self.show_welcome()

    async def on_desk_failed(self, message: DeskFailed) -> None:
        from terminal.failures import unopened_panel

        self._loading = None
        self.shell.status.change(work="")
        waiting = [job.line for job in self.desk_thread.waiting if not job.quiet]
        await self._cover("The store could not be opened", unopened_panel(message.error, waiting))

    def _stand(self, standing: StandingLike) -> None:
        """Take over where the desk stands now."""
        self.standing, self.zone = standing, standing.zone
        self.theme = theme_name(standing.preferences.get("theme"))

    async def _cover(self, title: str, panel: Widget) -> None:
        """Show a message in place of the page; going back leads to the page."""
        self._covered = True
        await self.shell.show_panel(title, panel)

    async def _show_loading(self, message: JobProgress) -> None:
        from terminal.welcome import loading_panel

        self.shell.status.change(work="loading")
        if self._loading is None:
            self._loading = loading_panel()
            await self._cover("Loading market data", self._loading)
        self._loading.show(message.text, message.done, message.total)

    async def show_welcome(self) -> None:
        from terminal.welcome import welcome_panel

        await self._cover("Welcome to asof", welcome_panel())

    # -- running -----------------------------------------------------------------------------------------

    def completions(self, line: str, cursor: int) -> Sequence[CompletionLike]:
        """What could come next; nothing until the desk is open, and never an exception for a key."""
        if self.standing is None:
            return ()
        try:
            return self.standing.complete(line, cursor, 8)
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
        chosen = self.shell.numbered(int(line)) if line.isdigit() else None
        self.run_line(chosen or line, typed=line)

    def run_line(self, line: str, *, quiet: bool = False, typed: str = "", edit: Edit | None = None) -> None:
        """Queue a line for the desk's thread; ``typed`` is taken off the bar until it turns out to be at fault."""
        if self.desk_thread.failed:
            self.shell.bar.select()
            self.call_later(self.shell.show_fault, "The store is not open: Ctrl+R tries again.")
            return
        self.desk_thread.submit(line, quiet=quiet, typed=typed, page=self._gone_back_to, edit=edit)
        self._gone_back_to = None
        if typed:
            self.shell.take_line()
        if not quiet:
            self.session.history.add(line)
        if self.standing is None:
            self.shell.status.change(work=f"{line}: runs when the store is open")

    def cancel(self) -> bool:
        """Stop the running line; False where nothing runs. Opening the store is never cut short by Esc."""
        dropped = self.desk_thread.cancel() if self.standing is not None else None
        if dropped is None:
            return False
        self._dropped = [job.typed or job.line for job in dropped if not job.quiet and job.edit is None]
        self.unask(dropped)
        if self._dropped:
            self.shell.give_back(self._dropped[-1])
        self.shell.status.change(work="cancelling")
        return True

    def on_job_started(self, message: JobStarted) -> None:
        self._eta.begin()
        self.shell.status.change(work=f"running {message.job.line}")

    async def on_job_progress(self, message: JobProgress) -> None:
        if self.standing is None:
            await self._show_loading(message)
            return
        left, drawn = self._eta.told(message.done, message.total), bar(message.done, message.total)
        self.shell.status.change(work=f"{message.text} {drawn}{', ' if left else ''}{left}".rstrip())

    async def on_job_done(self, message: JobDone) -> None:
        page = message.page
        self._stand(message.standing)
        self.session.visit(page, message.job.line, again=message.standing.repeats(page.function))
        work = self._told_dropped() or (self.shell.status.status.work if self.desk_thread.busy else "")
        self.shell.status.change(work=work)
        self._gone_back_to = None
        await self.show_page(page, renewing=self.edited(message.job))

    async def on_job_failed(self, message: JobFailed) -> None:
        from engine.errors import AsofError, CommandError
        from terminal.failures import failure_panel

        job, error = message.job, message.error
        self._stand(message.standing)
        self._tell_clock()
        self.shell.status.change(work="")
        told = isinstance(error, AsofError) and self.refused(job, error)
        if told:
            self.shell.status.change(work=self._told_dropped())
        elif isinstance(error, AsofError):
            said = error.pointer() if isinstance(error, CommandError) else str(error)
            await self.shell.show_fault("\n".join(filter(None, (said, self._told_dropped()))))
            self.shell.give_back(job.typed)
        else:
            step = "Up brings the line back" if not job.quiet else "Ctrl+R runs it again"
            step = f"Nothing was changed. {step}, Alt+Left goes back to the page."
            await self._cover("This page could not be made", failure_panel(error, job.line, step))
        if job.quiet and not self.shell.view.frames:
            await self.show_welcome()

    def _told_dropped(self) -> str:
        lines, self._dropped = self._dropped, []
        count = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
        return f"{count} typed ahead dropped, the newest is on the bar: {' · '.join(lines)}" if lines else ""

    # -- showing -----------------------------------------------------------------------------------------

    async def show_page(self, page: Page, *, renewing: bool = False) -> None:
        """Put a page on the screen, ``renewing`` the one there; what cannot be drawn is a panel that says so."""
        self.page, self._covered = page, False
        self.session.worked()
        try:
            await (self.shell.renew_page if renewing else self.shell.show_page)(page, self.zone)
        except Exception as error:
            from terminal.failures import failure_panel

            step = "Its data are whole: EXPORT CSV writes them, Alt+Left goes back."
            panel = failure_panel(error, page.title, step)
            await self.shell.show_panel("This page could not be drawn", panel)
        self._tell_clock()
        self.follow(page)
        self.session.keep(self.standing, self.theme, self._draft)

    def _tell_clock(self) -> None:
        """Banner, prompt and freshness, from where the desk stands and the page."""
        from terminal.freshness import beside

        if self.standing is None:
            return
        back = self._gone_back_to
        security = back.security if back is not None and back.security is not None else self.standing.security
        self.shell.show_clock(self.standing.asof, self.zone, self.page)
        self.shell.bar.set_prompt(security.label if security is not None else "")
        self.shell.status.change(fresh=beside(self.standing.working, self.page))

    def watch_theme(self, name: str) -> None:
        for wall in getattr(self, "_walls", ()):
            if isinstance(wall, NoColour):
                wall.ground = 0.95 if name == LIGHT else 0.05

    # -- copying, keeping, leaving -------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the selection, else the cell under the cursor. Never quits."""
        text = self.shell.get_selected_text() or getattr(self.focused, "copied_text", str)()
        if text:
            self.copy_to_clipboard(text)
        self.say(f"copied {len(text):,} characters" if text else "nothing to copy · Ctrl+Q quits")

    def say(self, words: str) -> None:
        """Tell something in passing on the status line."""
        status = self.shell.status
        status.change(work=words)
        self.set_timer(_PASSING, lambda: status.change(work="") if status.status.work == words else None)

    def on_table_panel_chosen(self, message: TablePanel.Chosen) -> None:
        self.run_line(message.line)

    def on_why_asked(self, message: WhyAsked) -> None:
        self.run_line(message.line)

    def leave(self) -> None:
        """End the app from a signal handler or another thread."""
        loop = self._event_loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self.exit)

    def flush(self, *, clean: bool = False) -> None:
        """The program ends: write the workspace, also after the screen is gone. A ``clean`` end leaves no draft."""
        self.desk_thread.stop_opening()
        draft = "" if clean else self._draft
        if draft:
            self.session.worked()
        self.session.keep(self.standing, self.theme, draft)
        self.session.flush()

    @property
    def _draft(self) -> str:
        return self.shell.bar.text if self._page_screen is not None else self.session.begun_with.draft

    def on_kept(self, message: Kept) -> None:
        """What cannot be saved is told on the status line until it can."""
        self.shell.status.change(fault=self.session.note_kept(message.what, message.error))
