"""How much money BACKTEST's run would bear before its own trades move the prices, and why that is not told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.backtest import honesty
from engine.functions._backtest_found import Found, traded_weights
from engine.page import Curve, CurveSeries, Metric, Metrics, Panel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.context import Context

_LIMIT = 0.05  # of a session's volume
_TRADING_DAYS = 20  # sessions that a mean volume and a volatility are taken over


def panels(context: Context, found: Found) -> list[Panel]:
    """Figures and the curve; where there are none, a note says why."""
    if why := _untold(found):
        context.note(why)
        return []
    made = capacity(found)
    if made is None:
        context.note("No volumes are known for what was traded: its capacity cannot be told.")
        return []
    return [
        Panel("capacity", "how much money it would bear", made[0], 1),
        Panel("impact", "Sharpe ratio by capital, after impact", made[1], 2),
    ]


def _untold(found: Found) -> str:
    """Why no capacity is told of what was traded, where that is so."""
    asked = found.run.asked
    if asked.kind == "options":
        return (
            "No capacity is told of options: a chain's quotes say what is bid and asked, not how much of a contract "
            "trades a day."
        )
    if any(ref.asset_class == "currency" for ref in asked.refs):
        return (
            "No capacity is told of currencies: they trade between dealers, and nobody reports how much of a pair "
            "changes hands."
        )
    if not found.plain:
        return "No capacity is told: what the run holds is not what its market lists."
    return ""


def capacity(found: Found) -> tuple[Metrics, Curve] | None:
    """How much money before impact eats it; None where no volume is known."""
    market = found.run.market
    money = _trailing(money_traded(found), _TRADING_DAYS)
    moves = np.full(market.close.shape, np.nan)
    closes = market.signal_prices()["close"]
    with np.errstate(invalid="ignore", divide="ignore"):
        moves[1:] = np.log(closes[1:] / closes[:-1])
    spread = np.sqrt(_trailing(moves**2, _TRADING_DAYS))
    trades = np.abs(traded_weights(found))
    trades[trades < 1e-4] = 0.0
    trades = np.where(np.isfinite(money) & (money > 0) & np.isfinite(spread), trades, 0.0)
    if not trades.any() or np.ptp(found.returns) == 0:
        return None
    capitals = np.geomspace(1e5, 1e12, 29)
    made = honesty.capacity(
        found.excess, trades, money, spread, limit=_LIMIT, capitals=capitals, periods=found.run.periods
    )
    whole = made.limited / _LIMIT  # a trade takes a session's mean volume: above, the law is extrapolated
    items = (
        _money("5% of the volume at", made.limited, whole, found,
               "capital at which a trade first takes 5% of a mean session's volume, in money"),
        _money("Sharpe ratio halves at", made.halved, whole, found, "closed form over the square-root impact"),
        _money("most money earned at", made.most_money, whole, found,
               "capital with the largest profit after impact"),
        _money("nothing is left at", made.break_even, whole, found,
               "capital at which impact takes the mean return"),
    )  # fmt: skip
    labels = tuple(_short(each) for each in capitals)
    curve = CurveSeries(
        "Sharpe ratio after impact",
        tuple(capitals.tolist()),
        labels,
        tuple(made.net_sharpe.tolist()),
        "net of Y x volatility x sqrt(trade / mean volume), Y = 1 (Almgren et al. 2005)",
    )
    return Metrics(items), Curve((curve,), "capital", "", "ratio", 2, "log")


def money_traded(found: Found) -> NDArray[np.float64]:
    """What changed hands of each symbol a session (n, k), in the account's currency: of futures volume in contracts
    times their price and multiplier, of coins their turnover, of shares volume times the close."""
    told, market = found.run.traded, found.run.market
    return market.close * market.volume if told is None else told


def _money(label: str, value: float, whole: float, found: Found, formula: str) -> Metric:
    """Infinite is no limit, 0 is a mean return that is not above the risk-free rate's at any capital."""
    if value == 0 or not np.isfinite(value):
        why = "it earns less than the risk-free rate" if value == 0 else ""
        return Metric(label, "at no capital", formula=formula, note=why)
    note = "trades above a session's volume" if value > whole else ""
    return Metric(label, value, "number", 0, unit=found.run.currency, formula=formula, note=note)


def _short(value: float) -> str:
    for size, word in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if value >= size:
            return f"{value / size:.3g}{word}"
    return f"{value:.0f}"


def _trailing(values: NDArray[np.float64], sessions: int) -> NDArray[np.float64]:
    """Means of the sessions before each, those that are known; NaN where fewer than five are."""
    known = np.isfinite(values)
    total = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(np.where(known, values, 0.0), axis=0)])
    count = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(known, axis=0)])
    rows = np.arange(len(values))
    first = np.maximum(rows - sessions, 0)
    number = count[rows] - count[first]
    found: NDArray[np.float64] = np.where(
        number >= 5, (total[rows] - total[first]) / np.maximum(number, 1), np.nan
    )
    return found
