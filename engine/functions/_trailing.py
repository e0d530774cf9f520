"""Trailing dividends and yield, in one kind of share, with and without what was likely special."""

from __future__ import annotations

from datetime import date
from statistics import median
from typing import TYPE_CHECKING

from engine.history import FRESH_DAYS
from engine.page import CellSource, Metric
from engine.period import months_before
from engine.shares import shares_since

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context

_TIMES = 4.0  # a final beside an interim is seldom more than three times it
_NEIGHBOURS = 4  # on each side: a year of quarterly dividends
SPECIAL = "possibly special: many times its neighbours"
SPECIAL_RULE = (
    f"more than {_TIMES:g} times the median of up to {_NEIGHBOURS} dividends on either side known at the clock, "
    "all in the same shares"
)


def currency(paid: pl.DataFrame) -> str:
    return str(paid["currency"][0] or "")


def with_specials(actions: pl.DataFrame) -> pl.DataFrame:
    """The dividends among ``actions``, in their order, with ``remark`` where one is likely special."""
    import polars as pl

    paid = actions.filter(pl.col("kind") == "dividend")
    amounts = [row["amount"] / shares_since(actions, row["ex_date"]) for row in paid.iter_rows(named=True)]
    remarks = [SPECIAL if _stands_out(amounts, at) else None for at in range(len(amounts))]
    return paid.with_columns(remark=pl.Series(remarks, dtype=pl.String))


def _stands_out(amounts: list[float], at: int) -> bool:
    beside = amounts[max(0, at - _NEIGHBOURS) : at] + amounts[at + 1 : at + 1 + _NEIGHBOURS]
    return len(beside) > 1 and amounts[at] > _TIMES * median(beside) > 0


def summary(context: Context, paid: pl.DataFrame, actions: pl.DataFrame) -> tuple[Metric, ...]:
    """The newest dividend, and what the twelve months to the clock (or the last session) paid and yielded."""
    import polars as pl

    bars = context.reader.bars([context.security.security_id], adjust="none")
    day = _day(context, bars)
    effective = paid.filter(pl.col("ex_date") <= day)
    trailing = effective.filter(pl.col("ex_date") > months_before(day, 12))
    unit = currency(paid)
    close = None if bars.is_empty() else (float(bars["close"][-1]), bars["session_date"][-1])
    last = effective.row(0, named=True) if effective.height else None
    source = CellSource("actions", "amount", {}, {
        "security_id": context.security.security_id, "kind": "dividend", "ex_date": last["ex_date"]
    }) if last else None  # fmt: skip
    items = [
        Metric("last dividend", last["amount"] if last else None, "price", 4, unit, "per share, as paid", source,
               note=str(last["remark"] or "") if last else ""),
        Metric("last ex-date", last["ex_date"] if last else None, "date", source=source),
        *_sums("", trailing, actions, day, close, unit),
    ]  # fmt: skip
    plain = trailing.filter(pl.col("remark").is_null())
    if plain.height < trailing.height:
        items += _sums(", without specials", plain, actions, day, close, unit)
        several = trailing.height - plain.height
        which = "One" if several == 1 else str(several)
        which += " of the last twelve months' dividends " + ("is" if several == 1 else "are")
        context.note(
            f"{which} many times the neighbours, and possibly special: trailing figures are given with and without. "
            "Where a regular dividend went ex on the same day, it lies in the same amount and is left out with it.",
            "warning",
        )
    items.append(Metric("dividends known", paid.height, "integer", formula="rows of the table"))
    items.append(Metric("first ex-date", paid["ex_date"][-1], "date", formula="last row of the table"))
    return tuple(items)


def _day(context: Context, bars: pl.DataFrame) -> date:
    """The day that the trailing figures are of: the clock's, or of the last session where that is old."""
    today = context.today
    if bars.is_empty() or (today - bars["session_date"][-1]).days <= FRESH_DAYS:
        return today
    last: date = bars["session_date"][-1]
    context.note(
        f"{context.security.ticker}: the last session in the store is {last}: dividends after it may be missing, "
        "and the trailing figures are of that day.",
        "warning",
    )
    return last


def _sums(
    which: str,
    trailing: pl.DataFrame,
    actions: pl.DataFrame,
    day: date,
    close: tuple[float, date] | None,
    unit: str,
) -> list[Metric]:
    """Twelve months' dividends and their yield, amounts and close in the shares of ``day``."""
    amounts, inputs = [], []
    for row in trailing.iter_rows(named=True):
        shares = shares_since(actions, row["ex_date"], day)
        amounts.append(row["amount"] / shares)
        inputs.append(f"{row['amount']:g}{'' if shares == 1 else f' / {shares:g}'} ({row['ex_date']})")
    total = sum(amounts) if amounts else None
    months = f"the twelve months to {day}, per share of that day"
    formula = f"sum of dividends with ex-date in {months}: {' + '.join(inputs) or 'none'}"
    ratio, told = None, "no close is known"
    if close is not None:
        shares = shares_since(actions, close[1], day)
        ratio = total / (close[0] / shares) if total and close[0] else None
        told = f"{close[0]:g}{'' if shares == 1 else f' / {shares:g}'} (close of {close[1]} as traded)"
    total_told = "none" if total is None else f"{total:.6g}"
    return [
        Metric(f"trailing 12 months{which}", total, "price", 4, unit, formula),
        Metric(
            f"trailing yield{which}",
            ratio,
            "percent",
            formula=f"trailing 12 months{which} / last close: {total_told} / {told}; {formula}",
        ),
    ]
