"""Pages without the screen: one command, or a script of them, as JSON, CSV or text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from terminal.exits import Exit, UsageError, say, told
from terminal.output import FileOutput, Output, StreamOutput
from terminal.progress import Meter

if TYPE_CHECKING:
    from engine.page import Page
    from terminal.arguments import Options


class HeadlessDesk(Protocol):
    """The desk as far as a command line knows it."""

    asof: datetime | None
    recorded: datetime | None

    @property
    def zone(self) -> tzinfo: ...

    def instant(self, text: str) -> datetime | None: ...

    def run(self, line: str, *, progress: Callable[[int, int, str], None] | None = None) -> Page: ...


OpenDesk: TypeAlias = "Callable[[Options], HeadlessDesk]"


def open_desk(options: Options) -> HeadlessDesk:
    """A desk on the store; the very first time, the embedded data are loaded into it."""
    from engine.desk import Desk
    from engine.version import VERSION
    from providers.embedded import embedded_loaded, load_embedded
    from providers.routing import open_router
    from store import open_store
    from terminal.backend import PROGRAM, user_name
    from terminal.html_pages import RENDERERS

    store = open_store(options.home)
    if not embedded_loaded(store):
        with Meter(f"first run: loading the embedded data into {store.home}", always=True) as meter:
            load_embedded(store, meter)
    user = user_name()
    router = open_router(store, user, version=VERSION)
    desk = Desk(store, user, router=router, program=PROGRAM, renderers=RENDERERS)
    desk.refresh = options.refresh
    return desk


def run_line(options: Options, opener: OpenDesk, seen: Callable[[Page], str] | None = None) -> int:
    """Run one command and write its page; ``seen`` has something to say of it."""
    output = _output(options)
    desk = _opened(options, opener)
    page = _run_asking(desk, options.line)
    output.write(_encoded((page,), options, desk))
    output.finish()
    if seen is not None:
        say(seen(page))
    return Exit.OK


def run_script(options: Options, opener: OpenDesk) -> int:
    """Run a script line by line at one desk, so that clock and security carry over; stop at the first error."""
    lines = _script_lines(options.line)
    first = next(lines, None)
    if first is None:
        raise UsageError(f"{_script_name(options.line)} holds no command")
    output, code = _output(options), Exit.OK
    together: list[Page] = []  # of HTML: one file of all pages
    desk = _opened(options, opener)
    for number, line in _chain(first, lines):
        try:
            page = _run(desk, line)
            encoded = "" if options.chosen_format == "html" else _encoded((page,), options, desk)
        except Exception as fault:
            message, failed = told(fault)
            say(f"{_script_name(options.line)}:{number}: {message}")
            if not options.keep_going:
                return failed
            code = code or failed
            continue
        if options.chosen_format == "html":
            together.append(page)
        else:
            output.write(_separated(encoded, line, options, first=output.pages == 0))
    if together:
        output.write(_encoded(together, options, desk))
    if output.pages:
        output.finish()
    return code


def _opened(options: Options, opener: OpenDesk) -> HeadlessDesk:
    """The desk with its clocks set as the options say."""
    desk = opener(options)
    for name, text in (("asof", options.asof), ("rec", options.rec)):
        if text is None:
            continue
        try:
            instant = desk.instant(text)
        except ValueError as fault:
            raise UsageError(f"--{name}: {fault}") from fault
        setattr(desk, "asof" if name == "asof" else "recorded", instant)
    return desk


def _run_asking(desk: HeadlessDesk, line: str) -> Page:
    """Run a line; where it needs a secret, read that without showing it and run what follows."""
    from engine.errors import NeedsSecret

    try:
        return _run(desk, line)
    except NeedsSecret as asked:
        from terminal.secret_entry import ask_on_console

        say(ask_on_console(asked))
        return _run(desk, asked.after)


def _run(desk: HeadlessDesk, line: str) -> Page:
    with Meter(line) as meter:
        return desk.run(line, progress=meter)


def _encoded(pages: Sequence[Page], options: Options, desk: HeadlessDesk) -> str:
    """Several pages go together in HTML only."""
    page = pages[0]
    try:
        match options.chosen_format:
            case "html":
                from terminal.html_pages import as_html

                return as_html(desk, pages, options)
            case "json":
                from engine.encode.json import encode as as_json

                return as_json(page, panel=options.panel) + "\n"
            case "csv":
                from engine.encode.csv import encode as as_csv

                return as_csv(page, panel=options.panel)
            case "text":
                from engine.encode.text import encode as as_text

                return as_text(page, panel=options.panel, width=_text_width(options), tz=desk.zone)
    except KeyError as fault:
        names = ", ".join(panel.name for panel in page.panels)
        raise UsageError(f"the page has no panel {options.panel}; it has {names}") from fault


def _text_width(options: Options) -> int | None:
    """As asked; as wide as the window where there is one; else as wide as the tables are."""
    if options.width is not None or options.out is not None or not sys.stdout.isatty():
        return options.width
    import shutil

    return max(20, shutil.get_terminal_size().columns)


def _separated(encoded: str, line: str, options: Options, *, first: bool) -> str:
    """Pages of a script: JSON one a line; CSV and text below a line that names the command."""
    if options.chosen_format == "json":
        return encoded
    from engine.sanitize import clean

    if options.chosen_format == "csv":
        from engine.encode.csv import comment

        return ("" if first else "\r\n") + comment(f"command {line}") + encoded
    return ("" if first else "\n") + f"> {clean(line)}\n" + encoded


def _output(options: Options) -> Output:
    """Opened before the work, so that a file that cannot be written is told at once."""
    if options.chosen_format == "html":
        from terminal.html_pages import check_html

        check_html(options)
    return FileOutput(options.out) if options.out is not None else StreamOutput(sys.stdout)


def _script_name(path: str) -> str:
    return "stdin" if path == "-" else path


def _script_lines(path: str) -> Iterator[tuple[int, str]]:
    """Numbered commands of a script; blank lines and # comments are left out. Standard input is read as
    it comes."""
    if path == "-":
        yield from _commands(sys.stdin)
        return
    try:
        text = Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "not UTF-8 text"
        raise UsageError(f"cannot read the script {path}: {reason}") from fault
    yield from _commands(text.splitlines())


def _commands(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        command = line.strip()
        if command and not command.startswith("#"):
            yield number, command


def _chain(first: tuple[int, str], rest: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    yield first
    yield from rest
