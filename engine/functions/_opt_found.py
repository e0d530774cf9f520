"""What OPT computes: estimates, the weights of every aim, the frontier, and the same out of sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from engine.errors import CommandError
from engine.function import Args
from engine.functions import _opt_words as words
from engine.functions._risk_tables import NAMES
from engine.portfolios import Holdings
from engine.quant import portfolio as q
from engine.quant.risk import covariance as estimate
from engine.rates import RiskFree, risk_free

if TYPE_CHECKING:
    from engine.context import Context
    from engine.quant.risk.covariance import Estimator
    from engine.returns import Returns

Floats = NDArray[np.float64]
AVERSION, LEVEL = 2.5, 0.95
ALL = ("MINVAR", "SHARPE", "PARITY", "DIVERSIFY", "CVAR", "HRP", "EQUAL")
_LEARN = 2 / 3  # of the range, where weights are tried out of sample
_LEAST_LEARNT = 60


@dataclass(frozen=True, slots=True)
class Estimates:
    """A year's ``means`` (k,) and ``covariance`` (k, k), the returns (n, k) they come from, and the rate a year."""

    means: Floats
    covariance: Floats
    values: Floats
    rate: float


@dataclass(frozen=True, slots=True)
class Outside:
    """An aim's weights chosen on the first part, held over the rest."""

    aim: str
    annual_return: float
    volatility: float
    expected_volatility: float
    sharpe_ratio: float
    max_drawdown: float


@dataclass(frozen=True, slots=True)
class Found:
    """``weights`` (k,) by the aim asked for; ``by_aim`` those of every aim that has an answer."""

    aim: str
    held: Holdings
    returns: Returns
    estimates: Estimates
    constraints: q.Constraints
    weights: Floats
    by_aim: Mapping[str, Floats]
    frontier: q.Frontier
    outside: tuple[Outside, ...]
    learnt: int
    told: tuple[str, ...]
    means: str
    covariance: str
    shrinkage: float | None
    rate_source: str

    def point(self, weights: Floats) -> tuple[float, float]:
        """Volatility and expected return of weights."""
        e = self.estimates
        return float(np.sqrt(max(float(weights @ e.covariance @ weights), 0.0))), float(weights @ e.means)


def found_of(context: Context, args: Args, held: Holdings, returns: Returns) -> Found:
    """Everything the page shows.

    Raises
    ------
    Infeasible, ValueError
        No weights fulfil what is asked.
    """
    rate = risk_free(context, returns.dates, returns.step)
    yearly = rate.annual(returns.step)
    constraints = words.constraints(context, args, held)
    estimates = _estimates(args, held.weights, returns.values, returns.periods_per_year, yearly)
    told = [
        f"Estimated on {len(returns.dates):,} {returns.step} returns, {returns.base_date} to {returns.last}; "
        f"risk-free {yearly:.2%} a year ({rate.source})."
    ]
    aim = args["aim"]
    if aim == "BL" or args["views"]:
        estimates, said = _with_views(args, held, estimates)
        told.append(said)
    steps = len(ALL) + 3
    context.progress(0, steps, "solving")
    chosen = weights_of(aim, args, estimates, constraints)
    by_aim = {}
    for at, each in enumerate(ALL):
        context.check_cancelled()
        context.progress(at + 1, steps, each.lower())
        try:
            by_aim[each] = weights_of(each, args, estimates, constraints)
        except (q.Infeasible, ValueError) as fault:
            told.append(f"{each} has no answer: {fault}.")
    context.progress(steps - 1, steps, "frontier")
    frontier = q.efficient_frontier(estimates.means, estimates.covariance, constraints)
    outside, learnt = _outside(context, args, held, returns, constraints, rate)
    shrinkage = estimate(returns.values, _estimator(args)).shrinkage
    return Found(
        aim, held, returns, estimates, constraints, chosen, by_aim, frontier, outside, learnt, tuple(told),
        "after views" if aim == "BL" or args["views"] else args["means"].lower(), args["covariance"], shrinkage,
        rate.source,
    )  # fmt: skip


def _estimator(args: Args) -> Estimator:
    return NAMES[cast("str", args["covariance"])]


def _estimates(args: Args, given: Floats, values: Floats, periods: float, rate: float) -> Estimates:
    matrix = estimate(values, _estimator(args)).matrix * periods
    match args["means"]:
        case "SHRUNK":
            means = q.shrunk_mean(values, periods)[0]
        case "IMPLIED":
            means = q.implied_returns(matrix, given, AVERSION) + rate
        case _:
            means = q.historical_mean(values, periods)
    return Estimates(means, matrix, values, rate)


def _with_views(args: Args, held: Holdings, estimates: Estimates) -> tuple[Estimates, str]:
    """Expected returns after the views, whose prior the given weights imply."""
    if not args["views"]:
        first, second = held.refs[0].ticker, held.refs[1].ticker
        raise CommandError(f'BL needs views: VIEWS="{first}=12%,{first}-{second}=3%".', argument="aim")
    picks, views = words.views(args["views"], held.refs)
    prior = q.implied_returns(estimates.covariance, held.weights, AVERSION)
    sure = None if not args["confidence"] else np.full(len(views), args["confidence"] / 100.0)
    after = q.posterior(prior, estimates.covariance, picks, views, confidences=sure)
    moved = Estimates(after.expected + estimates.rate, after.covariance, estimates.values, estimates.rate)
    return moved, f"{len(views)} views on a prior implied by the weights given, at risk aversion {AVERSION}."


def weights_of(aim: str, args: Args, estimates: Estimates, constraints: q.Constraints) -> Floats:
    """The best weights by an aim."""
    means, matrix = estimates.means, estimates.covariance
    match aim:
        case "MINVAR":
            return q.minimum_variance(matrix, constraints)
        case "SHARPE" | "BL":
            return q.maximum_sharpe(means, matrix, estimates.rate, constraints)
        case "RETURN" | "VOLATILITY":
            if args["target"] is None:
                raise CommandError(f"{aim} needs TARGET=, in per cent a year: TARGET=12.", argument="aim")
            goal = args["target"] / 100.0
            if aim == "RETURN":
                return q.mean_variance(means, matrix, constraints, target_return=goal)
            return q.mean_variance(means, matrix, constraints, target_volatility=goal)
        case "PARITY":
            return q.risk_parity(matrix)
        case "DIVERSIFY":
            return q.maximum_diversification(matrix, constraints)
        case "CVAR":
            # a floor of the expected return is the aim's own: beside other aims it is the least shortfall of all
            floor = args["target"] if args["aim"] == "CVAR" else None
            goal = None if floor is None else floor / 100.0
            return q.minimum_shortfall(
                estimates.values, LEVEL, constraints, expected=means, target_return=goal
            )
        case "HRP":
            return q.hierarchical_risk_parity(matrix)
    return np.full(len(means), 1.0 / len(means))


def _outside(
    context: Context, args: Args, held: Holdings, returns: Returns, constraints: q.Constraints, rate: RiskFree
) -> tuple[tuple[Outside, ...], int]:
    """Every aim on the first two thirds, held over the last; none where either is too short."""
    learnt = int(len(returns.dates) * _LEARN)
    rest = returns.values[learnt:]
    if learnt < max(_LEAST_LEARNT, len(held.refs) + 10) or len(rest) < 20:
        return (), learnt
    then = float(rate.values[:learnt].mean()) * returns.periods_per_year
    past = _estimates(args, held.weights, returns.values[:learnt], returns.periods_per_year, then)
    lines = []
    for aim in ALL:
        context.check_cancelled()
        try:
            weights = weights_of(aim, args, past, constraints)
        except (q.Infeasible, ValueError):
            continue
        lines.append(_held(aim, weights, rest, past, returns.periods_per_year, rate.values[learnt:]))
    return tuple(lines), learnt


def _held(aim: str, weights: Floats, rest: Floats, past: Estimates, periods: float, rate: Floats) -> Outside:
    from engine.quant import performance as perf

    r = q.hold(rest, weights).returns
    expected = float(np.sqrt(weights @ past.covariance @ weights))
    numbers = (
        perf.cagr(r, periods), perf.realized_volatility(r, periods), expected,
        perf.sharpe_ratio(r, rate, periods), perf.max_drawdown(r),
    )  # fmt: skip
    return Outside(aim, *(float(np.asarray(each)) for each in numbers))
