"""The views of the SQL console: every table as of the clock, each row with its security's ticker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import DataError

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context

MOST_ROWS = 20_000_000  # of one view: it is held in memory, on a box that others work on
ADJUSTED = {"bars_split_adjusted": "splits", "bars_adjusted": "total"}


def names() -> tuple[str, ...]:
    """Tables of the store, and bars adjusted as of the clock."""
    from store.schema import TABLES

    return (*TABLES, *ADJUSTED)


def frame(context: Context, name: str) -> pl.DataFrame:
    """One view as of the page's clock, read through its reader."""
    import polars as pl

    reader = context.reader
    table = "bars" if name in ADJUSTED else name
    held = reader.size(table)
    if held > MOST_ROWS:
        raise DataError(
            f"{table} holds {held:,} rows, more than the {MOST_ROWS:,} that a query may take into memory. "
            "Functions (HP, GP) and EXPORT read one security at a time."
        )
    if name in ADJUSTED:
        rows = reader.bars(None, adjust="total" if ADJUSTED[name] == "total" else "splits")
    else:
        rows = reader.rows(table)
    if "ticker" in rows.columns:
        return rows
    tickers = {security.ref.security_id: security.ref.ticker for security in context.directory}
    ticker = pl.col("security_id").replace_strict(
        list(tickers), list(tickers.values()), default=None, return_dtype=pl.String
    ) if tickers else pl.lit(None, pl.String)  # fmt: skip
    return rows.select(ticker.alias("ticker"), pl.all())
