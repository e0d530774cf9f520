"""STRESS LEGS=: a book of options revalued after moves of prices and of the volatility surface."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from engine.errors import CommandError, DataError
from engine.figures import Heatmap
from engine.frames import TypeWord, frame_of
from engine.functions._stress_joint import Joint
from engine.history import read_history
from engine.page import Column, Panel, SecurityRef, Table
from engine.period import parse_date

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.context import Context
    from engine.portfolios import Holdings
    from engine.quant.risk import OptionLeg, VolatilityShock

_LEG = re.compile(
    r"^(?P<ticker>\S+)\s+(?P<strike>\d+(?:\.\d+)?)\s+(?P<right>C|P|CALL|PUT)\s+(?P<expiry>\S+)"
    r"(?:\s+X(?P<count>[+-]?\d+(?:\.\d+)?))?(?:\s+@(?P<vol>\d+(?:\.\d+)?)%?)?$"
)
_MOVES = (-0.3, -0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2, 0.3)
_POINTS = (-0.1, -0.05, 0.0, 0.05, 0.1, 0.2)
_QUOTED = timedelta(days=7)  # a chain older than this says nothing of today's volatility


@dataclass(frozen=True, slots=True)
class Leg:
    """A leg as typed."""

    ref: SecurityRef
    strike: float
    kind: int
    expiry: date
    count: float
    volatility: float | None

    def __str__(self) -> str:
        return (
            f"{self.ref.ticker} {self.strike:g} {'C' if self.kind > 0 else 'P'} {self.expiry} x{self.count:g}"
        )


@dataclass(frozen=True, slots=True)
class Book:
    """Shares (k,) and legs over the matrix's securities, priced at the last closes."""

    known: Joint
    spots: NDArray[Any]
    shares: NDArray[Any]
    legs: tuple[OptionLeg, ...]
    asked: tuple[Leg, ...]
    basis: tuple[str, ...]  # where each leg's volatility comes from
    currency: str

    def change(self, returns: NDArray[Any], shock: VolatilityShock | None = None) -> float:
        from engine.quant.risk import book_change

        return book_change(self.spots, self.shares, self.legs, returns, shock)


def typed(context: Context, text: str | None) -> tuple[Leg, ...]:
    """``AAPL 120 C 2026-12-18 x10 @35%, ...``: strike, right, expiry, contracts of 100, volatility if known better.

    Raises
    ------
    CommandError
        A leg that cannot be read, an unknown security, or one that has expired.
    """
    return tuple(_leg(context, word.strip()) for word in re.split(r"[,;]", text or "") if word.strip())


def _leg(context: Context, word: str) -> Leg:
    from engine.securities import UnknownSecurity

    match = _LEG.match(word.upper())
    try:
        expiry = parse_date(match["expiry"]) if match else None
    except ValueError as fault:
        raise CommandError(f"{word!r}: {fault}.", argument="legs") from fault
    if match is None or expiry is None or float(match["strike"]) <= 0:
        raise CommandError(
            f"{word!r} is no leg: a ticker, a strike, C or P, an expiry, and how many contracts.", argument="legs",
            suggestions=('STRESS AAPL LEGS="AAPL 120 C 2026-12-18 x10"',),
        )  # fmt: skip
    if expiry <= context.today:
        raise CommandError(f"{word!r} has expired at this clock ({context.today}).", argument="legs")
    try:
        ref = context.directory.resolve(match["ticker"]).security.ref
    except UnknownSecurity as fault:
        raise CommandError(f"{fault} known at this clock.", argument="legs") from fault
    volatility = None if match["vol"] is None else float(match["vol"]) / 100
    if volatility is not None and not 0.01 <= volatility <= 5:
        raise CommandError(f"{word!r}: a volatility lies between 1% and 500%.", argument="legs")
    return Leg(
        ref,
        float(match["strike"]),
        1 if match["right"][0] == "C" else -1,
        expiry,
        float(match["count"] or 1),
        volatility,
    )


def book(context: Context, held: Holdings, known: Joint, asked: tuple[Leg, ...], rate: float) -> Book:
    """The legs with spots, years and volatilities known at the clock; shares where SHARES= gave them."""
    import numpy as np

    from engine.quant.risk import OptionLeg

    currencies = {leg.ref.currency for leg in asked} | ({held.currency} if held.shares is not None else set())
    if len(currencies) > 1:
        raise DataError(
            "The legs are in several currencies: positions are not converted. Ask for one at a time."
        )
    spots, shares = np.ones(len(known.refs)), np.zeros(len(known.refs))
    if held.shares is not None:
        shares[: len(held.refs)] = held.shares
    for at in {known.place(leg.ref) for leg in asked} | set(np.flatnonzero(shares).tolist()):
        spots[at] = _spot(context, known.refs[at])
    legs, basis = [], []
    for leg in asked:
        at = known.place(leg.ref)
        volatility, where = _volatility(context, leg, float(np.sqrt(known.covariance[at, at] * 252)))
        years = (leg.expiry - context.today).days / 365
        legs.append(OptionLeg(at, leg.kind, leg.strike, years, leg.count, volatility, rate))
        basis.append(where)
    return Book(known, spots, shares, tuple(legs), asked, tuple(basis), currencies.pop())


def _spot(context: Context, ref: SecurityRef) -> float:
    history = read_history(context, ref, adjust="none", hint=False)
    if history.rate or history.basis == "adjusted":
        raise DataError(f"{ref.label} has no price as traded in the store, which options on it need.")
    return float(history.frame["close"][-1])


def _volatility(context: Context, leg: Leg, realised: float) -> tuple[float, str]:
    """As typed, of the newest quote of a week, or realised over the page's range."""
    import polars as pl

    if leg.volatility is not None:
        return leg.volatility, "as typed"
    rows = context.reader.rows("option_quotes", leg.ref.security_id, context.today - _QUOTED)
    right = "call" if leg.kind > 0 else "put"
    same = rows.filter(
        (pl.col("expiry") == leg.expiry) & (pl.col("strike") == leg.strike) & (pl.col("right") == right)
        & (pl.col("implied_volatility") > 0.01)
    ).sort("quoted_at")  # fmt: skip
    if same.height:
        last = same.tail(1)
        return float(last["implied_volatility"].item()), f"quoted {context.show(last['quoted_at'].item())}"
    context.note(
        f"{leg}: no quote of a week gives its implied volatility: the realised {realised:.0%} is taken. "
        "Add one: @35%.",
        "warning",
    )
    return realised, "realised, page's range"


def panels(
    book_: Book, shock: VolatilityShock, returns: Any | None, loss: float, horizon: int, seed: int
) -> list[Panel]:
    """Legs, the grid of moves, and the likeliest way to lose a share of what the book is worth."""
    shown = [
        Panel("legs", f"options, {book_.currency}; European, no dividends", _legs(book_, shock, returns), 2),
        Panel("grid", f"P&L in {book_.currency}: all prices move, volatilities by points", _grid(book_)),
    ]  # fmt: skip
    return [*shown, _reverse(book_, loss, horizon, seed)]


def _legs(book_: Book, shock: VolatilityShock, returns: Any | None) -> Table:
    import numpy as np

    from engine.quant.options import bsm_greeks
    from engine.quant.risk import book_values

    now = book_values(book_.spots, book_.legs)
    # a total loss is a price of nothing, which has no logarithm: as ``book_change`` takes it
    moved = book_.spots if returns is None else book_.spots * np.maximum(1 + returns, 1e-9)
    after = book_values(moved, book_.legs, shock, book_.spots)
    rows: list[dict[str, Any]] = []
    for i, (leg, option) in enumerate(zip(book_.asked, book_.legs, strict=True)):
        spot = float(book_.spots[option.asset])
        size = option.quantity * option.multiplier
        greeks = bsm_greeks(
            option.kind, spot, option.strike, option.years, option.rate, 0.0, option.volatility
        )
        rows.append({
            "leg": str(leg), "spot": spot, "volatility": option.volatility, "stressed": shock.of(option, spot),
            "delta": float(greeks.delta) * size, "vega": float(greeks.vega) * size / 100, "value": float(now[i]),
            "after": float(after[i]), "change": float(after[i] - now[i]), "basis": book_.basis[i], "emphasis": "",
        })  # fmt: skip
    stock = float(book_.shares @ (moved - book_.spots))
    if np.any(book_.shares):
        rows.append({
            "leg": "shares", "value": float(book_.shares @ book_.spots), "change": stock,
            "after": float(book_.shares @ moved), "delta": float(book_.shares.sum()), "emphasis": "",
        })  # fmt: skip
    total = {name: sum(row[name] for row in rows) for name in ("value", "after", "change")}
    rows.append({"leg": "book", **total, "emphasis": "strong"})
    frame = frame_of(
        rows, leg="text", spot="number", volatility="number", stressed="number", delta="number", vega="number",
        value="number", after="number", change="number", basis="text", emphasis="text",
    )  # fmt: skip
    columns = (
        Column("leg", "leg", least=20),
        Column("spot", "spot", "price", 2, formula="last close as traded"),
        Column("volatility", "volatility", "percent", 1),
        Column(
            "stressed", "stressed", "percent", 1, formula="+ VOL + SKEW ln(K/S)/sqrt(T) + TERM sqrt(1/12/T)"
        ),
        Column("delta", "delta", "number", 0, "shares", "Black-Scholes-Merton delta x contracts x 100"),
        Column("vega", "vega", "number", 0, formula="P&L of one point of volatility"),
        Column("value", "value", "number", 0, formula="Black-Scholes-Merton x contracts x 100"),
        Column(
            "after", "stressed value", "number", 0, formula="the same after SHOCK=, VOL=, SKEW= and TERM="
        ),
        Column("change", "P&L", "number", 0, formula="stressed value - value"),
        Column("basis", "volatility from", width=30),
    )
    return Table(frame, columns, key=("leg",), emphasis="emphasis")


def _grid(book_: Book) -> Heatmap:
    import numpy as np

    from engine.quant.risk import VolatilityShock

    values = np.array([
        [book_.change(np.full(len(book_.spots), move), VolatilityShock(points)) for move in _MOVES]
        for points in _POINTS
    ])  # fmt: skip
    return Heatmap(
        tuple(f"{points * 100:+g} pts" for points in _POINTS), tuple(f"{move:+.0%}" for move in _MOVES), values,
        decimals=0, unit=book_.currency, row_title="volatility", column_title="prices",
        formula="every leg revalued at once, strikes keep their volatility plus the points",
    )  # fmt: skip


def _reverse(book_: Book, loss: float, horizon: int, seed: int) -> Panel:
    """Over the securities that the book is about alone."""
    import numpy as np

    from engine.quant.risk import book_values, reverse_book_stress

    at = sorted({leg.asset for leg in book_.legs} | set(np.flatnonzero(book_.shares).tolist()))
    legs = [replace(leg, asset=at.index(leg.asset)) for leg in book_.legs]
    worth = float(np.abs(book_values(book_.spots, book_.legs)).sum() + np.abs(book_.shares @ book_.spots))
    money, title = loss * worth, f"what loses {loss * 100:g}% of {worth:,.0f} gross in {horizon} days"
    matrix = book_.known.covariance[np.ix_(at, at)] * horizon
    try:
        found = reverse_book_stress(book_.spots[at], book_.shares[at], legs, matrix, money, seed=seed)
    except ValueError as fault:
        raise DataError(f"{title}: {fault}.") from fault
    rows = [
        {"ticker": book_.known.refs[place].ticker, "return": float(found.scenario[i]),
         "deviations": float(found.scenario[i] / np.sqrt(matrix[i, i]))}
        for i, place in enumerate(at)
    ]  # fmt: skip
    returned: dict[str, TypeWord] = {"return": "number"}
    frame = frame_of(rows, ticker="text", deviations="number", **returned)
    columns = (
        Column("ticker", "asset"),
        Column(
            "return",
            "return",
            "change",
            2,
            formula="nearest in Mahalanobis distance that loses so much (SLSQP)",
        ),
        Column("deviations", "deviations", "number", 2),
    )
    words = f"{title}: the likeliest way, {found.distance:.1f} deviations away"
    return Panel("book_reverse", words, Table(frame, columns, key=("ticker",)))
