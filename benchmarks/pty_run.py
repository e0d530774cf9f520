"""A program in a real pty, its output timed: shared by the terminal's benchmarks. Needs nothing but Python."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence


class PtyRun:
    """Starts a program in a pty of a size and reads what it writes."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 40,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "", **(environ or {})}
            env.pop("NO_COLOR", None)
            os.execvpe(argv[0], list(argv), env)  # noqa: S606 - the benchmark's own command
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.output = b""

    def wait_for(self, marker: bytes, timeout: float = 20.0) -> float:
        """Seconds from the start until ``marker`` was written (it must not be on screen before)."""
        seen = 0
        while time.perf_counter() - self.started < timeout:
            if marker in self.output[seen:]:
                return time.perf_counter() - self.started
            seen = max(0, len(self.output) - len(marker))
            self._read(0.5)
        raise TimeoutError(f"{marker!r} did not appear; the last bytes: {self.output[-400:]!r}")

    def send(self, keys: bytes) -> None:
        os.write(self.fd, keys)

    def answer(self, keys: bytes, *, first: float = 1.0, calm: float = 0.06) -> tuple[float | None, int]:
        """Send ``keys``; seconds to the last byte of the answer, and its bytes. None where nothing came."""
        before = len(self.output)
        sent = time.perf_counter()
        self.send(keys)
        last: float | None = None
        while self._read(first if last is None else calm):
            last = time.perf_counter() - sent
        return last, len(self.output) - before

    def settle(self, calm: float = 0.3) -> None:
        """Read until the program has been silent for a while."""
        while self._read(calm):
            pass

    def _read(self, timeout: float) -> bool:
        if not select.select([self.fd], [], [], timeout)[0]:
            return False
        with contextlib.suppress(OSError):
            self.output += (got := os.read(self.fd, 65536))
            return bool(got)
        return False

    def close(self) -> None:
        """End the program, politely first."""
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGTERM)
        deadline = time.perf_counter() + 2
        while time.perf_counter() < deadline:
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    break
                self._read(0.02)
                continue
            break
        else:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
