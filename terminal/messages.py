"""What the threads beside the screen tell it. Payloads are not changed after posting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from engine.page import Page
    from terminal.seams import DeskLike


@dataclass(frozen=True, slots=True)
class Job:
    """One line for the desk to run. ``quiet`` jobs restore a workspace and leave the command bar alone."""

    number: int
    line: str
    quiet: bool = False


@dataclass
class DeskOpened(Message):
    """The desk is there: completion and commands work from now on."""

    desk: DeskLike
    first_run: bool = False


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
    seconds: float


@dataclass
class JobFailed(Message):
    job: Job
    error: BaseException
