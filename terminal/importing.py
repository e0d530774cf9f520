"""``asof import FILE``: a file of the user's own into the store, from a shell."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from store.objects.address import place_of
from terminal.exits import Exit, UsageError
from terminal.progress import Meter

HELP = """\
asof import - a CSV or Parquet file of your own into the store

  asof import prices.csv --table bars --map Date=session_date --source "our desk" --adjusted none
  asof import prices.csv ... --dry-run            say what would be written, and write nothing
  asof import sp500_ticker_start_end.csv --layout sp500-spells
  asof import members.csv --layout members --map index=NDX

options
{options}
  --dry-run          write nothing
  --home DIR         the folder of the data

docs/files.md lists every table's columns.
exit codes: 0 done   2 an option that cannot be   3 the file cannot be read or lacks something   130 stopped
"""


def run(words: Sequence[str]) -> int:
    """Import as ``words`` say (the first is the verb); answers the exit code."""
    from engine.encode.text import encode
    from engine.errors import CommandError
    from engine.importing import OPTIONS, parse, perform
    from providers.embedded import embedded_loaded, load_embedded
    from store import open_store

    rest, home = _home(list(words[1:]))
    if not rest or {"--help", "-h"} & set(rest):
        options = "\n".join(f"  --{name:<16} {what}" for name, what in OPTIONS.items())
        sys.stdout.write(HELP.format(options=options))
        return Exit.OK if rest else Exit.USAGE
    try:
        order = parse(rest)
    except CommandError as fault:
        raise UsageError(str(fault)) from fault
    store = open_store(home)
    try:
        if not embedded_loaded(store):  # first, so that a file's bare names stand behind those known
            with Meter(f"first run: loading the embedded data into {store.home}", always=True) as meter:
                load_embedded(store, meter)
        with Meter(f"importing {order.path.name}") as meter:
            page = perform(store, order, meter, lambda: False, write="--dry-run" not in rest)
    finally:
        store.close()
    width = max(80, shutil.get_terminal_size().columns) if sys.stdout.isatty() else None
    sys.stdout.write(encode(page, width=width))
    return Exit.OK


def _home(words: list[str]) -> tuple[list[str], Path | str | None]:
    """``--home DIR`` out of the words."""
    kept: list[str] = []
    home: Path | str | None = None
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name != "--home":
            kept.append(word)
            continue
        value = value if equals else next(rest, "")
        if not value:
            raise UsageError("--home needs a folder")
        home = place_of(value)
    return kept, home
