"""The words after ``asof`` on a shell's command line. By hand: argparse would cost as much as all the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from terminal.exits import UsageError

Format: TypeAlias = Literal["json", "csv", "text", "html"]

HELP = """\
asof - market research in which every number knows when it became known

  asof                              open the terminal
  asof AAPL GP 5Y                   open it on that page; without a screen, print the page as text
  asof "AAPL GP 5Y" --json          print the page (also --csv, --text)
  asof "AAPL GP 5Y" --html --out F  write it as one file with interactive figures, for readers without asof
  asof open FILE.html [N]           check such a file and return to its page (its Nth)
  asof run script.asof [--json]     run a file of commands, one a line, # comments; "-" reads stdin
  asof backfill --help              fetch years of many securities, with progress; stops and resumes at any moment
  asof sweep --help                 many backtests in processes of their own or on a cluster; stops and resumes
  asof update                       fetch what is new of everything fetched before: for a nightly cron
  asof import FILE --table bars     read a CSV or Parquet file of your own, checked on the way in (import --help)
  asof store where                  print the folder that holds the data
  asof store check                  compare every file with what the catalog says of it
  asof store compact [TABLE]        merge small files, so that reads stay fast
  asof store vacuum                 remove what killed writers and old compactions left behind
  asof store publish [ADDRESS]      put the data where other machines read them: s3://bucket/prefix
  asof audit verify                 look for changed, removed, moved or cut lines in the audit
  asof audit show [N]               print its newest N events (20), newest first
  asof keys                         list the sources and what each needs
  asof keys set fred                ask for a key without showing it (a line on standard input where piped)

options
  --asof T        set the clock: a date (its end, New York), a date and time, or NOW
  --rec R         show what this store had recorded by R
  --json          the whole page as one line of JSON, schema asof.page/1
  --csv           its panels as CSV
  --text          its panels as aligned text
  --html          the pages, of a script all of them, as one HTML file
  --panel NAME    only that panel
  --width N       text at most N columns wide
  --out FILE      write to FILE, whole or not at all; .html, .json, .csv or .txt chooses the format
  --refresh       ask the sources again, also for what is held
  --keep-going    (run) go on after a line that fails
  --home DIR      the folder of the data, instead of ASOF_HOME or the platform's own; or, for reading, the address
                  of a published store, s3://bucket/prefix (else ASOF_STORE)
  --version       print the version
  --help          print this

exit codes
  0 done   1 a fault of the program   2 the command or an option cannot be run
  3 no data, or not known at that clock   4 the store cannot be used   130 interrupted

In the terminal, and as a command: asof HELP lists every function, asof HELP GP explains one.
"""

_FLAGS = ("json", "csv", "text", "html", "keep-going", "refresh", "help", "version")
_VALUES = ("asof", "rec", "panel", "width", "out", "home")
_SUFFIXES: dict[str, Format] = {
    ".json": "json",
    ".csv": "csv",
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
}
_ADMIN = ("where", "check", "compact", "vacuum", "publish")
_MOST_EVENTS = 100_000

Verb: TypeAlias = Literal["line", "run", "open", "store", "audit", "keys"]


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked on the command line."""

    verb: Verb = "line"
    line: str = ""  # the command, the script's path, or the words after store or audit
    file: Path | None = None  # what asof open opens; ``line`` is then which of its pages
    format: Format | None = None
    asof: str | None = None
    rec: str | None = None
    panel: str | None = None
    width: int | None = None
    out: Path | None = None
    home: Path | str | None = None  # a folder, or the address of a published store
    keep_going: bool = False
    refresh: bool = False
    help: bool = False
    version: bool = False

    @property
    def headless(self) -> bool:
        """Asked for in a way that only a printed page answers."""
        return any((self.format, self.panel, self.width, self.out, self.rec, self.refresh))

    @property
    def chosen_format(self) -> Format:
        return self.format or (_SUFFIXES.get(self.out.suffix.lower()) if self.out else None) or "text"


def parse_arguments(argv: Sequence[str]) -> Options:
    """Raises UsageError with a sentence."""
    words, flags, values = _split(argv)
    formats: list[Format] = [name for name in ("json", "csv", "text", "html") if name in flags]
    if len(formats) > 1:
        raise UsageError(f"--{formats[0]} and --{formats[1]} exclude each other")
    verb: Verb = "line"
    line, file = _join(words), None
    # small letters only: RUN is a ticker, and "asof RUN GP" asks for its chart
    if words and words[0] == "run":
        verb, line = "run", _script(words[1:])
    elif words and words[0] == "store":
        verb, line = "store", _admin(words[1:])
    elif words and words[0] == "audit":
        verb, line = "audit", _audit(words[1:])
    elif words and words[0] == "keys":
        verb = "keys"
    elif words[:1] == ["open"] and len(words) > 1 and Path(words[1]).suffix.lower() in (".html", ".htm"):
        verb, line, file = "open", _number(words[2:]), Path(words[1])
    if verb in ("store", "audit") and (extra := [*formats, *(set(values) - {"home"})]):
        raise UsageError(f"--{sorted(extra)[0]} does not go with asof {verb}")
    if "keep-going" in flags and verb != "run":
        raise UsageError("--keep-going belongs to asof run")
    return Options(
        verb=verb,
        line=line,
        file=file,
        format=formats[0] if formats else None,
        asof=values.get("asof"),
        rec=values.get("rec"),
        panel=values.get("panel"),
        width=_width(values.get("width")),
        out=Path(values["out"]) if "out" in values else None,
        home=_place(values["home"]) if "home" in values else None,
        keep_going="keep-going" in flags,
        refresh="refresh" in flags,
        help="help" in flags,
        version="version" in flags,
    )


def _place(text: str) -> Path | str:
    from store.objects.address import place_of

    return place_of(text)


def _split(argv: Sequence[str]) -> tuple[list[str], set[str], dict[str, str]]:
    """Plain words, flags and options with their values, in any order; after ``--`` only words."""
    words: list[str] = []
    flags: set[str] = set()
    values: dict[str, str] = {}
    rest = iter(argv)
    for word in rest:
        if word == "--":
            words += rest
        elif word == "-h":
            flags.add("help")
        elif not word.startswith("--"):
            words.append(word)
        else:
            name, equals, value = word[2:].partition("=")
            if name in _VALUES:
                if not equals and (following := next(rest, None)) is not None:
                    value = following
                if not value:
                    raise UsageError(f"--{name} needs a value")
                if name in values:
                    raise UsageError(f"--{name} is given twice")
                values[name] = value
            elif name in _FLAGS and not equals:
                flags.add(name)
            else:
                raise UsageError(_unknown(word, name))
    return words, flags, values


def _unknown(word: str, name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, (*_FLAGS, *_VALUES), n=1)
    return f"no option {word}" + (f"; did you mean --{near[0]}?" if near else "; asof --help lists them")


def _join(words: list[str]) -> str:
    """One line again; a word that the shell had kept together by quotes gets them back."""
    if len(words) == 1:
        return words[0].strip()
    return " ".join(
        f'"{word}"' if any(c.isspace() for c in word) and '"' not in word else word for word in words
    )


def _number(words: list[str]) -> str:
    if not words:
        return "1"
    if len(words) == 1 and words[0].isascii() and words[0].isdigit() and int(words[0][:9]) >= 1:
        return words[0]
    raise UsageError("asof open takes an HTML file that asof wrote, and the number of one of its pages")


def _script(words: list[str]) -> str:
    if len(words) != 1:
        raise UsageError("asof run takes one file, or - for standard input (the ticker RUN goes in capitals)")
    return words[0]


def _admin(words: list[str]) -> str:
    if not words or words[0] not in _ADMIN or len(words) > (2 if words[0] in ("compact", "publish") else 1):
        raise UsageError(f"asof store takes one of {', '.join(_ADMIN)}")
    return " ".join(words)


def _audit(words: list[str]) -> str:
    if words in (["verify"], ["show"]):
        return words[0]
    if len(words) == 2 and words[0] == "show":
        if not (words[1].isascii() and words[1].isdigit() and 1 <= int(words[1][:9]) <= _MOST_EVENTS):
            raise UsageError(f"asof audit show takes a number from 1 to {_MOST_EVENTS}, not {words[1]}")
        return " ".join(words)
    raise UsageError("asof audit takes verify, or show and how many events")


def _width(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 20 <= int(text[:9]) <= 10_000):
        raise UsageError(f"--width takes a number from 20 to 10000, not {text}")
    return int(text)
