"""skfolio: closes adjusted by the vendor of 20 S&P 500 stocks and five factor ETFs, and the S&P 500 index.

Closes only: no open, high or low exists in the source and none is made up.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from providers.base import Part, Shelf, SourceFile, answer_hash
from providers.clocks import Calendars, known_at_close
from providers.embedded.version import rules

if TYPE_CHECKING:
    import polars as pl

STOCKS = SourceFile("skfolio", "skfolio", "datasets/data/sp500_dataset.csv.gz")
INDEX = SourceFile("skfolio", "skfolio", "datasets/data/sp500_index.csv.gz")
FUNDS = SourceFile("skfolio", "skfolio", "datasets/data/factors_dataset.csv.gz")

_LICENCE = "Package BSD-3-Clause; for tests and examples, as its authors say."
_ADJUSTED = (
    "Closes adjusted for splits and dividends by the vendor, at a fetch after the last session: the level knows "
    "later actions, only ratios of closes are point in time. "
)
# From the close of its session the world could work out the session's return, which is what a ratio is.
_BASIS = "estimated: close of its session, true of ratios only; the level was adjusted at a later fetch"


def read(shelf: Shelf, calendars: Calendars) -> list[Part]:
    """Three parts: stocks, funds, index."""
    return [
        _adjusted(
            shelf, calendars, STOCKS, "us-equity", "20 US stocks, adjusted closes 1990-2022",
            _ADJUSTED + "1990-01-02 to 2022-12-28. " + _LICENCE,
        ),
        _adjusted(
            shelf, calendars, FUNDS, "us-fund", "Five factor ETFs, adjusted closes 2014-2022",
            _ADJUSTED + "2014-01-02 to 2022-12-28. " + _LICENCE,
        ),
        _index(shelf, calendars),
    ]  # fmt: skip


def _adjusted(
    shelf: Shelf, calendars: Calendars, file: SourceFile, place: str, dataset: str, note: str
) -> Part:
    import polars as pl

    content = shelf.read(file)
    closes = _long(content, place).with_columns(basis=pl.lit("adjusted"))
    known = known_at_close(closes, calendars).with_columns(known_basis=pl.lit(_BASIS))
    return _part(shelf, file, content, dataset, known, note)


def _index(shelf: Shelf, calendars: Calendars) -> Part:
    """The index is a price index: its "adjusted" close is its close (the same as the S&P 500 in arch, to a cent)."""
    import polars as pl

    content = shelf.read(INDEX)
    closes = _long(content, "index").with_columns(identity=pl.lit("index:SPX"), basis=pl.lit("close"))
    note = "Closing levels of the S&P 500, 1990-01-02 to 2022-12-28. " + _LICENCE
    known = known_at_close(closes, calendars)
    return _part(shelf, INDEX, content, "S&P 500 index, closes 1990-2022", known, note)


def _part(
    shelf: Shelf, file: SourceFile, content: bytes, dataset: str, closes: pl.DataFrame, note: str
) -> Part:
    source = f"{file.distribution} {shelf.version(file.distribution)}"
    return Part(source, dataset, answer_hash(rules(), content), {"closes": closes}, note)


def _long(content: bytes, place: str) -> pl.DataFrame:
    """One row per ticker and session, blanks left out, from the file's one column a ticker."""
    import polars as pl

    wide = pl.read_csv(io.BytesIO(content), schema_overrides={"Date": pl.Date})
    return (
        wide.unpivot(index="Date", variable_name="ticker", value_name="close")
        .drop_nulls("close")
        .select(
            identity=pl.format(place + ":{}", "ticker"),
            session_date="Date",
            close=pl.col("close").cast(pl.Float64),
        )
    )
