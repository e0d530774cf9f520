"""Universes through time: who belonged to an index on each session, as was known at its close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.runs.known import instants
from engine.runs.market_days import Axis, row_of
from engine.runs.market_told import Telling, some
from engine.universe import holding

if TYPE_CHECKING:
    import polars as pl

    from engine.runs.listed import Named
    from store.reader import AsOfReader

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Universe:
    """An index by its word, and every version of its members' stays known at the clock, oldest first a stay."""

    word: str
    versions: pl.DataFrame

    @property
    def tickers(self) -> dict[int, str]:
        """What each was last called in the list."""
        return dict(self.versions.select("member_id", "ticker").drop_nulls().iter_rows())

    @property
    def ids(self) -> tuple[int, ...]:
        """Everyone that some version says belonged to it within the range asked for."""
        return tuple(sorted(self.versions["member_id"].unique().to_list()))


def universe(
    reader: AsOfReader, word: str, index_id: int, start: date | None, end: date | None, telling: Telling
) -> Universe:
    """Members of an index between two days. Raises DataError where none is known at the clock."""
    import polars as pl

    versions = reader.vintages("membership", index_id, None, end)
    keys = ["start_date", "member_id"]
    inside = pl.lit(value=True)
    if start is not None:
        # a version that tells no end speaks until the next one of its stay is known
        spoke = pl.col("known_at").shift(-1).over(keys).dt.date()
        inside = (pl.col("end_date").is_null() | (pl.col("end_date") > start)) & (
            spoke.is_null() | (spoke >= start)
        )
    touching = versions.filter(inside & ~pl.col("deleted")).select(keys).unique()
    versions = versions.join(touching, on=keys, how="semi", maintain_order="left")
    if versions.is_empty():
        raise DataError(
            f"No members of {word} are known at this clock for the days of this run.{holding(reader)} "
            "Lines of ticker,start_date,end_date,index load them (sp500 or SPX for the S&P 500): asof import "
            "mine.csv --layout members."
        )
    estimated = int(versions["known_basis"].str.starts_with("estimated").sum())
    telling.table("membership", reader.reads, estimated)
    basis = "estimated" if estimated == versions.height else "exact" if not estimated else "partly estimated"
    sources = ", ".join(sorted(set(versions["source"].to_list())))
    telling.fact(f"{word}: source and basis", f"{sources}; days of changes {basis}")
    return Universe(word, versions)


def mask(found: Universe, ids: Ints, axis: Axis) -> Bools:
    """(n, k): whether a column was a member on a session, by the versions known at its close.

    A stay includes its first day and not its end. A version holds from the first session at whose close it was
    known until the next one is: a correction told later moves nobody before.
    """
    belongs = np.zeros((len(axis.dates), len(ids)), dtype=bool)
    columns = {int(number): at for at, number in enumerate(ids.tolist())}
    versions = found.versions
    since = row_of(axis.first_close, instants(versions)).tolist()
    key = list(zip(versions["start_date"].to_list(), versions["member_id"].to_list(), strict=True))
    first = _rows(axis, versions["start_date"].to_list())
    after = _rows(axis, versions["end_date"].to_list())
    for at, gone in enumerate(versions["deleted"].to_list()):
        column = columns.get(key[at][1])
        if gone or column is None:
            continue
        replaced = at + 1 < len(key) and key[at + 1] == key[at]
        until = since[at + 1] if replaced else len(axis.dates)
        belongs[max(since[at], first[at]) : min(until, after[at]), column] = True
    return belongs


def _rows(axis: Axis, days: list[date | None]) -> list[int]:
    """The first session on or after each day; the number of sessions where there is no day."""
    told = np.array([day if day is not None else date.max for day in days], dtype="datetime64[D]")
    found: list[int] = np.searchsorted(axis.dates, told, side="left").tolist()
    return found


def tell(
    found: Universe, belongs: Bools, begin: int, names: Mapping[int, Named], last: Ints,
    unpriced: tuple[int, ...], telling: Telling,
) -> None:  # fmt: skip
    """How many belonged, left, ended in a delisting (``last`` (k,), -1: none), and have no price in the store."""
    own = belongs[begin:]
    ever = own.any(axis=0)
    left = (ever & ~own[-1]).sum()
    ended = (ever & (last >= begin)).sum()
    missing = [number for number in unpriced if number in set(found.ids)]
    word, every = found.word, int(ever.sum()) + len(missing)
    telling.fact(f"{word}: members in the run", every)
    telling.fact(f"{word}: of them left it", int(left))
    telling.fact(f"{word}: of them ended in a delisting", int(ended))
    telling.fact(f"{word}: members without any price", len(missing))
    if missing:
        telling.note(
            f"{len(missing):,} of {every:,} members of {word} have no price in the store for these days "
            f"({some([names[number].ticker for number in missing])}): the run cannot trade them. Those that failed "
            "are most likely among them, so that results are better than they could be. BACKFILL fetches prices.",
            "warning",
        )
