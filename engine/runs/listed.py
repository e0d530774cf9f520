"""What a run's securities are and were called, and how their listings ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.runs.market_days import Axis, row_of
from engine.runs.market_told import Telling, some

if TYPE_CHECKING:
    from store.reader import AsOfReader

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
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


def named(reader: AsOfReader, ids: Sequence[int], otherwise: Mapping[int, str]) -> dict[int, Named]:
    """Securities by id; one without a name is called what ``otherwise`` has. Raises DataError where that has none."""
    rows: dict[int, list[dict[str, Any]]] = {}
    for row in reader.securities(tuple(ids)).sort("security_id", "valid_from").iter_rows(named=True):
        rows.setdefault(row["security_id"], []).append(row)
    found = {number: _named(each) for number, each in rows.items()}
    for number in ids:
        if number not in found and number not in otherwise:
            raise DataError(
                "A security of this run has no name at this clock; DATA shows what the store holds."
            )
        if number not in found:
            found[number] = Named(((date.min, otherwise[number]),), "equity", "", "XNYS", "", None)
    return found


def _named(rows: list[dict[str, Any]]) -> Named:
    newest = rows[-1]
    return Named(
        tuple((row["valid_from"], row["ticker"]) for row in rows), newest["asset_class"], newest["currency"] or "",
        newest["calendar"] or "", newest["unit"] or "", newest["delisting_date"],
    )  # fmt: skip


def tradable(names: Mapping[int, Named]) -> None:
    """Raises DataError where one of them is a rate or a statistic: there is nothing to buy."""
    rates = [
        each
        for each in names.values()
        if each.asset_class in _RATES or each.unit.lower().startswith("percent")
    ]
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
    ``seen_last`` (k,): the same as decisions know it, from when an end was first told."""

    last: Ints
    final_return: Floats
    seen_last: Ints


def endings(
    reader: AsOfReader, ids: Ints, names: Mapping[int, Named], axis: Axis, end: date, telling: Telling
) -> Endings:
    """How listings ended by ``end``, as known at the clock.

    A listing is over on the last session up to its day of delisting: what is halted before stays held until then.
    """
    wanted = tuple(sorted(ids.tolist()))
    table = reader.rows("listings", wanted)
    rows: dict[int, list[dict[str, Any]]] = {}
    for listing in table.iter_rows(named=True):
        rows.setdefault(listing["security_id"], []).append(listing)
    last, final = np.full(len(ids), -1, dtype=np.int64), np.full(len(ids), np.nan)
    for column, number in enumerate(ids.tolist()):
        found = _ended(rows.get(number, []), names[number].delisting_date, min(end, reader.session_date))
        if found is None:
            continue
        last[column] = np.searchsorted(axis.dates, np.datetime64(found[0], "D"), side="right") - 1
        final[column] = np.nan if found[1] is None or last[column] < 0 else found[1]
    seen = _seen(reader, ids, axis, last) if (last >= 0).any() else last
    estimated = int(table["known_basis"].str.starts_with("estimated").sum())
    telling.table("listings", reader.reads, estimated)
    telling.fact("delisted within the run", int((last >= 0).sum()))
    _tell_untold(
        [names[int(ids[at])].ticker for at in np.flatnonzero((last >= 0) & np.isnan(final))], telling
    )
    return Endings(last, final, seen)


def _tell_untold(untold: list[str], telling: Telling) -> None:
    telling.fact("delisted without a told final return", len(untold))
    if untold:
        telling.note(
            f"{len(untold):,} of the listings ended without a final return that any source tells ({some(untold)}): "
            "the last close is paid, which flatters failures.",
            "warning",
        )


def _seen(reader: AsOfReader, ids: Ints, axis: Axis, last: Ints) -> Ints:
    """Rows after which decisions know that a listing has ended: no earlier than the first row that told it."""
    import polars as pl

    ended = tuple(sorted(ids[last >= 0].tolist()))
    told: dict[int, int] = {}
    for name in ("listings", "securities"):
        versions = reader.vintages(name, ended).filter(
            pl.col("delisting_date").is_not_null(), ~pl.col("deleted")
        )
        first = versions.group_by("security_id").agg(pl.col("known_at").min())
        for number, known in first.with_columns(pl.col("known_at").to_physical()).iter_rows():
            told[number] = min(known, told.get(number, known))
    found = last.copy()
    for column in np.flatnonzero(last >= 0).tolist():
        known = np.array([told[int(ids[column])]])
        row = max(int(last[column]), int(row_of(axis.closed(column), known)[0]))
        found[column] = row if row < len(axis.dates) else -1
    return found


def _ended(
    rows: list[dict[str, Any]], delisted: date | None, today: date
) -> tuple[date, float | None] | None:
    """The day a security left its last exchange, and its final return; None where it is listed still."""
    ended = [row for row in rows if row["delisting_date"] is not None and row["delisting_date"] <= today]
    ended.sort(key=lambda row: (row["delisting_date"], row["final_return"] is not None))
    row = ended[-1] if ended else None
    if delisted is not None and delisted <= today:
        return (row["delisting_date"], row["final_return"]) if row is not None else (delisted, None)
    if row is None or len(ended) < len(rows):  # it is listed elsewhere
        return None
    return row["delisting_date"], row["final_return"]


def silent(last_bars: Ints, last: Ints, sessions: int) -> NDArray[np.bool_]:
    """Columns (k,) whose bars stop before the run's end without any word of a delisting."""
    return np.asarray((last < 0) & (last_bars < sessions - 1 - SILENT))
