"""What OVME assumes where nothing is typed: spot, volatility, rates and dividends as known at the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite, log1p, sqrt
from typing import TYPE_CHECKING, Any

from engine.errors import DataError
from engine.functions._chain import read_chain
from engine.functions._trailing import with_specials
from engine.history import FRESH_DAYS, read_history
from engine.period import Period, months_before
from engine.shares import shares_since

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context
    from engine.functions._ovme_contract import Contract
    from engine.page import SecurityRef

_REACH = 10  # days back to a yield curve that still stands
_NEAR_EXPIRY, _NEAR_STRIKE = 3, 0.025  # how near a quote must be to stand for the option
_PLAIN = 0.20  # where nothing at all is known of a volatility


@dataclass(frozen=True, slots=True)
class Assumed:
    """A value and where it comes from, in words; ``given`` where the reader typed it."""

    value: float
    basis: str
    given: bool = False


def typed(value: float | None) -> Assumed | None:
    return None if value is None else Assumed(float(value), "as typed", True)


def in_percent(value: float | None) -> Assumed | None:
    """What was typed in per cent, as a fraction."""
    return None if value is None else Assumed(float(value) / 100.0, "as typed", True)


@dataclass(frozen=True, slots=True)
class Standing:
    """The spot and the day that the option is priced on."""

    day: date
    spot: Assumed


def standing(context: Context, ref: SecurityRef, given: float | None) -> Standing:
    """The clock's day with the last close; where that is old, the day of that close.

    Raises
    ------
    DataError
        No price is known and none is typed.
    """
    if given is not None:
        return Standing(context.today, Assumed(float(given), "as typed", True))
    try:
        history = read_history(context, ref, adjust="none", hint=False)
    except DataError as fault:
        raise DataError(f"{fault} SPOT= prices an option on a level of your own.") from fault
    if history.rate:
        raise DataError(
            f"{ref.label} is a rate or a factor ({history.unit or history.told}): OVME prices options on shares, "
            "indices, currencies and futures. SPOT= with MODEL=BACHELIER takes a rate typed as a level."
        )
    old = (context.today - history.last).days > FRESH_DAYS
    day = history.last if old else context.today
    close = float(history.frame["close"][-1])
    if history.basis == "adjusted":
        context.note(
            f"{ref.ticker}: only the ratios of its closes were known, the level is 100 at the first: SPOT= and a "
            "strike in money make this page one of money.",
            "warning",
        )
    splits = shares_since(_actions(context, ref), history.last, day)
    told = f"last close, {history.last}" + (f", / {splits:g} for splits since" if splits != 1.0 else "")
    if old:
        context.note(f"Priced as of {day}, the day of the last close: SPOT= prices at the clock's day.")
    return Standing(day, Assumed(close / splits, told))


def _actions(context: Context, ref: SecurityRef) -> pl.DataFrame:
    return context.reader.actions([ref.security_id])


def rate_at(context: Context, day: date, years: float, currency: str) -> Assumed:
    """A currency's continuous rate to expiry: of dollars the Treasury's curve, else what stands for it."""
    if currency not in ("USD", ""):
        context.note(f"No rate of {currency} is kept: it is taken as zero until it is typed.", "warning")
        return Assumed(0.0, f"no rate of {currency} is kept: zero")
    curve = _treasury(context, day)
    if curve is not None:
        import numpy as np

        of, tenors, rates = curve
        told = f"Treasury par yield of {of} at {years:.2f} years, continuous: 2 ln(1 + y / 2)"
        return Assumed(float(np.interp(years, tenors, rates)), told)
    import numpy as np

    from engine.rates import risk_free

    found = risk_free(context, np.array([day], dtype="datetime64[D]"))
    rate = 252.0 * log1p(float(found.values[0]))
    return Assumed(rate, f"{found.source}, continuous: 252 ln(1 + rate a day)" if rate else found.source)


def _treasury(context: Context, day: date) -> tuple[date, list[float], list[float]] | None:
    import polars as pl

    ref = next((s.ref for s in context.directory if (s.ref.ticker, s.ref.market) == ("UST", "GOVT")), None)
    if ref is None:
        return None
    frame = context.reader.rows("yield_curves", [ref.security_id], day - timedelta(days=_REACH), day)
    if frame.is_empty():
        return None
    last: Any = frame["session_date"].max()
    newest = frame.filter(pl.col("session_date") == last).sort("years").drop_nulls("rate")
    return last, newest["years"].to_list(), [2.0 * log1p(rate / 2.0) for rate in newest["rate"]]


def dividend_yield(context: Context, ref: SecurityRef, day: date, spot: float) -> Assumed:
    """The dividends of the twelve months to the day over the spot, those likely special left out; of what pays none
    that is known, zero."""
    import polars as pl

    if ref.asset_class not in ("equity", "fund"):
        if ref.asset_class == "index":
            context.note("An index' dividend yield is not kept: it is taken as zero until YIELD= is typed.")
        return Assumed(0.0, "none is kept: zero")
    actions = _actions(context, ref).sort("ex_date", descending=True)
    paid = with_specials(actions).filter(
        (pl.col("ex_date") <= day) & (pl.col("ex_date") > months_before(day, 12)) & pl.col("remark").is_null()
    )
    total = sum(
        row["amount"] / shares_since(actions, row["ex_date"], day) for row in paid.iter_rows(named=True)
    )
    if not total:
        return Assumed(0.0, "no dividend of the twelve months before is known: zero")
    told = (
        f"{paid.height} dividends of the twelve months to {day}, {total:.4g} a share, / spot: ln(1 + ratio)"
    )
    return Assumed(log1p(total / spot), told)


def declared(context: Context, ref: SecurityRef, day: date, expiry: date) -> tuple[tuple[date, float], ...]:
    """Dividends announced by the clock that go ex after the day and by the expiry, a share of the day's."""
    actions = _actions(context, ref)
    due = actions.filter(
        (actions["kind"] == "dividend") & (actions["ex_date"] > day) & (actions["ex_date"] <= expiry)
    )
    rows = due.sort("ex_date").iter_rows(named=True)
    return tuple(
        (row["ex_date"], float(row["amount"]) * shares_since(actions, day, row["ex_date"])) for row in rows
    )


def volatility_of(
    context: Context, ref: SecurityRef, at: Standing, expiry: date, contract: Contract
) -> Assumed:
    """That of a quote of the chain near the option, else what the last year's returns had."""
    if not at.spot.given and ref.asset_class in ("equity", "fund", "index"):
        quoted = _quoted(context, ref, at.day, expiry, contract)
        if quoted is not None:
            return quoted
    return _realised(context, ref)


def _realised(context: Context, ref: SecurityRef) -> Assumed:
    import numpy as np

    from engine.returns import returns_of

    try:
        returns = returns_of(context, (ref,), Period("Y", 1))
    except DataError:
        context.note(
            f"No volatility is known: {_PLAIN:.0%} is assumed until VOLATILITY= is typed.", "warning"
        )
        return Assumed(_PLAIN, "nothing is known of it: assumed")
    logs = np.log1p(returns.values[:, 0])
    found = float(logs.std(ddof=1)) * sqrt(252.0)
    told = f"realised: deviation of {len(logs)} daily log returns to {returns.last}, x sqrt(252)"
    return Assumed(found, told)


def _quoted(
    context: Context, ref: SecurityRef, day: date, expiry: date, contract: Contract
) -> Assumed | None:
    """Implied by the mid of the nearest contract out of the money, with this page's rate and dividends."""
    from dataclasses import replace

    import polars as pl

    if not context.reader.coverage("option_quotes", [ref.security_id]).height:
        return None
    try:
        chain = read_chain(context, ref)
    except DataError:
        return None
    kind = "call" if contract.strike >= contract.forward else "put"
    near = (
        chain.filter(
            (pl.col("right") == kind) & pl.col("mid").is_not_null()
            & ((pl.col("expiry") - expiry).dt.total_days().abs() <= _NEAR_EXPIRY)
            & ((pl.col("strike") / contract.strike - 1.0).abs() <= _NEAR_STRIKE)
            & ((pl.col("session_date") - day).dt.total_days().abs() <= FRESH_DAYS)
        )
        .sort(
            (pl.col("strike") - contract.strike).abs(), (pl.col("expiry") - expiry).dt.total_days().abs(),
            "contract",
        )
        .head(1)
    )  # fmt: skip
    if near.is_empty():
        return None
    row = near.row(0, named=True)
    years = max((row["expiry"] - row["session_date"]).days, 1) / 365.0
    told = replace(contract, kind=1 if kind == "call" else -1, strike=row["strike"], years=years,
                   spot=row["underlying_price"] or contract.spot)  # fmt: skip
    found = float(told.implied(row["mid"]).volatility)
    if not isfinite(found):
        return None
    quoted = f"{row['contract']} of {row['session_date']}, mid {row['mid']:.2f}"
    return Assumed(found, f"implied by the chain: {quoted}, with the rate and dividends of this page")
