"""BACKTEST's page on how far to believe the run: intervals, luck, costs and delays, capacity, trials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.backtest import honesty
from engine.functions import _backtest_capacity, _backtest_robust
from engine.functions._backtest_found import Found
from engine.functions._backtest_intervals import REPLICATIONS, intervals
from engine.page import Metric, Metrics, Panel
from engine.quant import performance as perf

if TYPE_CHECKING:
    from engine.context import Context


_FEWEST = 5  # trades of which random entries and other orders say anything
_SESSIONS = 60  # of which histories are resampled


def panels(context: Context, found: Found, seed: int) -> list[Panel]:
    """Intervals, luck, costs and delays, capacity; where one cannot be told, a note says why.

    Raises
    ------
    Cancelled
    """
    if why := _unsampled(found):
        context.note(why, "warning")
        return []
    context.progress(0, 1, "resampling histories")
    made = [Panel("intervals", "headline figures with 95% intervals", intervals(found, seed), 2)]
    context.check_cancelled()
    context.progress(0, 1, "drawing random entries")
    made.append(Panel("luck", "was it luck", luck(context, found, seed), 2))
    context.check_cancelled()
    grid = _backtest_robust.robust(context, found)
    made += [] if grid is None else [grid]
    context.progress(0, 1, "capacity")
    made += _backtest_capacity.panels(context, found)
    context.progress(1, 1, "done")
    return made


def _unsampled(found: Found) -> str:
    """Why nothing can be resampled; empty where it can."""
    if not found.traded:
        return "It never traded: there is nothing to resample."
    if len(found.returns) < _SESSIONS:
        few = f"{len(found.returns)} sessions are too few to resample: {_SESSIONS} are needed."
        return f"{few} A longer range has them."
    if not (found.returns > -1).all() or not found.returns.std() > 0:
        return "The account lost all it had, or never moved: there is nothing to resample."
    return ""


def luck(context: Context, found: Found, seed: int) -> Metrics:
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
            formula="expected best of as many tries without skill, whose ratios vary as yours did that compare (none "
            "of accounts below 5% exposure, none far apart), or as one ratio does by itself if that is more "
            "(Bailey & Lopez de Prado 2014, eq. 1), annualised",
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
    for told in (_random(found, seed), _order(found, seed)):
        if isinstance(told, str):
            context.note(told)
        else:
            items += told
    return Metrics(tuple(items))


def _alone(found: Found) -> float:
    one = honesty.trial_of("run", found.excess)
    return float(perf.probabilistic_sharpe_ratio(one.sharpe, one.observations, one.skew, one.kurtosis))


def _least(found: Found) -> float | None:
    one = honesty.trial_of("run", found.excess)
    if one.sharpe <= 0:
        return None
    return float(perf.minimum_track_record(one.sharpe, one.skew, one.kurtosis)) / found.run.periods


def _random(found: Found, seed: int) -> list[Metric] | str:
    """The same number of trades, as long, entered at random; or why not."""
    run = found.run
    held = run.outcome.result.trades
    if not found.plain:
        return (
            "No random entries are drawn: contracts of options begin and end, so that a trade cannot be placed on "
            "other days as it was."
        )
    prices = run.market.signal_prices(dividends=True)["open"]
    usable = (held.exit > held.entry) & np.isfinite(prices[held.entry, held.symbol])
    usable &= np.isfinite(prices[held.exit, held.symbol])
    if usable.sum() < _FEWEST:
        return _few("random entries", int(usable.sum()), "trades of a session or longer")
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
    except ValueError as fault:
        return f"No random entries are drawn. {fault}"
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


def _few(what: str, count: int, of: str) -> str:
    few = f"No {what}: {count} {of}, and {_FEWEST} are needed."
    return f"{few} A longer range or rules that trade more often have them."


def _order(found: Found, seed: int) -> list[Metric] | str:
    """Drawdowns had the trades come in another order, for one security at a time only, where trades follow; or why
    not."""
    held = found.run.outcome.result.trades
    if not found.plain:
        return "No other orders of the trades are drawn: several contracts may be held at once."
    if len(found.run.market.symbols) > 1:
        return (
            "No other orders of the trades are drawn: they overlap, as one security's do not. The intervals put the "
            "portfolio's sessions in other orders."
        )
    if len(held) < _FEWEST:
        return _few("other orders of the trades", len(held), "trades")
    returns = np.asarray(held.return_)[np.argsort(held.exit, kind="stable")]
    if (returns <= -1).any():
        return "No other orders of the trades are drawn: one of them lost all that was put into it, or more."
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
