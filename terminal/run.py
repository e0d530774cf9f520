"""Starting and ending the terminal program around the app: descriptors, signals, saving, exit status."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from pathlib import Path

from terminal.app import AsofApp
from terminal.desk_thread import gentle_switching
from terminal.signals import Ending, screen_descriptor


def run(home: Path | str | None, line: str | None, asof: str | None) -> int:
    """Open the store, run the app until it ends, save, and answer the exit status."""
    gc.disable()  # a start makes many objects and no garbage; the app turns it on again after the first paint
    from store import open_store
    from terminal.backend import desk_factory, shown_place, user_name
    from terminal.workspace import load

    store = open_store(home)
    user = user_name()
    state = store.state(user)
    workspace = load(state)
    app = AsofApp(
        desk_factory(store, user, workspace),
        state=state,
        place=store.address or shown_place(store.home),
        user=user,
        line=line,
        asof=asof,
    )
    return drive(app, store.home / "logs" / f"terminal-{os.getpid()}.log")


def drive(app: AsofApp, log: Path) -> int:
    """Run ``app`` on the terminal, with standard error in ``log`` and signals that end it cleanly."""
    from terminal.driver import Terminal

    app.driver_class = Terminal
    screen = screen_descriptor()
    ending = Ending(screen)
    ending.install(app.leave, app.flush)
    gentle_switching()
    with _stderr_to(log, screen):
        clean = False
        try:
            app.run()
            clean = ending.received is None and not app.return_value and not app.return_code
        finally:
            app.flush(clean=clean)
    if app.session.error is not None:
        from terminal.exits import say

        say(f"the workspace was not saved: {app.session.error}")
    if ending.received is not None:
        ending.restore()
        return 128 + ending.received
    return app.return_value if app.return_value is not None else (app.return_code or 0)


@contextlib.contextmanager
def _stderr_to(log: Path, screen: int):  # type: ignore[no-untyped-def]
    """Draw on a descriptor of our own, and send descriptor 2 to ``log``: libraries print there at will."""
    from terminal.failures import set_log

    drawn = os.fdopen(os.dup(screen), "w", encoding="utf-8", errors="replace", closefd=True)
    kept = os.dup(2)
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o664)
    except OSError:
        target = os.open(os.devnull, os.O_WRONLY)
    set_log(log)
    before = sys.__stderr__
    os.dup2(target, 2)
    os.close(target)
    sys.__stderr__ = drawn  # type: ignore[misc] - where Textual's driver draws
    try:
        yield
    finally:
        sys.__stderr__ = before  # type: ignore[misc]
        os.dup2(kept, 2)
        os.close(kept)
        with contextlib.suppress(OSError):
            drawn.close()
        with contextlib.suppress(OSError):
            if log.stat().st_size == 0:
                log.unlink()
