"""Engine work beside the screen: one thread a desk, one line at a time, with progress and cancel."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from terminal.messages import (
    DeskFailed,
    DeskOpened,
    Edit,
    Job,
    JobDone,
    JobFailed,
    JobProgress,
    JobStarted,
    Kept,
    MadeAnew,
    SecretAsked,
    StandsNow,
)

if TYPE_CHECKING:
    from textual.message import Message

    from engine.page import Page
    from terminal.seams import DeskFactory, DeskLike, StandingLike

_PROGRESS_EVERY = 0.1  # seconds between two progress messages
_LOOKS = 2.0  # seconds between two looks at what runs beside an idle desk
_FIRST_PAINT = 2.0  # seconds to wait for the first paint before work starts all the same


class DeskThread(threading.Thread):
    """Opens the desk, then runs the lines given to it, and posts what came of them.

    A daemon: a program that was told to end does not wait for a line that is still running. What it posts are
    pages and standings, which never change: nobody else touches the desk.
    """

    def __init__(
        self, factory: DeskFactory, post: Callable[[Message], object], waiting: Iterable[Job] = ()
    ) -> None:
        super().__init__(name="asof-desk", daemon=True)
        self._factory = factory
        self._post = post
        self._jobs = deque(waiting)
        self._wake = threading.Condition()
        self._cancel = threading.Event()
        self._painted = threading.Event()
        self._told = 0.0
        self._stop_opening = threading.Event()
        self._idle = threading.Event()
        self._history_kept = True
        self.looks_every = _LOOKS
        self._working = ""  # what the screen was last told of other work
        self.asked = bool(self._jobs)  # a line was ever given to it
        self.busy = self.asked  # a line is running or waiting
        self.failed = False  # the desk could not be opened: lines are kept for the next thread

    # -- called by the screen ------------------------------------------------------------------------

    def painted(self) -> None:
        """The first paint is out: heavy imports may begin."""
        self._painted.set()

    def submit(
        self,
        line: str,
        *,
        quiet: bool = False,
        typed: str = "",
        page: Page | None = None,
        edit: Edit | None = None,
    ) -> None:
        """Queue a line. It runs when the desk is open and the lines before it are done."""
        self._queue(Job(line, quiet, typed, page, edit=edit))

    def look_again(self, shown: Page, page: Page | None = None) -> None:
        """Have the page on screen made once more. Nobody waits for that: there is nothing to cancel."""
        self._queue(Job(shown.live, quiet=True, page=page, anew=shown))

    def _queue(self, job: Job) -> None:
        with self._wake:
            self._jobs.append(job)
            self.asked = True
            self.busy = self.busy or job.anew is None
            self._idle.clear()
            self._wake.notify()

    def cancel(self) -> tuple[Job, ...] | None:
        """Ask the running line to stop; answers those waiting, which are forgotten. None where nothing ran."""
        with self._wake:
            if not self.busy:
                return None
            dropped = self.waiting
            self._jobs.clear()
            self._cancel.set()
        return dropped

    @property
    def waiting(self) -> tuple[Job, ...]:
        """Lines not begun yet, oldest first."""
        return tuple(self._jobs)

    def successor(self) -> DeskThread:
        """A thread that tries again after this one could not open the desk, and runs what waits here."""
        return DeskThread(self._factory, self._post, self.waiting)

    def stop_opening(self) -> None:
        """The program ends: loading need not go on."""
        self._stop_opening.set()

    def wait_idle(self, timeout: float) -> bool:
        """Block until the desk is open and every line has been run: for tests and for scripts."""
        return self._idle.wait(timeout)

    # -- the thread ------------------------------------------------------------------------------------

    def run(self) -> None:
        self._painted.wait(_FIRST_PAINT)
        desk = self._open()
        while desk is not None:
            with self._wake:
                if not self._jobs:
                    self.busy = False
                    self._idle.set()
                    self._wake.wait(self.looks_every)
                job = self._jobs.popleft() if self._jobs else None
                self._cancel.clear()
            if job is not None:
                self._run(desk, job)
            else:
                self._look_beside(desk)

    def _open(self) -> DeskLike | None:
        try:
            desk = self._factory(self._progress, self._stop_opening.is_set)
            standing = self._stands(desk)
        except BaseException as error:
            with self._wake:
                self.busy, self.failed = False, True
            self._post(DeskFailed(error))
            self._idle.set()
            return None
        self._post(DeskOpened(standing))
        return desk

    def _look_beside(self, desk: DeskLike) -> None:
        """Tell what runs beside the desk, where that has changed."""
        from store.errors import StoreError

        try:
            standing = desk.standing()
        except StoreError:
            return  # the next line that is typed will say what is wrong with it
        if standing.working != self._working:
            self._working = standing.working
            self._post(StandsNow(standing))

    def _run(self, desk: DeskLike, job: Job) -> None:
        if job.anew is None:
            self._post(JobStarted(job))
        try:
            if job.page is not None:
                desk.show(job.page)  # the reader went back to it
            page = desk.run(
                job.line, progress=self._progress, cancelled=self._cancel.is_set, asked=job.anew is None
            )
        except BaseException as error:
            from engine.errors import NeedsSecret

            self._settle()
            standing = self._stands(desk)
            if job.anew is not None:
                self._post(MadeAnew(job.anew, None, standing, error))
                return
            asked = isinstance(error, NeedsSecret)
            self._post((SecretAsked if asked else JobFailed)(job, error, standing))
        else:
            self._settle()
            standing = self._stands(desk)
            if job.anew is not None:
                self._post(MadeAnew(job.anew, page, standing))
                return
            self._post(JobDone(job, page, standing))
            self._save(desk)

    def _stands(self, desk: DeskLike) -> StandingLike:
        """Where the desk stands, about to be told to the screen."""
        standing = desk.standing()
        self._working = standing.working
        return standing

    def _save(self, desk: DeskLike) -> None:
        """Keep the lines typed; what hinders that (a full disk) is told, and hinders no work."""
        try:
            desk.save_history()
        except Exception as error:
            self._history_kept = False
            self._post(Kept("history", error))
        else:
            if not self._history_kept:
                self._history_kept = True
                self._post(Kept("history"))

    def _settle(self) -> None:
        with self._wake:
            self.busy = any(job.anew is None for job in self._jobs)

    def _progress(self, done: int, total: int, text: str) -> None:
        now = time.monotonic()
        if now - self._told >= _PROGRESS_EVERY or (total and done >= total):
            self._told = now
            self._post(JobProgress(text, done, total))


def gentle_switching() -> None:
    """Let the screen's thread in more often while another computes: a key waits 1 ms for its turn, not 5."""
    sys.setswitchinterval(0.001)
