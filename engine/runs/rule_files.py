"""Rules in a file of the user's: NAME.rules beside the strategies in Python, read into the line that names it.

A line is a clause, an indented one goes on with the line before, ``#`` begins a remark. The command that a page
carries has the rules themselves, so that it opens as it was after the file changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError
from engine.sanitize import clean

if TYPE_CHECKING:
    from engine.context import Context
    from engine.function import Args

_LARGEST = 100_000  # bytes
SUFFIX = ".rules"


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The rules of a file as one line, and where each line of the file begins in it."""

    name: str
    text: str
    lines: tuple[tuple[int, int], ...]  # place in the text, number in the file

    def line(self, place: int) -> int:
        """The file's line that a place of the text stands in."""
        return max((number for start, number in self.lines if start <= place), default=1)


def of_file(context: Context, args: Args) -> tuple[Args, RuleFile | None]:
    """The arguments with the rules that FILE= names in place; as they are where it names none, or Python.

    Raises
    ------
    CommandError
        A name that rules and a strategy in Python share, rules beside FILE=, arguments that rules do not take.
    DataError
        A file that cannot be read, or holds no rule.
    """
    from engine.runs.code import folder

    name = args["file"]
    if not name or not name.isidentifier() or args["code"]:
        return args, None
    path = folder(context) / f"{name}{SUFFIX}"
    if not path.is_file():
        return args, None
    if path.with_suffix(".py").is_file():
        raise CommandError(
            f"{name} is two strategies, {name}.py and {name}{SUFFIX}, in {path.parent}: rename one of them.",
            argument="file",
        )
    for other in ("strategy", "parameters", "panels"):
        if args[other]:
            raise CommandError(
                f"{name}{SUFFIX} holds the rules: leave {other.upper()}= out, it is for strategies in Python."
                if other != "strategy" else "FILE= names the strategy: rules beside it are one too many.",
                argument=other,
            )  # fmt: skip
    read = parts(name, _read(path))
    if not read.text:
        raise DataError(f"{path} holds no rule: a clause a line, as long when rsi(14) < 30.")
    return {**args, "file": None, "strategy": read.text}, read


def parts(name: str, content: str) -> RuleFile:
    """A file's clauses parted by ;, without remarks and spare blanks."""
    text, lines = "", []
    for number, line in enumerate(content.splitlines(), 1):
        words = " ".join(line.partition("#")[0].split()).rstrip("; ")
        if not words:
            continue
        goes_on = bool(text) and line[:1].isspace()
        text += "" if not text else " " if goes_on else "; "
        lines.append((len(text), number))
        text += words
    return RuleFile(name, text, tuple(lines))


@contextmanager
def told_by_line(file: RuleFile | None) -> Iterator[None]:
    """Tells a fault of the rules by the file's line."""
    try:
        yield
    except CommandError as fault:
        if file is None or fault.argument != "strategy":
            raise
        word = file.text[fault.start : fault.end].strip()
        shown = clean(word).strip()  # of what cannot be shown the message tells the code
        where = f"{file.name}{SUFFIX}"
        if word != file.text:  # about one word, and not about all of it
            where += f", line {file.line(fault.start)}" + (f", at {shown}" if shown else "")
        raise CommandError(f"{where}: {fault.message}", argument="file") from fault


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise DataError(f"{path} has more than {_LARGEST:,} bytes: those are no rules.")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{path} is no text in UTF-8.") from None
    except OSError as fault:
        raise DataError(f"{path} cannot be read: {fault.strerror}.") from fault
