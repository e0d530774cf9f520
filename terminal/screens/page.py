"""The one screen: clock, command line, page, status. Composes and routes; what to run is the app's affair."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import DescendantFocus, Key
from textual.screen import Screen
from textual.widget import Widget

from terminal.focus_keys import GENERAL, status_keys
from terminal.widgets.banner import Banner, clocks_of
from terminal.widgets.command_bar import CommandBar
from terminal.widgets.page_lines import PageFoot, PageHead
from terminal.widgets.page_view import PageView, framed
from terminal.widgets.status import Status, StatusLine

if TYPE_CHECKING:
    from engine.page import Page
    from terminal.app import AsofApp
    from terminal.widgets.completion import Completion
    from terminal.widgets.error_box import ErrorBox


class PageScreen(Screen[None]):
    """Few widgets at the first paint: what only some keys need is mounted when the first of them comes."""

    app: AsofApp
    AUTO_FOCUS = "CommandBar"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+left,ctrl+o", "app.back", show=False, priority=True),
        Binding("alt+right,ctrl+n", "app.forward", show=False, priority=True),
        Binding("ctrl+r,f5", "app.again", show=False, priority=True),
        Binding("ctrl+c,super+c", "app.copy", show=False, priority=True),
        Binding("ctrl+l", "app.redraw", show=False, priority=True),
        Binding("f1", "app.help_here", show=False),
        Binding("f2", "notes", show=False),
        Binding("escape", "leave", show=False),
        Binding("tab", "next_panel(1)", show=False),
        Binding("shift+tab", "next_panel(-1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
    ]

    def __init__(self, place: str, user: str, title: str, panels: tuple[str, ...]) -> None:
        super().__init__()
        self.banner = Banner()
        self.bar = CommandBar(self.line_changed)
        self.head = PageHead(title)
        self.view = PageView()
        self.view.placeholder = panels
        self.foot = PageFoot()
        self.status = StatusLine(Status(place=place, user=user, keys=GENERAL))
        self._completion: Completion | None = None
        self._error: ErrorBox | None = None

    def compose(self) -> ComposeResult:
        yield self.banner
        yield self.bar
        yield self.head
        yield self.view
        yield self.foot
        yield self.status

    # -- what the app tells the screen -------------------------------------------------------------------

    async def show_page(self, page: Page, zone: tzinfo | None) -> None:
        """Lay out another page; focus goes back to the command bar."""
        loaded = page.security.label if page.security is not None else ""
        self.head.show(page.title, page.notes, "" if page.title.startswith(loaded) else loaded)
        self.foot.show(page, zone)
        self.set_focus(self.bar, scroll_visible=False)
        await self.view.show([framed(panel, zone) for panel in page.panels])

    async def renew_page(self, page: Page, zone: tzinfo | None) -> None:
        """A page that changes by itself as it is now: focus, cursor and scroll position stay where they are."""
        self.head.renew(page.title, page.notes)
        self.foot.show(page, zone)
        await self.view.renew(page.panels, zone)

    async def show_panel(self, title: str, panel: Widget) -> None:
        """One widget in place of a page: a failure, progress, the welcome."""
        from terminal.widgets.frame import Frame

        self.head.show("", ())
        self.foot.show(None, None)
        await self.view.show([Frame("message", title, panel)])

    def show_clock(self, asof: datetime | None, zone: tzinfo | None, page: Page | None) -> None:
        self.banner.show(clocks_of(asof, page.lineage if page is not None else None), zone)

    async def show_fault(self, text: str) -> None:
        """Say below the line what is wrong with it."""
        if self._error is None:
            await self.furnish()
        assert self._error is not None  # noqa: S101 - furnish put it there
        self._error.show(text)
        self.close_completion()

    def take_line(self) -> None:
        """The line on the bar runs: the bar is free for the next."""
        if self._error is not None:
            self._error.close()
        self.bar.set_line("")

    def give_back(self, line: str) -> None:
        """Put a line that came to nothing back on the bar, unless another was begun meanwhile."""
        if not self.bar.text:
            self.bar.set_line(line, selected=True)

    async def furnish(self) -> None:
        """After the first paint: mount what typing will need."""
        from terminal.widgets.completion import Completion
        from terminal.widgets.error_box import ErrorBox

        self._completion, self._error = Completion(), ErrorBox()
        await self.mount_all([self._completion, self._error], after=self.bar)

    def numbered(self, number: int) -> str | None:
        """The command of a numbered row in the table or grid worked in; None leaves the number to the desk."""
        figures = [f.figure for f in self.view.frames if hasattr(f.figure, "choose_number")]
        worked_in = max((f for f in figures if f.visited), key=lambda figure: figure.visited, default=None)
        return worked_in.choose_number(number) if worked_in is not None and number < 90 else None

    # -- completion --------------------------------------------------------------------------------------

    def line_changed(self) -> None:
        """The line or its cursor moved: its fault is gone, and other completions hold."""
        if self._error is not None:
            self._error.close()
        self.complete()

    def complete(self) -> None:
        """Offer what could come next for the line as it stands."""
        bar = self.bar
        rows = self.app.completions(bar.text, bar.edit.cursor) if bar.text.strip() else ()
        if self._completion is not None:
            self._completion.show(rows, bar.lead)

    def close_completion(self) -> bool:
        """True where it was open."""
        was_open = self._completion is not None and self._completion.is_open
        if self._completion is not None:
            self._completion.close()
        return was_open

    def on_completion_picked(self, message: Completion.Picked) -> None:
        self.bar.set_line(message.row.insert)
        self.set_focus(self.bar, scroll_visible=False)
        self.complete()

    def _enter(self, line: str) -> None:
        """Run a line; one that a key was typed into is neither run nor kept."""
        from engine.secret_lines import REFUSED, holds_secret

        if holds_secret(line):
            self.take_line()
            self.call_later(self.show_fault, REFUSED)
            return
        self.app.enter(line)

    # -- keys --------------------------------------------------------------------------------------------

    def on_command_bar_pressed(self, message: CommandBar.Pressed) -> None:
        menu = self._completion if self._completion is not None and self._completion.is_open else None
        key = message.key
        if key == "question_mark":
            self.app.action_help_here()
        elif key == "enter":
            chosen = menu.chosen if menu is not None else None
            line = chosen.insert if chosen is not None else self.bar.text
            self.close_completion()
            self._enter(line)
        elif key == "tab":
            if menu is not None:
                self._accept(menu)
            else:
                self.action_next_panel(1)
        elif menu is not None and (key == "down" or menu.cursor is not None):
            menu.move(1 if key == "down" else -1)
        else:
            self.app.recall(-1 if key == "up" else 1)

    def _accept(self, menu: Completion) -> None:
        row = menu.chosen or menu.rows[0]
        self.bar.set_line(row.insert)
        self.complete()

    def on_key(self, event: Key) -> None:
        """Keys that no panel took: typing goes to the command bar from anywhere."""
        if self.focused in (None, self.bar) and self.bar.seen is not event and event.key != "escape":
            self.bar.on_key(event)  # typed before the first frame gave the bar the focus: no key is lost
            return
        if self.bar.has_focus or event.key in self.active_bindings:
            return
        if event.character == "?":
            event.stop()
            self.app.action_help_here()
        elif event.character == "/":
            event.stop()
            self.set_focus(self.bar, scroll_visible=False)
        elif event.is_printable and event.character and event.character.isalnum():
            event.stop()
            self.set_focus(self.bar, scroll_visible=False)
            self.bar.insert(event.character)

    async def action_leave(self) -> None:
        """Esc: cancel what runs, else close what is open, else clear, else to the command bar, else up."""
        if self.app.cancel():
            return
        if self.close_completion():
            return
        fault = self._error is not None and self._error.display
        if self._error is not None:
            self._error.close()
        if self.bar.text and (self.bar.edit.selected or not fault):
            if self.bar.edit.selected:
                self.app.session.history.add(self.bar.text)  # Up brings it back
            self.bar.set_line("")
        elif fault:
            return
        elif not self.bar.has_focus:
            self.set_focus(self.bar, scroll_visible=False)
        else:
            await self.app.action_back()

    def action_notes(self) -> None:
        """F2: all notes of the page, or the most urgent of them."""
        self.head.toggle()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The status line tells the keys of what is worked in."""
        keys = status_keys(event.widget)
        self.status.change(keys=keys, keys_first=keys is not GENERAL)

    def _stops(self) -> list[Widget]:
        panels = [
            frame.figure for frame in self.view.frames if frame.figure is not None and frame.figure.can_focus
        ]
        return [self.bar, *panels]

    def action_next_panel(self, step: int) -> None:
        """Tab: the command bar, then every panel, and round."""
        self.close_completion()
        stops = self._stops()
        at = stops.index(self.focused) if self.focused in stops else 0
        stop = stops[(at + step) % len(stops)]
        if (entered := getattr(stop, "entered", None)) is not None:
            entered(step)
        self.set_focus(stop)

    def action_page(self, direction: int) -> None:
        """PageUp and PageDown scroll the page while the command bar has the focus."""
        if self.view.max_scroll_y:
            (self.view.scroll_page_down if direction > 0 else self.view.scroll_page_up)(animate=False)
            return
        for frame in self.view.frames:
            page = getattr(frame.figure, "action_page", None)
            if page is not None:
                page(direction)
                return
            if frame.figure is not None and frame.figure.max_scroll_y:
                figure = frame.figure
                (figure.scroll_page_down if direction > 0 else figure.scroll_page_up)(animate=False)
                return
