"""How a share's listing ended, for DES: when, why, what its holders got, and what that is over the last close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.functions._merger_terms import Terms, terms_of
from engine.page import CellSource, Metric

if TYPE_CHECKING:
    from engine.context import Context
    from engine.history import History
    from engine.securities import Security

_SHARES = ("equity", "fund")
_NEAR = (
    10  # days between the last traded close and the end of the listing, at most, for one to tell the other
)
_AFTER = "value that holders got after the last trade / last traded close - 1"
_NONE_TOLD = "; none is told by any source, nor a payment of that day or later, and none is made up"


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a listing as known at the clock; ``row`` is the one of ``listings`` that tells most of it, ``terms``
    what its shares became where that is told."""

    security: Security
    delisted: date
    reason: str
    row: Mapping[str, Any] | None
    terms: Terms | None = None

    def source(self, column: str) -> CellSource:
        """The row of ``listings`` where that tells it, else the one of ``securities``."""
        number = self.security.ref.security_id
        if self.row is not None and self.row.get(column) is not None:
            keys = {name: self.row[name] for name in ("listing_date", "exchange")}
            return CellSource("listings", column, {}, {"security_id": number, **keys})
        valid_from = self.security.current.valid_from
        return CellSource("securities", column, {}, {"security_id": number, "valid_from": valid_from})


@dataclass(frozen=True, slots=True)
class _Paid:
    """What was paid for a share on the day that its listing ended or later."""

    amount: float
    last: float
    words: str


def ending(context: Context, security: Security) -> Ending | None:
    """How the listing of a share ended; None of what is listed at the clock, and of what is no share."""
    if security.ref.asset_class not in _SHARES:
        return None
    naming, today = security.current, context.today
    terms = terms_of(context, security.ref.security_id)
    rows = context.reader.rows("listings", security.ref.security_id).to_dicts()
    ended = [row for row in rows if row["delisting_date"] is not None and row["delisting_date"] <= today]
    runs = len(ended) < len(rows)
    ended.sort(key=lambda row: (row["delisting_date"], row["final_return"] is not None))
    row = ended[-1] if ended else None
    if naming.delisting_date is not None and naming.delisting_date <= today:
        told = row["delisting_reason"] if row is not None else None
        day = row["delisting_date"] if row is not None else naming.delisting_date
        return Ending(security, day, told or naming.delisting_reason, row, terms)
    if row is not None and not runs:
        return Ending(security, row["delisting_date"], row["delisting_reason"] or "", row, terms)
    # listed still, or elsewhere, unless its shares have become others'
    return None if terms is None else Ending(security, terms.day, terms.note or "merger", None, terms)


def metrics(context: Context, end: Ending, history: History | None) -> tuple[Metric, ...]:
    """Listing, delisting, reason, last close of the listing, final return, and who took its place; ``history`` is
    as traded and ends with the listing."""
    row, terms = end.row or {}, end.terms
    told = terms is None or end.delisted != terms.day
    items = [
        _listed(end),
        Metric("delisted" if told else "ended in a merger", end.delisted, "date",
               source=end.source("delisting_date") if told or terms is None else terms.source("effective_date")),
        Metric("reason", end.reason or None,
               source=end.source("delisting_reason") if told or terms is None else terms.source("note"),
               note="" if end.reason else "not told by any source"),
        _last_close(history),
        _final_return(context, end, history),
    ]  # fmt: skip
    if terms is not None:
        items.append(terms.metric())
    if row.get("last_price") is not None:
        unit = end.security.ref.currency
        items.append(
            Metric("last price told", row["last_price"], "price", unit=unit, source=end.source("last_price"))
        )
    if row.get("successor"):
        items.append(Metric("successor", row["successor"], source=end.source("successor")))
    if row.get("note"):
        items.append(Metric("note of the listing", row["note"], source=end.source("note")))
    return tuple(items)


def _listed(end: Ending) -> Metric:
    """The first day of the listing; some sources have only the last, which stands for it in their rows."""
    first = None if end.row is None else end.row["listing_date"]
    if first is not None and first < end.delisted:
        return Metric("listed", first, "date", source=end.source("listing_date"))
    naming = end.security.current
    key = {"security_id": end.security.ref.security_id, "valid_from": naming.valid_from}
    return Metric(
        "listed", naming.listing_date, "date", source=CellSource("securities", "listing_date", {}, key)
    )


def _last_close(history: History | None) -> Metric:
    if history is None:
        return Metric("last traded close", None, "price", note="no close as traded is known")
    source = history.source("close")
    key = dict.fromkeys(source.keys, history.last)
    return Metric(
        "last traded close", history.frame["close"][-1], "price", history.decimals, history.unit,
        "price as traded", CellSource(source.table, source.column, {}, {**source.constants, **key}),
        note=f"{history.last}",
    )  # fmt: skip


def _final_return(context: Context, end: Ending, history: History | None) -> Metric:
    """By the terms of the merger it ended in; as a source tells it; else from what was paid once the listing had
    ended; else a blank that says so."""
    if end.terms is not None and history is not None and _near(end.terms.day, history):
        last, currency = float(history.frame["close"][-1]), end.security.ref.currency
        made = end.terms.final_return(context, last, history.last, currency)
        if made is not None:
            return made
    if end.row is not None and end.row["final_return"] is not None:
        return Metric("final return", end.row["final_return"], "change", formula=f"as the source has it: {_AFTER}",
                      source=end.source("final_return"), note=end.row["known_basis"])  # fmt: skip
    paid = None if history is None else _paid(context, end, history)
    if paid is None:
        return Metric(
            "final return", None, "change", formula=_AFTER + _NONE_TOLD, note="not told by any source"
        )
    context.note(
        f"The final return is estimated: {paid.words} is taken for all that holders got after the last trade. "
        "A later payment, or shares of another company, would raise it."
    )
    return Metric("final return", paid.amount / paid.last - 1, "change",
                  formula=f"{_AFTER}: {paid.amount:.8g} / {paid.last:.8g} - 1; {paid.words}",
                  note="estimated: what was paid after the last trade")  # fmt: skip


def _near(day: date, history: History) -> bool:
    """Whether the last close is of shortly before a day, so that one tells something of the other."""
    return 0 <= (day - history.last).days <= _NEAR and float(history.frame["close"][-1]) > 0


def _paid(context: Context, end: Ending, history: History) -> _Paid | None:
    """Cash whose ex-date is the day of delisting or later, where the closes run up to that day. What was paid
    before is a dividend of a share that still traded, and no part of the final return."""
    import polars as pl

    last = float(history.frame["close"][-1])
    if not _near(end.delisted, history):
        return None
    ref = end.security.ref
    found = context.reader.actions([ref.security_id], kinds=["dividend"], upcoming=False)
    first = max(end.delisted, date.fromordinal(history.last.toordinal() + 1))
    found = found.filter(pl.col("ex_date") >= first, pl.col("amount") > 0)
    foreign = found.filter(pl.col("currency").is_not_null() & (pl.col("currency") != ref.currency))
    if found.is_empty() or foreign.height:
        return None
    days = ", ".join(f"{row['amount']:.8g} {ref.currency} ({row['ex_date']})" for row in found.to_dicts())
    return _Paid(float(found["amount"].sum()), last, f"cash paid on or after the delisting, {days},")
