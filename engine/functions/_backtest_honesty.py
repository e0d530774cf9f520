"""BACKTEST's page on how far to believe the run: intervals, luck, costs and delays, capacity, trials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.backtest import honesty
from engine.figures import Heatmap
from engine.frames import frame_of
from engine.functions._backtest_found import Found
from engine.page import Column, Curve, CurveSeries, Metric, Metrics, Table
from engine.quant import performance as perf

if TYPE_CHECKING:
    from numpy.typing import NDArray


REPLICATIONS = 1_000
_WORDS = {
    "cagr": ("return a year", "change"),
    "realized_volatility": ("volatility", "percent"),
    "sharpe_ratio": ("Sharpe ratio (over the risk-free rate)", "ratio"),
    "max_drawdown": ("max drawdown", "change"),
    "calmar_ratio": ("Calmar ratio", "ratio"),
}
_COSTS = (0.0, 5.0, 10.0, 15.0, 25.0, 50.0)  # basis points of what is traded
_DELAYS = (0, 1, 2, 5, 10)  # sessions later than it was run
_LIMIT = 0.05  # of a session's volume
_TRADING_DAYS = 20  # sessions that a mean volume and a volatility are taken over


def intervals(found: Found, seed: int) -> Table:
    """95% intervals on the headline figures by stationary block bootstrap, bias-corrected."""
    rows = []
    spread = honesty.headline_intervals(
        found.returns, found.run.periods, replications=REPLICATIONS, seed=seed
    )
    over = honesty.headline_intervals(found.excess, found.run.periods, replications=REPLICATIONS, seed=seed)
    for name, (label, kind) in _WORDS.items():
        one = (over if name == "sharpe_ratio" else spread).intervals[name]
        rows.append(
            {
                "figure": label,
                "kind": kind,
                "estimate": one.estimate,
                "low": one.low,
                "high": one.high,
                "error": one.standard_error,
            }
        )
    told = (
        f"stationary block bootstrap of session returns, {REPLICATIONS:,} histories, mean block {spread.block:.0f} "
        "sessions (Politis & White 2004), bias-corrected and accelerated (Efron 1987)"
    )
    return _mixed(rows, told)


def _mixed(rows: list[dict[str, object]], told: str) -> Table:
    """Figures of different kinds in one table: per cent written out by the row's own kind."""
    shown = [
        {
            "figure": row["figure"],
            **{name: _written(row[name], str(row["kind"])) for name in ("estimate", "low", "high", "error")},
        }
        for row in rows
    ]
    frame = frame_of(shown, figure="text", estimate="text", low="text", high="text", error="text")
    columns = (
        Column("figure", "figure", formula=told),
        Column("estimate", "estimate"),
        Column("low", "95% from"),
        Column("high", "to"),
        Column("error", "std error", formula="deviation of the replications"),
    )
    return Table(frame, columns, key=("figure",))


def _written(value: object, kind: str) -> str:
    number = float(str(value))
    if not np.isfinite(number):
        return "none"
    return f"{number:.2f}" if kind == "ratio" else f"{number:.1%}"


def luck(found: Found, seed: int) -> Metrics:
    """Trials, random entries and the order of trades."""
    deflated, counted = found.deflated, found.counted
    year = np.sqrt(found.run.periods)
    items = [
        Metric(
            "tried on these data",
            counted.trials,
            "integer",
            formula="different runs that you made over the same securities or universe, this one among them",
        ),
        Metric(
            "Sharpe of luck",
            deflated.hurdle * year,
            "ratio",
            2,
            formula="expected best of as many tries without skill, whose ratios vary as yours did (Bailey & Lopez "
            "de Prado 2014, eq. 1), annualised",
        ),
        Metric(
            "P(true Sharpe > 0)",
            _alone(found),
            "percent",
            1,
            formula="probabilistic Sharpe ratio, as if tried once",
        ),
        Metric(
            "deflated Sharpe",
            deflated.probability,
            "percent",
            1,
            formula="chance that the true ratio is above luck's",
        ),
        Metric(
            "least track record",
            _least(found),
            "number",
            1,
            unit="years",
            formula="until a true Sharpe ratio above 0 is shown at 95% (Bailey & Lopez de Prado 2012)",
        ),
    ]
    items += _random(found, seed)
    items += _order(found, seed)
    return Metrics(tuple(items))


def _alone(found: Found) -> float:
    one = honesty.trial_of("run", found.excess)
    return float(perf.probabilistic_sharpe_ratio(one.sharpe, one.observations, one.skew, one.kurtosis))


def _least(found: Found) -> float | None:
    one = honesty.trial_of("run", found.excess)
    if one.sharpe <= 0:
        return None
    return float(perf.minimum_track_record(one.sharpe, one.skew, one.kurtosis)) / found.run.periods


def _random(found: Found, seed: int) -> list[Metric]:
    """The same number of trades, as long, entered at random."""
    run = found.run
    held = run.outcome.result.trades
    if not found.plain:
        return []
    prices = run.market.signal_prices(dividends=True)["open"]
    usable = (held.exit > held.entry) & np.isfinite(prices[held.entry, held.symbol])
    usable &= np.isfinite(prices[held.exit, held.symbol])
    if usable.sum() < 5:
        return []
    try:
        drawn = honesty.random_entry(
            prices,
            held.symbol[usable],
            held.entry[usable],
            held.exit[usable],
            np.sign(held.shares[usable]),
            REPLICATIONS,
            seed,
        )
    except ValueError:
        return []
    return [
        Metric(
            "mean trade before costs",
            drawn.observed,
            "change",
            2,
            formula="from open to open, dividends in it",
        ),
        Metric(
            "of random entries",
            float(drawn.samples.mean()),
            "change",
            2,
            note=f"95% to {np.quantile(drawn.samples, 0.95):+.2%}",
            formula=f"as many trades, as long, on the same symbols, at random: {REPLICATIONS:,} draws",
        ),
        Metric(
            "P(random is as good)",
            drawn.p_value,
            "percent",
            1,
            formula="share of draws with as good a mean trade",
        ),
    ]


def _order(found: Found, seed: int) -> list[Metric]:
    """Drawdowns had the trades come in another order; for one security at a time only, where trades follow."""
    held = found.run.outcome.result.trades
    if len(found.run.market.symbols) > 1 or len(held) < 5:
        return []
    returns = np.asarray(held.return_)[np.argsort(held.exit, kind="stable")]
    if (returns <= -1).any():
        return []
    drawn = honesty.trade_order(returns, REPLICATIONS, seed)
    return [
        Metric(
            "drawdown trade to trade", drawn.observed, "change", 1, formula="of trades in the order they came"
        ),
        Metric(
            "in other orders, 95%",
            drawn.depth(0.95),
            "change",
            1,
            formula=f"drawdown that 95% of {REPLICATIONS:,} orders of the same trades do not exceed",
        ),
    ]


def cost_and_delay(found: Found) -> Heatmap | None:
    """Sharpe ratio had trading cost more, or orders come later: of weights at closes and session returns."""
    prices = found.run.market.signal_prices(dividends=True)["close"]
    if len(prices) < 40 or not found.plain:
        return None
    moves = np.full(prices.shape, np.nan)
    with np.errstate(invalid="ignore"):
        moves[1:] = prices[1:] / prices[:-1] - 1.0
    weights = np.asarray(found.run.outcome.result.weights)
    # what is held at a close earns the next session's return: that is a delay of one
    delays = [1 + each for each in _DELAYS]
    turned = np.abs(_traded(found)).sum(axis=1)
    grid = honesty.cost_delay_grid(
        weights, moves, np.array(_COSTS) * 1e-4, delays, found.run.periods, traded=turned
    )
    return Heatmap(
        tuple(f"{each} later" if each else "as run" for each in _DELAYS),
        tuple(f"{each:g} bp" for each in _COSTS),
        grid.sharpe,
        "ratio",
        2,
        scale="diverging" if np.nanmin(grid.sharpe) < 0 < np.nanmax(grid.sharpe) else "sequential",
        row_title="sessions",
        column_title="cost of what is traded",
        formula="Sharpe ratio of the weights held at closes, earned so many sessions later, less the cost of what "
        f"was traded for them; over {grid.sessions:,} sessions; cash earns nothing and no rate is taken off",
    )


def _traded(found: Found) -> NDArray[np.float64]:
    """Bought (negative: sold) for the weights of each close (n, k), over the equity: what drifting left to do."""
    closes = found.run.market.signal_prices()["close"]
    weights = np.nan_to_num(np.asarray(found.run.outcome.result.weights))
    grown = np.zeros(weights.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        moved = closes[1:] / closes[:-1]
        grown[1:] = weights[:-1] * np.where(np.isfinite(moved), moved, 1.0) / (1.0 + found.returns[1:, None])
    grown[~np.isfinite(grown)] = 0.0
    return np.asarray(weights - grown, dtype=np.float64)


def capacity(found: Found) -> tuple[Metrics, Curve] | None:
    """How much money before impact eats it; None where no volume is known."""
    market = found.run.market
    if not found.plain:
        return None
    money = _trailing(market.close * market.volume, _TRADING_DAYS)
    moves = np.full(market.close.shape, np.nan)
    closes = market.signal_prices()["close"]
    with np.errstate(invalid="ignore", divide="ignore"):
        moves[1:] = np.log(closes[1:] / closes[:-1])
    spread = np.sqrt(_trailing(moves**2, _TRADING_DAYS))
    trades = np.abs(_traded(found))
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
               "capital at which a trade first takes 5% of a mean session's volume"),
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


def _money(label: str, value: float, whole: float, found: Found, formula: str) -> Metric:
    shown = value if np.isfinite(value) else None
    return Metric(
        label,
        shown,
        "number",
        0,
        unit=found.run.currency,
        formula=formula,
        note="at no capital" if shown is None else "trades above a session's volume" if value > whole else "",
    )


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
