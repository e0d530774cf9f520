"""Engine work beside the screen: one thread a desk, one line at a time, with progress and cancel."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from terminal.messages import DeskFailed, DeskOpened, Job, JobDone, JobFailed, JobProgress, JobStarted

if TYPE_CHECKING:
    from textual.message import Message

    from terminal.seams import DeskFactory, DeskLike

_PROGRESS_EVERY = 0.1  # seconds between two progress messages
_FIRST_PAINT = 2.0  # seconds to wait for the first paint before work starts all the same


class DeskThread(threading.Thread):
    """Opens the desk, then runs the lines given to it, and posts what came of them.

    A daemon: a program that was told to end does not wait for a line that is still running.
    """

    def __init__(self, factory: DeskFactory, post: Callable[[Message], object]) -> None:
        super().__init__(name="asof-desk", daemon=True)
        self._factory = factory
        self._post = post
        self._jobs: deque[Job] = deque()
        self._wake = threading.Condition()
        self._cancel = threading.Event()
        self._painted = threading.Event()
        self._told = 0.0
        self._number = 0
        self._stop_opening = threading.Event()
        self._idle = threading.Event()
        self.busy = False  # a line is running or waiting

    # -- called by the screen ------------------------------------------------------------------------

    def painted(self) -> None:
        """The first paint is out: heavy imports may begin."""
        self._painted.set()

    def submit(self, line: str, *, quiet: bool = False) -> Job:
        """Queue a line. It runs when the desk is open and the lines before it are done."""
        with self._wake:
            self._number += 1
            job = Job(self._number, line, quiet)
            self._jobs.append(job)
            self.busy = True
            self._idle.clear()
            self._wake.notify()
        return job

    def cancel(self) -> bool:
        """Ask the running line to stop and forget those waiting; False where nothing ran."""
        with self._wake:
            was_busy = self.busy
            self._jobs.clear()
            self._cancel.set()
        return was_busy

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
                while not self._jobs:
                    self.busy = False
                    self._idle.set()
                    self._wake.wait()
                job = self._jobs.popleft()
                self._cancel.clear()
            self._run(desk, job)

    def _open(self) -> DeskLike | None:
        try:
            desk = self._factory(self._progress, self._stop_opening.is_set)
        except BaseException as error:
            self._post(DeskFailed(error))
            with self._wake:
                self.busy = False
            self._idle.set()
            return None
        self._post(DeskOpened(desk))
        return desk

    def _run(self, desk: DeskLike, job: Job) -> None:
        self._post(JobStarted(job))
        started = time.perf_counter()
        try:
            page = desk.run(job.line, progress=self._progress, cancelled=self._cancel.is_set)
        except BaseException as error:
            self._settle()
            self._post(JobFailed(job, error))
        else:
            self._settle()
            self._post(JobDone(job, page, time.perf_counter() - started))
            self._save(desk)

    def _save(self, desk: DeskLike) -> None:
        """Keep the lines typed; what hinders that (a full disk) must not hinder the work."""
        with contextlib.suppress(Exception):
            desk.save_history()

    def _settle(self) -> None:
        with self._wake:
            self.busy = bool(self._jobs)

    def _progress(self, done: int, total: int, text: str) -> None:
        now = time.monotonic()
        if now - self._told >= _PROGRESS_EVERY or (total and done >= total):
            self._told = now
            self._post(JobProgress(text, done, total))


def gentle_switching() -> None:
    """Let the screen's thread in more often while another computes: a key waits 1 ms for its turn, not 5."""
    sys.setswitchinterval(0.001)
