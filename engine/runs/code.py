"""Strategies written in Python by the user: where they lie, and the source that a run was made with.

A run's command names the source by its SHA-256, and the source is kept beside the user's strategies when it first
runs, so that the run can be opened again after the file changed. Nobody's code runs on another's desk unasked: a
colleague's run opens once the same source lies in one's own folder.
"""

from __future__ import annotations

import os
import re
import uuid
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError

if TYPE_CHECKING:
    from engine.backtest.inputs import Code
    from engine.context import Context

_SAFE = re.compile(r"[^A-Za-z0-9._-]+")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LARGEST = 1_000_000


def folder(context: Context) -> Path:
    """Where the user's strategies lie."""
    return folder_of(context.desk.store.home, context.user)


def folder_of(home: Path, user: str) -> Path:
    """The same of a user by name; one that no folder can have goes with its digest: no two users share a folder."""
    name = _SAFE.sub("-", user).strip("-.")[:80] or "user"
    if name != user:
        name = f"{name}-{sha256(user.encode()).hexdigest()[:8]}"
    return home / "strategies" / name


def read_code(context: Context, name: str, parameters: str | None, digest: str | None) -> Code:
    """The strategy NAME.py of the user's folder, or the source of ``digest`` as it was when it ran.

    Raises
    ------
    CommandError
        No such file, or a name or parameters that cannot be.
    DataError
        The source of ``digest`` is not there any more, or was never this user's.
    """
    from engine.backtest.inputs import Code

    if not name.isidentifier():
        raise CommandError(
            f"{name} is no name of a strategy: FILE=momentum reads momentum.py in {folder(context)}.", argument="file"
        )  # fmt: skip
    source = _kept(context, name, digest) if digest else _current(context, name)
    return Code(name, source.decode("utf-8-sig", "replace"), parameters_of(parameters))


def keep(context: Context, code: Code) -> str:
    """Keeps a source that runs, whole or not at all; its SHA-256."""
    content = code.source.encode()
    digest = sha256(content).hexdigest()
    kept = folder(context) / ".kept"
    path = kept / f"{digest}.py"
    if not path.exists():
        kept.mkdir(parents=True, exist_ok=True)
        half = kept / f".{uuid.uuid4().hex}.tmp"
        half.write_bytes(content)
        os.replace(half, path)
    return digest


def _current(context: Context, name: str) -> bytes:
    from engine.backtest.strategy import listed

    where = folder(context)
    names = listed(where)
    if name not in names:
        names = tuple(sorted({*names, *(each.stem for each in where.glob("*.rules"))}))
        from difflib import get_close_matches

        near = get_close_matches(name, names, n=1)
        there = f"the nearest is {near[0]}" if near else f"there are {', '.join(names) or 'none yet'}"
        named = "".join(f"{ref.ticker} " for ref in context.securities)
        raise CommandError(
            f"No strategy is called {name}: {there}. A strategy is a file NAME.py or NAME.rules in {where}; HELP "
            "BACKTEST has one of each.",
            argument="file", suggestions=tuple(f"BACKTEST {named}FILE={each}" for each in near),
        )  # fmt: skip
    return _read(where / f"{name}.py")


def _kept(context: Context, name: str, digest: str) -> bytes:
    where = folder(context)
    if not _DIGEST.fullmatch(digest):
        raise CommandError("CODE= is the SHA-256 of a strategy's source, 64 hex digits.", argument="code")
    for path in (where / ".kept" / f"{digest}.py", where / f"{name}.py"):
        if path.is_file():
            source = _read(path)
            if sha256(source.decode("utf-8-sig", "replace").encode()).hexdigest() == digest:
                return source
    raise DataError(
        f"The source of {name} as it was in that run ({digest[:12]}) is not among your strategies. Code of others is "
        f"not run unasked: put the same file as {name}.py into {where}, and the run opens again."
    )


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise DataError(f"{path} has more than {_LARGEST:,} bytes: that is no strategy.")
        return path.read_bytes()
    except OSError as fault:
        raise DataError(f"{path} cannot be read: {fault.strerror}.") from fault


def parameters_of(text: str | None) -> dict[str, str]:
    """Parameters by name, as typed.

    Raises
    ------
    CommandError
        A part that is no name and value.
    """
    found: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in (text or "").split(","))):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not equals or not name.isidentifier() or not value:
            raise CommandError(
                f"{part} is no parameter: PARAMETERS=sessions=120,names=3 gives each by its name.",
                argument="parameters",
            )
        found[name] = value
    return found
