"""What the exit codes mean, and how a failure is told: on stderr, with a pointer, never with a crash."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


class Exit(IntEnum):
    """Exit codes of ``asof``; README and ``--help`` list them."""

    OK = 0
    FAULT = 1  # a fault of the program itself
    USAGE = 2  # a command or an option that cannot be run
    NO_DATA = 3  # nothing in the store, or not known at that clock
    STORE = 4  # the store cannot be opened, is damaged or busy
    INTERRUPTED = 130  # Ctrl-C, or the work was cancelled


class UsageError(Exception):
    """Options that make no sense together, or a file that cannot be read or written."""


def guarded(work: Callable[[], int]) -> int:
    """Run ``work``; every failure becomes a message on stderr and an exit code."""
    if sys.stderr is None:  # closed by the caller: there is nobody to tell
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - kept till the end
    try:
        code = work()
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        say("interrupted")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        silence()  # the reader of the pipe has what it wanted
        return Exit.OK
    except SystemExit:
        raise
    except BaseException as fault:  # also a library's panic, which is no Exception
        message, code = told(fault)
        say(message)
    return int(code)


def silence() -> None:
    """Nothing more can be written to the standard output; without this, Python complains again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def told(fault: BaseException) -> tuple[str, Exit]:
    """The message and the exit code of a failure."""
    from engine.errors import Cancelled, CommandError, DataError, NeedsSecret, NotKnownThen
    from store.errors import Interrupted, StoreError

    if isinstance(fault, UsageError):
        return str(fault), Exit.USAGE
    if isinstance(fault, CommandError):
        return fault.pointer(), Exit.NO_DATA if isinstance(fault, NotKnownThen) else Exit.USAGE
    if isinstance(fault, NeedsSecret):
        return f"{fault} A script has none: asof keys set, alone, asks for it.", Exit.USAGE
    if isinstance(fault, Cancelled | Interrupted):
        return str(fault) or "cancelled", Exit.INTERRUPTED
    if isinstance(fault, StoreError) or isinstance(fault.__cause__, StoreError):
        return str(fault), Exit.STORE
    if isinstance(fault, DataError):
        return str(fault), Exit.NO_DATA
    import traceback

    return "a fault of the program itself:\n" + "".join(traceback.format_exception(fault)), Exit.FAULT


def say(message: str) -> None:
    """Tell the user on stderr; names inside messages are outside text, and made inert."""
    from engine.sanitize import clean

    try:
        text = f"asof: {clean(message, newlines=True)}\n"
        encoding = sys.stderr.encoding or "utf-8"
        sys.stderr.write(text.encode(encoding, "replace").decode(encoding))
        sys.stderr.flush()
    except (OSError, ValueError):  # stderr is closed: there is nobody to tell
        pass
