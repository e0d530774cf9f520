"""EXPORT: the page on screen as a file."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError
from engine.function import Args, Argument, Function, Kind
from engine.page import Note, Page

if TYPE_CHECKING:
    from engine.context import Context

_SAFE = re.compile(r"[^A-Za-z0-9._-]+")


def run(context: Context, args: Args) -> Page:
    from engine.encode import encode

    page = context.page
    assert page is not None  # noqa: S101 - the desk runs on_page functions only with a page
    if args["format"] is None:
        raise CommandError("EXPORT needs a format.", suggestions=("EXPORT CSV", "EXPORT JSON"))
    form = args["format"].lower()
    path = target(context.desk.store.home / "exports" / safe_name(context.user), page, form, args["file"])
    write_whole(path, encode(page, form))
    return replace(page, notes=(*page.notes, Note(f"Saved as {path}")))


def safe_name(text: str) -> str:
    """``text`` as one part of a path, which cannot leave its folder."""
    return _SAFE.sub("-", text).strip("-.")[:80] or "page"


def target(folder: Path, page: Page, form: str, name: str | None) -> Path:
    """Where the page goes: a bare name into the exports folder, a path with a slash where it says.

    Without a name the file is called after the page and its clock, and never replaces another.

    Raises
    ------
    CommandError
        A folder that does not exist, or a path that is a folder.
    """
    suffix = f".{form}"
    if name and ("/" in name or name.startswith("~")):
        path = Path(name).expanduser()
        path = path if path.suffix else path.with_suffix(suffix)
        if path.is_dir() or not path.parent.is_dir():
            raise CommandError(f"{path} is a folder, or its folder does not exist.")
        return path.resolve()
    if name:
        clean = safe_name(name)
        return folder / (clean if clean.endswith(suffix) else clean + suffix)
    lineage = page.lineage
    stem = "-".join(
        part
        for part in (
            page.security.ticker if page.security else "",
            page.function,
            f"{lineage.asof:%Y%m%d}" if lineage else "",
            lineage.snapshot_id if lineage else "",
        )
        if part
    )
    return folder / (safe_name(stem) + suffix)


def write_whole(path: Path, text: str) -> None:
    """All of the text or nothing: a temporary file beside it, then a rename."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".export-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            Path(temporary).chmod(0o664)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as fault:
        raise DataError(f"Could not write {path}: {fault.strerror or fault}. Nothing was saved.") from fault


FUNCTIONS = (
    Function(
        "EXPORT",
        "save this page as CSV or JSON",
        run,
        arguments=(
            Argument("format", Kind.CHOICE, "file format", None, choices={"CSV": (), "JSON": ()}),
            Argument("file", Kind.TEXT, "a name, or a path with a slash in it"),
        ),
        on_page=True,
        changes=True,
        examples=(
            ("EXPORT CSV", "into the store's exports folder; the page says where"),
            ("EXPORT JSON apple", "under a name"),
            ("EXPORT CSV ./apple.csv", "where you are"),
        ),
        about=(
            "JSON carries the clock, the page's id, the command, every read and the sources. CSV is values alone, "
            "for other programs to read."
        ),
        order=6,
    ),
)
