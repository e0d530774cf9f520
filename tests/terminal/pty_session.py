"""The app on the fake desk in a real pty: what it writes, and how it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from pathlib import Path

import pyte

HERE = Path(__file__).parent
SCRIPT = str(HERE / "fake_program.py")


class Session:
    """A program in a pty, its bytes kept, its screen kept by a terminal emulator."""

    def __init__(
        self, *argv: str, size: tuple[int, int] = (120, 36), under: tuple[str, ...] = (), **environ: str
    ) -> None:
        """``under``: a command that the program is started by, which then leads the session."""
        self.size = size
        self.screen = pyte.Screen(*size)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            base = {
                name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLORTERM")
            }
            env = {**base, "TERM": "xterm-256color", **environ}
            command = [*under, sys.executable, SCRIPT, *argv]
            os.execvpe(command[0], command, env)  # noqa: S606
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.attributes = termios.tcgetattr(self.fd)

    def read(self, timeout: float) -> bool:
        if not select.select([self.fd], [], [], timeout)[0]:
            return False
        with contextlib.suppress(OSError):
            got = os.read(self.fd, 65536)
            self.raw += got
            self.stream.feed(got)
            return bool(got)
        return False

    def wait_for(self, text: str, timeout: float = 20) -> None:
        """Until ``text`` stands on the screen."""
        deadline = time.monotonic() + timeout
        while text not in self.text:
            assert time.monotonic() < deadline, f"{text!r} never came:\n{self.text}"
            self.read(0.2)

    def send(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def settle(self, calm: float = 0.25) -> None:
        while self.read(calm):
            pass

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_end(self, timeout: float = 5) -> tuple[int, float]:
        """The exit status (negative: a signal) and the seconds it took."""
        started = time.monotonic()
        while time.monotonic() - started < timeout:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status), time.monotonic() - started
            if not self.read(0.02):
                time.sleep(0.005)
        raise AssertionError("the program does not end")

    def close(self) -> None:
        if self.pid:
            with contextlib.suppress(OSError):
                os.kill(self.pid, 9)
                os.waitpid(self.pid, 0)
        with contextlib.suppress(OSError):
            os.close(self.fd)
