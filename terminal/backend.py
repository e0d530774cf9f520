"""The real things behind the seams: the store, its embedded data, the desk."""

from __future__ import annotations

import contextlib
import os
import pwd
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store import Store
    from terminal.seams import Cancelled, DeskFactory, DeskLike, Progress
    from terminal.workspace import Workspace


PROGRAM = (sys.executable, "-P", "-m", "terminal.cli")  # asof again, whatever folder one stands in


def user_name() -> str:
    """Who works here, as the system knows it: an environment may say anything, and documents are the user's own."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a user without a name, as in a container
        return f"user-{os.getuid()}"


def shown_place(home: Path) -> str:
    """The store's folder, short enough for the status line."""
    with contextlib.suppress(ValueError, RuntimeError):
        home = Path("~") / home.relative_to(Path.home())
    text = str(home)
    return text if len(text) <= 32 else "…/" + "/".join(home.parts[-2:])


def desk_factory(store: Store, user: str, workspace: Workspace) -> DeskFactory:
    """Opens the desk: imports what is heavy, loads the embedded data the first time, restores clock and security."""

    def open_desk(progress: Progress, cancelled: Cancelled) -> DeskLike:
        from engine.desk import Desk
        from engine.version import VERSION
        from providers.embedded import embedded_loaded, load_embedded
        from providers.routing import open_router
        from terminal.html_pages import RENDERERS
        from terminal.upkeep import compact_if_due

        if not embedded_loaded(store):
            load_embedded(store, progress=progress, cancelled=cancelled)
        with contextlib.suppress(OSError):
            compact_if_due(store)
        router = open_router(store, user, version=VERSION)
        desk = Desk(store, user, router=router, program=PROGRAM, renderers=RENDERERS)
        if (clock := workspace.clock) is not None and clock <= desk.clock():
            desk.asof = clock
        directory = desk.directory()
        ticker, _, market = workspace.security.partition(" ")
        if ticker:
            with contextlib.suppress(Exception):  # unknown at this clock, or renamed since
                desk.load(directory.resolve(ticker, market or None).security.ref)
        return desk

    return open_desk
