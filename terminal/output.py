"""Where headless pages go: the standard output as they come, or one file, whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Protocol, TextIO

from terminal.exits import UsageError, say, silence


class Output(Protocol):
    pages: int

    def write(self, text: str) -> None: ...

    def finish(self) -> None: ...


class StreamOutput:
    """Writes each page as it comes. What the stream's encoding lacks becomes a question mark, not a fault."""

    def __init__(self, stream: TextIO | None) -> None:
        if stream is None:
            raise UsageError("the standard output is closed")
        self.stream, self.pages = stream, 0
        if hasattr(stream, "reconfigure"):
            # pipes carry UTF-8 whatever the locale; a screen gets what it can show; CRLF stays CRLF
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="replace", newline="")

    def write(self, text: str) -> None:
        try:
            self.stream.write(text)
            self.stream.flush()
        except BrokenPipeError:
            raise
        except OSError as fault:  # a full disk behind a redirection
            silence()
            raise UsageError(f"cannot write to the standard output: {fault.strerror}") from fault
        self.pages += 1

    def finish(self) -> None:
        self.stream.flush()


class FileOutput:
    """Collects the pages and puts them in place in one step at the end: a failure before leaves nothing."""

    def __init__(self, path: Path) -> None:
        self.path, self.pages = path.expanduser().resolve(), 0
        self._parts: list[str] = []
        if self.path.is_dir():
            raise UsageError(f"--out {path}: that is a folder; give a file's name")
        if not self.path.parent.is_dir():
            raise UsageError(f"--out {path}: there is no folder {self.path.parent}")

    def write(self, text: str) -> None:
        self._parts.append(text)
        self.pages += 1

    def finish(self) -> None:
        content = "".join(self._parts).encode("utf-8", "replace")
        try:
            if self.path.exists() and not stat.S_ISREG(self.path.stat().st_mode):
                self.path.write_bytes(content)  # a pipe or a device is written to, never replaced
            else:
                write_atomically(self.path, content)
        except OSError as fault:
            raise UsageError(f"cannot write {self.path}: {fault.strerror}") from fault
        say(f"wrote {self.path} ({len(content):,} bytes)")


def write_atomically(path: Path, content: bytes) -> None:
    """Readers see the old file or the new one, and nothing is left behind by a failure."""
    temporary = path.with_name(f".{path.name[:200]}.{os.getpid()}.tmp")
    try:
        with temporary.open("xb") as file:
            if path.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
