"""What a run's securities are and were called, and how their listings ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.runs.market_days import Axis, row_of
from engine.runs.market_told import Telling, some
from engine.runs.mergers import Told, ends_after
from engine.runs.mergers import ended as merged_by
from store.clock import from_micros, to_micros

if TYPE_CHECKING:
    import polars as pl

    from store.reader import AsOfReader

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Row: TypeAlias = dict[str, Any]
SILENT = 10  # sessions without a bar before the end from which a name counts as gone without a word
_RATES = ("government", "macro", "factor", "channel")


@dataclass(frozen=True, slots=True)
class Named:
    """A security as known at the clock. ``tickers``: from which day it was called what, ascending."""

    tickers: tuple[tuple[date, str], ...]
    asset_class: str
    currency: str
    calendar: str
    unit: str
    delisting_date: date | None

    @property
    def ticker(self) -> str:
        return self.tickers[-1][1]

    def called(self, day: date) -> str:
        """Its ticker on a day; the first it had, where the day is before that."""
        before = [ticker for since, ticker in self.tickers if since <= day]
        return before[-1] if before else self.tickers[0][1]


@dataclass(frozen=True, slots=True)
class Names(Mapping[int, Named]):
    """Securities by id, and every version of their namings known at the clock."""

    held: Mapping[int, Named]
    versions: pl.DataFrame

    def __getitem__(self, number: int) -> Named:
        return self.held[number]

    def __iter__(self) -> Iterator[int]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)


def named(reader: AsOfReader, ids: Sequence[int], otherwise: Mapping[int, str]) -> Names:
    """Securities by id; one without a name is called what ``otherwise`` has. Raises DataError where that has none."""
    versions = reader.vintages("securities", tuple(ids))
    rows: dict[int, dict[object, Row]] = {}
    for row in versions.iter_rows(named=True):
        own = rows.setdefault(row["security_id"], {})
        own[row["valid_from"]] = row
    found = {}
    for number in ids:
        live = [row for row in rows.get(number, {}).values() if not row["deleted"]]
        if not live and number not in otherwise:
            raise DataError(
                "A security of this run has no name at this clock; DATA shows what the store holds."
            )
        bare = Named(((date.min, otherwise.get(number, "")),), "equity", "", "XNYS", "", None)
        found[number] = _named(live) if live else bare
    return Names(found, versions)


def _named(rows: list[Row]) -> Named:
    rows = sorted(rows, key=lambda row: row["valid_from"])
    newest = rows[-1]
    return Named(
        tuple((row["valid_from"], row["ticker"]) for row in rows), newest["asset_class"], newest["currency"] or "",
        newest["calendar"] or "", newest["unit"] or "", newest["delisting_date"],
    )  # fmt: skip


def is_rate(each: Named) -> bool:
    """Whether it has values and no price."""
    return each.asset_class in _RATES or each.unit.lower().startswith("percent")


def tradable(names: Mapping[int, Named]) -> None:
    """Raises DataError where one of them is a rate or a statistic: there is nothing to buy."""
    rates = [each for each in names.values() if is_rate(each)]
    if rates:
        kind = "is a rate or a statistic" if len(rates) == 1 else "are rates or statistics"
        raise DataError(
            f"{some([each.ticker for each in rates])} {kind}: it has values and no price, so that nothing can be "
            "bought or sold. Run on stocks, funds, indices, currencies, commodities or crypto."
        )


def one_currency(names: Mapping[int, Named]) -> str:
    """The currency of all of them, US dollars where none is told. Raises DataError where there are several."""
    by_currency: dict[str, list[str]] = {}
    for each in names.values():
        if each.currency:
            by_currency.setdefault(each.currency, []).append(each.ticker)
    if len(by_currency) > 1:
        parts = "; ".join(f"{currency}: {some(who, 3)}" for currency, who in sorted(by_currency.items()))
        raise DataError(
            f"A run keeps its account in one currency, and these are priced in several ({parts}). Run them apart."
        )
    return next(iter(by_currency), "USD")


def symbols(ids: Ints, names: Mapping[int, Named], last_days: Sequence[date]) -> tuple[str, ...]:
    """Tickers of the last session that each traded, with the id where two would be the same."""
    found = [names[int(number)].called(day) for number, day in zip(ids, last_days, strict=True)]
    return tuple(
        ticker if found.count(ticker) == 1 else f"{ticker}#{number}"
        for ticker, number in zip(found, ids.tolist(), strict=True)
    )


@dataclass(frozen=True, slots=True)
class Endings:
    """``last`` (k,): the row after whose close a listing ended, -1 where it did not; ``final_return`` (k,).
    ``seen_last`` (k,): the same as decisions know it, from when an end was first told. ``before`` (k,): the listing
    had ended before the first session. ``with_successor``: securities of whose listings a row names one."""

    last: Ints
    final_return: Floats
    seen_last: Ints
    before: NDArray[np.bool_]
    with_successor: tuple[int, ...] = ()


def endings(
    reader: AsOfReader, ids: Ints, names: Names, axis: Axis, end: date, merged: Told, closes: Floats,
    telling: Telling,
) -> Endings:  # fmt: skip
    """How listings ended by ``end``, as known at the clock.

    A listing is over on the last session up to its day of delisting: what is halted before stays held until then.
    Where shares became others' (``merged``), that day is the end, whatever day of delisting is told.
    """
    import polars as pl

    versions = reader.vintages("listings", tuple(sorted(ids.tolist())))
    listings, namings = _by_security(versions), _by_security(names.versions)
    last, final = np.full(len(ids), -1, dtype=np.int64), np.full(len(ids), np.nan)
    seen, before = last.copy(), np.zeros(len(ids), dtype=bool)
    today = min(end, reader.session_date)
    for column, number in enumerate(ids.tolist()):
        own, called, turned = (each.get(number, ()) for each in (listings, namings, merged.versions))
        if not turned and not any(row["delisting_date"] for row in (*own, *called)):
            continue
        found, day = _ended(_latest(own), _latest(called), today), merged.day(number)
        if found is not None:
            last[column] = np.searchsorted(axis.dates, np.datetime64(found[0], "D"), side="right") - 1
            final[column] = np.nan if found[1] is None else found[1]
        if day is not None:
            last[column] = ends_after(day, axis.dates, closes[:, column])
        before[column] = last[column] < 0 and (found is not None or day is not None)
        seen[column] = _seen(own, called, turned, axis, column)
    live = versions.filter(~pl.col("deleted"))
    telling.table("listings", reader.reads, int(live["known_basis"].str.starts_with("estimated").sum()))
    named_successor = live.filter(pl.col("successor").is_not_null())["security_id"].unique().to_list()
    return Endings(last, np.where(last < 0, np.nan, final), seen, before, tuple(named_successor))


def tell(
    found: Endings, symbols: Sequence[str], ids: Ints, merged: Told, paid: Floats, telling: Telling
) -> None:
    """How many of a run's own columns ended, and of whom nobody told what was paid (``paid`` (k,): NaN)."""
    count = len(symbols)
    ended = found.last[:count] >= 0
    without = [n for n in found.with_successor if n in set(ids[:count].tolist()) and n not in merged.terms]
    telling.fact("delisted within the run", int(ended.sum()))
    if gone := [symbol for symbol, over in zip(symbols, found.before[:count].tolist(), strict=True) if over]:
        telling.fact("delisted before the first session, never traded", some(gone))
    telling.fact("listings with a successor of whose terms nothing is told", len(without))
    _tell_untold([symbols[at] for at in np.flatnonzero(ended & np.isnan(paid[:count])).tolist()], telling)


def over(names: Sequence[Named], first: date) -> DataError:
    """What to say where everyone's listing had ended before the first session."""
    return DataError(
        f"Listings of {some([each.ticker for each in names])} had ended before {first}, the first session here: what "
        "traded since, over the counter, is no part of a run. Choose earlier days."
    )


def _by_security(versions: pl.DataFrame) -> dict[int, list[Row]]:
    """Versions by security, oldest first a row."""
    found: dict[int, list[Row]] = {}
    for row in versions.iter_rows(named=True):
        found.setdefault(row["security_id"], []).append(row)
    return found


def _latest(versions: Sequence[Row], known: datetime | None = None) -> list[Row]:
    """Of each row the newest version (of those known by then), without the withdrawn."""
    found: dict[object, Row] = {}
    for row in versions:
        if known is None or row["known_at"] <= known:
            found[row["valid_from"] if "valid_from" in row else (row["listing_date"], row["exchange"])] = row
    return [row for row in found.values() if not row["deleted"]]


def _tell_untold(untold: list[str], telling: Telling) -> None:
    telling.fact("delisted without a told final return", len(untold))
    if untold:
        telling.note(
            f"{len(untold):,} of the listings ended without a final return that any source tells ({some(untold)}): "
            "the last close is paid, which flatters failures.",
            "warning",
        )


def _seen(
    listings: Sequence[Row], namings: Sequence[Row], turned: Sequence[Row], axis: Axis, column: int
) -> int:
    """The row after which decisions know that a listing has ended, by what was told at its close; -1 for none."""
    told = (*listings, *namings)
    instants = np.array([to_micros(row["known_at"]) for row in (*told, *turned)], dtype=np.int64)
    last_days = [row["delisting_date"] for row in told if row["delisting_date"]]
    last_days += [row["effective_date"] - timedelta(days=1) for row in turned]
    days = np.array(last_days, dtype="datetime64[D]")
    closed, dates = axis.closed(column), axis.dates
    rows = {*row_of(closed, instants).tolist(), *(np.searchsorted(dates, days, side="right") - 1).tolist()}
    for row in sorted(int(each) for each in rows if 0 <= each < len(dates)):
        known = from_micros(int(closed[row]))
        until = dates[row + 1].item() - timedelta(days=1) if row + 1 < len(dates) else dates[row].item()
        over = _ended(_latest(listings, known), _latest(namings, known), until) is not None
        if over or merged_by(turned, known, until):
            return row
    return -1


def _ended(listings: list[Row], namings: list[Row], today: date) -> tuple[date, float | None] | None:
    """The day a security left its last exchange, and its final return; None where it is listed still."""
    newest = max(namings, key=lambda row: row["valid_from"], default=None)
    delisted = None if newest is None else newest["delisting_date"]
    ended = [row for row in listings if row["delisting_date"] is not None and row["delisting_date"] <= today]
    ended.sort(key=lambda row: (row["delisting_date"], row["final_return"] is not None))
    row = ended[-1] if ended else None
    if delisted is not None and delisted <= today:
        return (row["delisting_date"], row["final_return"]) if row is not None else (delisted, None)
    if row is None or len(ended) < len(listings):  # it is listed elsewhere
        return None
    return row["delisting_date"], row["final_return"]


def silent(last_bars: Ints, last: Ints, sessions: int) -> NDArray[np.bool_]:
    """Columns (k,) whose bars stop before the run's end without any word of a delisting."""
    return np.asarray((last < 0) & (last_bars >= 0) & (last_bars < sessions - 1 - SILENT))
