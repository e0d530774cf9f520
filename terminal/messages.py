"""What threads beside the screen, and widgets on it, tell the app. Payloads are not changed after posting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from textual.widget import Widget

    from engine.errors import NeedsSecret
    from engine.page import Page
    from terminal.seams import StandingLike
    from terminal.widgets.form import FormPanel


@dataclass(frozen=True, slots=True)
class Edit:
    """The field that a line was made by: where its page, or its fault, is shown."""

    form: FormPanel
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Job:
    """One line for the desk to run. ``quiet`` jobs restore a workspace and are no lines of the reader's."""

    line: str
    quiet: bool = False
    typed: str = ""  # what the command bar held, to be given back where the line is at fault
    page: Page | None = None  # what was on screen, where the reader had gone back to it
    anew: Page | None = None  # the page on screen that this shows once more: nobody asked for it
    edit: Edit | None = None  # the assumption that was changed on the screen


@dataclass
class DeskOpened(Message):
    """The desk is there: completion and commands work from now on."""

    standing: StandingLike


@dataclass
class DeskFailed(Message):
    """The desk could not be opened."""

    error: BaseException


@dataclass
class JobStarted(Message):
    job: Job


@dataclass
class JobProgress(Message):
    """How far the running work is; only the newest one matters."""

    text: str
    done: int = 0
    total: int = 0

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, JobProgress)


@dataclass
class JobDone(Message):
    job: Job
    page: Page
    standing: StandingLike


@dataclass
class JobFailed(Message):
    job: Job
    error: BaseException
    standing: StandingLike


@dataclass
class MadeAnew(Message):
    """The page on screen was made once more, by itself; or could not be."""

    old: Page
    new: Page | None
    standing: StandingLike
    error: BaseException | None = None


@dataclass
class StandsNow(Message):
    """What runs beside the desk has changed while nobody typed."""

    standing: StandingLike


@dataclass
class SecretAsked(Message):
    """The line goes on only with a secret, typed into masked fields."""

    job: Job
    error: NeedsSecret
    standing: StandingLike


@dataclass
class Kept(Message):
    """Whether something of the session could be saved: "workspace" or "history"."""

    what: str
    error: Exception | None = None


class WhyAsked(Message):
    """A cell is to be explained: ``where`` is the figure's own row, from 1, or a session's date."""

    def __init__(self, figure: Widget, where: str, column: str) -> None:
        super().__init__()
        self.figure, self.where, self.column = figure, where, column

    @property
    def line(self) -> str:
        """The command that explains it, naming the panel where the page has several."""
        from engine.words import quote
        from terminal.widgets.frame import Frame

        frame = next((a for a in self.figure.ancestors if isinstance(a, Frame)), None)
        several = frame is not None and frame.parent is not None and len(frame.parent.children) > 1
        panel = f" PANEL={frame.name}" if frame is not None and several else ""
        column = quote(
            self.column, always=not self.column.isidentifier()
        )  # "2008" is no row, "0.95" no number
        return f"WHY {self.where} {column}{panel}"
