"""IMPORT: a file of the user's own into the store, shown before it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.function import Args, Argument, Function, Kind
from engine.page import Page, text_page

if TYPE_CHECKING:
    from engine.context import Context

_ABOUT = (
    "Reads CSV or Parquet into any table. Without GO it writes nothing: it shows what would be written, what is "
    "set aside and why, and the first rows. Columns called as the table calls them need no --map. When a row was "
    "known is taken from the row itself where it can be (a bar: its session's close), from the column that "
    "--known-at names, or else it is the time of the import: never earlier. A file imported again writes nothing. "
    "docs/files.md has every table's columns; asof import takes the same words in a shell."
)


def run(context: Context, args: Args) -> Page:
    from engine.importing import EXAMPLE, OPTIONS, parse, perform, words_of

    if not args["file"]:
        lines = ["Type a file and what it holds:", EXAMPLE, ""]
        lines += [f"--{name}  {what}" for name, what in OPTIONS.items()]
        return text_page("Import a file", lines)
    order = parse(words_of(args["file"]))
    store = context.desk.store
    return perform(store, order, context.progress, context.cancelled, write=order.go)


FUNCTIONS = (
    Function(
        "IMPORT",
        "a CSV or Parquet file of your own into the store",
        run,
        arguments=(Argument("file", Kind.TEXT, "the file, then options, and GO to write"),),
        raw="file",
        changes=True,
        examples=(
            ("IMPORT ./prices.csv --table bars --source 'our desk' --adjusted none", "what it would write"),
            ("IMPORT ./prices.csv --table bars --source 'our desk' --adjusted none GO", "write it"),
            ("IMPORT ./sp500_ticker_start_end.csv --layout sp500-spells GO", "members of the S&P 500"),
        ),
        about=_ABOUT,
        order=84,
    ),
)
