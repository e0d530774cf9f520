"""Structured log of a process: one JSON line an event, one file a process, under the store's ``logs/``.

structlog costs 150 ms to import, so it comes with the first event, never before the first paint.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from engine.sanitize import clean

_NEWEST = 2000
_lock = threading.Lock()
_files: dict[Path, TextIO] = {}


def log_path(home: Path, user: str) -> Path:
    """This process's file; the user's name cannot lead out of the folder."""
    return home / "logs" / f"{_safe(user)}-{os.getpid()}.jsonl"


def _safe(user: str) -> str:
    """Two users may be alike in this: each event says whose it is."""
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in user)[:80].strip(".") or "user"


@cache
def _logger(path: Path) -> Any:
    import structlog

    path.parent.mkdir(parents=True, exist_ok=True)
    # the folder is shared and the name can be told before: no link or pipe that was put there is written through
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    file = os.fdopen(
        os.open(path, flags, 0o666), "a", encoding="utf-8", errors="backslashreplace", buffering=1
    )
    if not _files:
        atexit.register(close_logs)  # a program that ends without closing its desk closes its files
    _files[path] = file
    return structlog.wrap_logger(
        structlog.WriteLogger(file),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str),
        ],
        cache_logger_on_first_use=True,
    )


def log(home: Path, user: str, event: str, level: str = "info", **fields: Any) -> None:
    """Write one event. A log that cannot be written never stops the work it tells of."""
    try:
        with _lock:
            getattr(_logger(log_path(home, user)), level)(event, user=user, **fields)
    except (OSError, ValueError):
        _logger.cache_clear()


def close_logs() -> None:
    with _lock:
        for file in _files.values():
            file.close()
        _files.clear()
        _logger.cache_clear()


def events(home: Path, user: str, limit: int = 500) -> list[dict[str, Any]]:
    """The newest events of a user over all their processes, newest first; damaged lines are left out."""
    own_name = clean(user)
    own = re.compile(re.escape(_safe(user)) + r"-[0-9]+\.jsonl")
    files: list[tuple[float, Path]] = []
    for path in (home / "logs").glob("*.jsonl"):
        with suppress(OSError):  # gone since it was listed
            if own.fullmatch(path.name):
                files.append((path.stat().st_mtime, path))
    found: list[dict[str, Any]] = []
    for _, path in sorted(files, reverse=True)[:20]:
        with suppress(OSError):
            found += [event for event in _lines(path) if event.pop("user", own_name) == own_name]
    found.sort(key=lambda e: str(e.get("timestamp", "")), reverse=True)
    return found[:limit]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file.readlines()[-_NEWEST:]:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                yield {clean(str(k)): clean(v) if isinstance(v, str) else v for k, v in event.items()}
