"""A fault told to the reader and kept in the log: what happened, why, and what to do next."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from terminal.widgets.message import MessagePanel

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOG: list[Path] = []


def set_log(path: Path) -> None:
    """Where faults are written from now on."""
    _LOG[:] = [path]


def log_failure(error: BaseException, line: str) -> Path | None:
    """Append the traceback to the log; the log's own failure is swallowed, for there is nobody left to tell."""
    if not _LOG:
        return None
    try:
        with _LOG[0].open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now(UTC).isoformat()} {line!r}\n")
            log.writelines(traceback.format_exception(error))
    except OSError:
        return None
    return _LOG[0]


def failure_panel(error: BaseException, line: str, next_step: str) -> MessagePanel:
    """A panel for a failure that no line is at fault for: what happened, why, what to do next."""
    from engine.errors import AsofError
    from store.errors import StoreError

    log = log_failure(error, line)
    if isinstance(error, (AsofError, StoreError)):
        what, why = str(error), ""  # written for the reader
    else:
        what = f"{line or 'The work'} failed."
        why = f"{type(error).__name__}: {error}"
    steps = [next_step]
    if log is not None:
        steps.append(f"The whole story is in {log}")
    return MessagePanel(what, why, "\n".join(steps))


def unopened_panel(error: BaseException, waiting: Sequence[str]) -> MessagePanel:
    """The store could not be opened; ``waiting`` lines were typed while it was tried."""
    step = "Ctrl+R tries again, Ctrl+Q quits."
    if waiting:
        count = "1 line waits" if len(waiting) == 1 else f"{len(waiting)} lines wait"
        step += f"\n{count} until it is open: {', '.join(waiting)}"
    return failure_panel(error, "Opening the store", step)
