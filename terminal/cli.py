"""The ``asof`` command. Imports next to nothing, so that ``--version`` and the first paint are not kept waiting."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # type checkers take it for typing's, whose import would cost as much as all the rest
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias

    from terminal.arguments import Options
    from terminal.headless import OpenDesk

    RunTerminal: TypeAlias = Callable[..., Any]


# Verbs with words and options of their own, in small letters: BACKFILL is a function, and may be a ticker. The
# module's ``run(words)`` answers the exit code.
VERBS = {
    "backfill": "terminal.backfilling",
    "update": "terminal.backfilling",
    "import": "terminal.importing",
    "sweep": "terminal.sweeping",
}


def main(
    argv: Sequence[str] | None = None,
    *,
    open_desk: OpenDesk | None = None,
    run_terminal: RunTerminal | None = None,
) -> int:
    """Run ``argv`` and answer the exit code (``terminal.exits``). Desk and terminal can be handed in."""
    words = sys.argv[1:] if argv is None else list(argv)
    if words == ["--version"]:
        from engine.version import VERSION

        sys.stdout.write(f"asof {VERSION}\n")
        return 0
    from terminal.exits import guarded

    one_thread()
    return guarded(lambda: _dispatch(words, open_desk, run_terminal))


def one_thread() -> None:
    """Have linear algebra take one thread, unless the environment says otherwise; before numpy is loaded.

    Its pools spin on the many small problems of quant functions: a hidden Markov model took 3.5 times the processor
    on two threads. A box is shared, and keys are answered beside.
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def _dispatch(words: list[str], open_desk: OpenDesk | None, run_terminal: RunTerminal | None) -> int:
    from terminal.arguments import HELP, parse_arguments

    if not words and _has_screen():  # the usual start, by the shortest way
        return _open_terminal(None, run_terminal)
    if words and words[0] in VERBS:
        from importlib import import_module

        return int(import_module(VERBS[words[0]]).run(words))
    options = parse_arguments(words)
    if options.help:
        sys.stdout.write(HELP)
        return 0
    if options.version:
        return main(["--version"])
    if options.verb == "store":
        from terminal.admin import run_admin

        return run_admin(options)
    if options.verb == "audit":
        from terminal.audit import run_audit

        return run_audit(options)
    seen = None
    if options.verb == "open":
        from terminal.reopening import reopen

        options, file = reopen(options)
        seen = file.compare
    if options.verb == "line" and not options.headless and _has_screen():
        return _open_terminal(options, run_terminal)
    if options.verb == "line" and not options.line:
        from terminal.exits import UsageError

        raise UsageError('the terminal needs a screen; here, give a command: asof "AAPL GP" --text')
    from terminal import headless

    opener = open_desk or headless.open_desk
    if options.verb == "run":
        return headless.run_script(options, opener)
    return headless.run_line(options, opener, seen)


def _open_terminal(options: Options | None, run_terminal: RunTerminal | None) -> int:
    if run_terminal is None:
        from terminal.run import run as opened

        run_terminal = opened
    home, line, asof = (options.home, options.line, options.asof) if options else (None, None, None)
    return int(run_terminal(home=home, line=line or None, asof=asof) or 0)


def _has_screen() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


if __name__ == "__main__":
    sys.exit(main())
