"""What FA DCF discounts at: the risk-free rate and the beta that the clock knew, each with its basis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, cast

from engine.errors import DataError
from engine.period import Period
from engine.returns import Step, benchmark, returns_of

if TYPE_CHECKING:
    from engine.context import Context

STATED_RATE = 0.04
_STATED = f"{STATED_RATE:.0%}, as stated: no long rate is known at this clock"
CUT = date(2017, 12, 22)  # the Tax Cuts and Jobs Act became law: 35% before, 21% from 2018 on
_REACH = 30  # days that a daily yield stands
_MONTHS_REACH = 100  # a month's yield is dated by its first day and published in the month after
_OBSERVED = (
    ("DGS10", "ten-year Treasury yield as observed", _REACH),
    ("GS10", "ten-year Treasury yield, monthly mean", _MONTHS_REACH),
    (
        "AAA",
        "Moody's Aaa yield for want of the Treasury's, above it by the spread of Aaa bonds",
        _MONTHS_REACH,
    ),
)
_OLD = 370  # days after which returns say little of today's company
_LEAST: dict[Step, int] = {"weekly": 100, "daily": 250}


@dataclass(frozen=True, slots=True)
class Assumed:
    """An assumption's value and where it comes from. ``doubt``: why it stands in for what is not known."""

    value: float
    basis: str
    given: bool = False
    doubt: str = ""


def statutory_tax(day: date) -> float:
    """The federal rate on companies as the law stood."""
    return 0.35 if day < CUT else 0.21


def risk_free_rate(context: Context) -> Assumed:
    """The ten-year Treasury yield at the clock, or what stands for it."""
    return (
        _of_curve(context)
        or _observed(context)
        or _of_bills(context)
        or Assumed(STATED_RATE, _STATED, doubt=_STATED)
    )


def _of_curve(context: Context) -> Assumed | None:
    import polars as pl

    ref = next((s.ref for s in context.directory if (s.ref.ticker, s.ref.market) == ("UST", "GOVT")), None)
    if ref is None:
        return None
    first = context.today - timedelta(days=_REACH)
    rows = context.reader.rows("yield_curves", [ref.security_id], first, context.today)
    rows = rows.filter((pl.col("tenor") == "10Y") & pl.col("rate").is_not_null()).sort("session_date")
    if rows.is_empty():
        return None
    day, rate = rows["session_date"][-1], float(rows["rate"][-1])
    return Assumed(rate, f"ten-year Treasury par yield of {day}")


def _observed(context: Context) -> Assumed | None:
    from engine.securities import UnknownSecurity

    for ticker, words, reach in _OBSERVED:
        try:
            ref = context.directory.resolve(ticker, "MACRO").security.ref
        except UnknownSecurity:
            continue
        rows = context.reader.observations(
            [ref.security_id], context.today - timedelta(days=reach), context.today
        )
        rows = rows.drop_nulls("value").sort("period_date")
        if rows.height:
            day, rate = rows["period_date"][-1], float(rows["value"][-1]) / 100.0
            told = f"{words} ({ticker}), {day}"
            return Assumed(rate, told, doubt=told if ticker == "AAA" else "")
    return None


def _of_bills(context: Context) -> Assumed | None:
    """A month's bill, where it is fresh."""
    import numpy as np

    from engine.rates import risk_free

    before = len(context.notes)
    found = risk_free(context, np.array([context.today], dtype="datetime64[D]"))
    wanting = len(context.notes) > before  # old, or none at all
    del context.notes[before:]
    if wanting:
        return None
    rate = float((1.0 + found.values[0]) ** 252 - 1.0)
    told = f"{found.source}, a year, for want of a ten-year yield"
    return Assumed(rate, told, doubt=told)


def beta_of(context: Context, years: int, word: str | None) -> Assumed:
    """Weekly total returns (daily ones where weeks are too few) on the benchmark's, drawn to one (Blume 1975)."""
    from engine.quant.performance import market_model
    from engine.quant.valuation import adjusted_beta

    ref, before = context.security, list(context.notes)
    reason = ""
    try:
        index = benchmark(context, word)
        for step, least in _LEAST.items():
            try:
                found = returns_of(context, [ref, index], Period("Y", years), frequency=step, least=least)
            except DataError as fault:
                reason = str(fault)
                continue
            if len(found.refs) < 2:
                reason = (
                    f"no price of {' or '.join({ref.ticker, index.ticker} - set(found.tickers))} is known"
                )
                break
            age = (context.today - found.last).days
            if age > _OLD:
                reason = f"the last {step} return is of {found.last}, {age:,} days before the clock"
                break
            model = market_model(found.column(ref), found.column(index))
            raw, error = cast(float, model.beta), cast(float, model.beta_se)
            count = int(cast(float, model.observations))
            value = min(max(adjusted_beta(raw), -1.0), 5.0)
            span = f"{count:,} {step} returns to {found.last} on {index.ticker}"
            return Assumed(value, f"2/3 x {raw:.2f} (+/- {error:.2f}: {span}) + 1/3 (Blume 1975)")
    except DataError as fault:
        reason = str(fault)
    finally:  # what a price page would say of staleness is not about this one
        context.notes[:] = before
        context.stale[:] = [each for each in context.stale if each[0] == ref.ticker]
    told = f"1, the market's own, since beta cannot be measured: {reason}"
    return Assumed(1.0, told, doubt=told.rstrip("."))
