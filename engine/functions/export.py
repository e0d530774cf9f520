"""EXPORT: the page on screen as a file."""

from __future__ import annotations

import os
import re
import stat
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError
from engine.function import Args, Argument, Function, Kind
from engine.page import Note, Page

if TYPE_CHECKING:
    from engine.context import Context

_SAFE = re.compile(r"[^A-Za-z0-9._-]+")
_REPLACE = re.compile(r"(.*\S)\s+REPLACE", re.IGNORECASE | re.DOTALL)
_NEW = 0o666  # less what the user's own umask takes


@dataclass(frozen=True, slots=True)
class Target:
    """Where a page goes: the first of ``paths`` that is free, or the only one where it may ``replace``."""

    paths: Iterator[Path]
    replace: bool = False
    own: bool = False  # lies in the user's exports folder, whose mode it follows


def run(context: Context, args: Args) -> Page:
    page = context.page
    assert page is not None  # noqa: S101 - the desk runs on_page functions only with a page
    if args["format"] is None:
        suggestions = ("EXPORT HTML", "EXPORT CSV", "EXPORT JSON")
        raise CommandError("EXPORT needs a format.", suggestions=suggestions)
    form, name, may = args["format"].lower(), args["file"], args["replace"] is not None
    if args["scope"] is not None and form != "html":
        raise CommandError(
            "A whole workspace is one HTML file; CSV and JSON hold one page.",
            suggestions=("EXPORT HTML WORKSPACE",),
            argument="scope",
        )
    if name and (found := _REPLACE.fullmatch(name)):  # the rest of the line, without quotes
        name, may = found[1], True
    folder = context.desk.store.home / "exports" / safe_name(context.user)
    lasting = tuple(note for note in page.notes if not note.passing)  # not where an earlier export went
    page = replace(page, notes=lasting)
    whole = "workspace" if args["scope"] is not None else ""
    where = target(
        folder, page, form, name, may=may, stem=whole
    )  # a name that cannot be is told before the work
    text, told = _written(context, page, form, workspace=bool(whole))
    path = write_whole(where, text)
    return replace(page, notes=(*lasting, Note(f"Saved as {path}{told and f': {told}'}", passing=True)))


def _written(context: Context, page: Page, form: str, *, workspace: bool) -> tuple[str, str]:
    """The file's text, and what there is to tell of it."""
    if form != "html":
        from engine.encode import encode

        return encode(page, form), ""
    from engine.functions import _export_html as html

    title = f"Workspace of {context.today:%Y-%m-%d}"
    return html.workspace(context, page, title) if workspace else html.one(context, page)


def safe_name(text: str) -> str:
    """``text`` as one part of a path, which cannot leave its folder."""
    return _SAFE.sub("-", text).strip("-.")[:80] or "page"


def target(
    folder: Path, page: Page, form: str, name: str | None, *, may: bool = False, stem: str = ""
) -> Target:
    """Where the page goes: a bare name into the exports folder, a path with a slash where it says.

    A name typed again into the exports folder replaces the export of that name; a path replaces what is there
    only where that ``may`` be. Without a name the file is called after the page and its clock, and never
    replaces another; ``stem``, where given, is called so in place of the page.

    Raises
    ------
    CommandError
        A folder that does not exist, a path that is no file's, or whose suffix is not the format's.
    """
    suffix = f".{form}"
    if name and ("/" in name or name.startswith("~")):
        return Target(iter((_typed_path(name, suffix),)), may)
    if name:
        clean = safe_name(name)
        return Target(iter((folder / (clean if clean.endswith(suffix) else clean + suffix),)), True, True)
    stem = safe_name(stem or _stem(page))
    return Target((folder / f"{stem}{f'-{n}' if n > 1 else ''}{suffix}" for n in count(1)), own=True)


def _stem(page: Page) -> str:
    """A file's name after the page and its clock."""
    lineage = page.lineage
    return "-".join(
        part
        for part in (
            page.security.ticker if page.security else "",
            page.function,
            f"{lineage.asof:%Y%m%d}" if lineage else "",
            lineage.snapshot_id if lineage else "",
        )
        if part
    )


def _typed_path(name: str, suffix: str) -> Path:
    """The path that was typed: of a file of this format, in a folder that exists."""
    try:
        name.encode()
        path = Path(name).expanduser()
        if not path.suffix:
            path = path.with_suffix(suffix)
        if path.suffix.lower() != suffix:
            raise CommandError(
                f"The name of an export of this format ends in {suffix}, not {path.suffix}.",
                suggestions=(f"EXPORT {suffix[1:].upper()} {path.with_suffix(suffix)}",),
                argument="file",
            )
        path = path.resolve()
        if not path.parent.is_dir() or (path.exists() and not path.is_file()):
            raise CommandError(f"{path} is no file, or its folder does not exist.", argument="file")
    except (ValueError, RuntimeError, OSError) as fault:  # not Unicode, no such user's home, too long
        raise CommandError(f"{name!a} cannot be a file's path: {fault}.", argument="file") from fault
    return path


def write_whole(where: Target, text: str) -> Path:
    """All of the text or nothing: a temporary file beside it, then a rename. Answers where it went.

    A file that is replaced keeps its mode; a new one has what the user's umask leaves, or in the exports folder
    what that folder has.

    Raises
    ------
    CommandError
        The only path is taken, and may not be replaced.
    DataError
        It cannot be written.
    """
    from store.paths import file_mode, make_folder

    path = Path()
    try:
        for path in where.paths:
            if where.own:
                make_folder(path.parent)
            temporary = path.with_name(f".export-{uuid.uuid4().hex}")
            handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _NEW)
            try:
                with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
                    if where.own:
                        os.fchmod(file.fileno(), file_mode(path.parent))
                    file.write(text)
                if _placed(temporary, path, where.replace):
                    return path
            finally:
                temporary.unlink(missing_ok=True)
    except OSError as fault:
        raise DataError(f"Could not write {path}: {fault.strerror or fault}. Nothing was saved.") from fault
    raise CommandError(
        f"{path} exists already and is left as it is. Add REPLACE to write over it.", argument="file"
    )


def _placed(temporary: Path, path: Path, replaces: bool) -> bool:
    """Give the file its name; False where another has it and may not be replaced."""
    if replaces:
        if path.exists():
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        temporary.replace(path)
        return True
    try:
        path.hardlink_to(temporary)  # in one step, and never over another file
    except FileExistsError:
        return False
    except OSError:  # a file system without links: take the name first, then fill it
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            return False
        temporary.replace(path)
    return True


FUNCTIONS = (
    Function(
        "EXPORT",
        "save this page as HTML, CSV or JSON",
        run,
        arguments=(
            Argument("format", Kind.CHOICE, "file format", None, choices={"HTML": (), "CSV": (), "JSON": ()}),
            Argument(
                "scope",
                Kind.CHOICE,
                "every page of the workspace, as HTML",
                None,
                choices={"WORKSPACE": ("WS",)},
            ),
            Argument(
                "replace", Kind.CHOICE, "write over a file that a path names", None, choices={"REPLACE": ()}
            ),
            Argument("file", Kind.TEXT, "a name, or a path with a slash in it"),
        ),
        on_page=True,
        changes=True,
        examples=(
            ("EXPORT HTML", "figures that a reader opens anywhere; the page says where the file is"),
            ("EXPORT HTML WORKSPACE", "every page of this workspace in one file, each at its own clock"),
            ("EXPORT CSV", "into the store's exports folder"),
            ("EXPORT JSON apple", "under a name"),
            ("EXPORT CSV ./apple.csv", "where you are"),
            ("EXPORT CSV ./apple.csv REPLACE", "over the file that is there"),
        ),
        about=(
            "HTML is one file with interactive figures that loads nothing and sends nothing: it opens from a disk or "
            "a mail, carries its clock, id, sources and command, verifies its own data by their hash, and is the "
            "same to the byte for the same snapshot; asof open FILE.html returns to the page here "
            "(docs/exports.md). JSON carries the clock, the page's id, the command, every read and the sources. CSV "
            "is values alone, for other programs to read."
        ),
        order=72,
    ),
)
