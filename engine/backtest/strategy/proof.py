"""Whether decisions use only what was known: what comes later is altered, and nothing earlier may change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats, Market
from engine.backtest.strategy.asking import decisions
from engine.backtest.strategy.errors import StrategyError
from engine.backtest.strategy.interface import Strategy, VectorStrategy

Panels: TypeAlias = Mapping[str, NDArray[np.float64]]
S = TypeVar("S")
Answers: TypeAlias = Callable[[Market, Panels], NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Violation:
    """A decision that changed with what came after ``known``: the last session that was left as it was.

    ``how``: "altered" where later values were others, "shortened" where there were none. ``date`` and ``symbol``:
    the first decision that changed, and how many did.
    """

    known: np.datetime64
    how: str
    date: np.datetime64
    symbol: str
    before: float
    after: float
    count: int

    def __str__(self) -> str:
        return (
            f"The decision of {self.date} on {self.symbol} was {self.before:g}, and {self.after:g} once what came "
            f"after {self.known} was {self.how}: it looks ahead ({self.count} decisions changed)."
        )


def prove_causal(
    strategy: Strategy | VectorStrategy,
    market: Market,
    cuts: int = 8,
    seed: int = 0,
    *,
    panels: Panels | None = None,
) -> tuple[Violation, ...]:
    """The decisions that change when the future does: none of a strategy that does not look ahead.

    Parameters
    ----------
    strategy : asked anew, as a copy, for each altered market
    cuts : how many sessions are drawn after which everything is altered
    seed : of the draws

    Raises
    ------
    StrategyError
        It fails, cannot be copied, or answers differently on the same data (an unseeded random draw): nothing is
        proved then.

    Notes
    -----
    A proof by trial: a look ahead that no cut meets stays unseen; more cuts find more. What a strategy brings along
    (prices from a file of its own) is not altered, and not seen either.
    """
    copied(strategy)

    def answer(given: Market, seen: Panels) -> Floats:
        return decisions(copied(strategy), given, panels=seen).target

    if not np.array_equal(answer(market, panels or {}), answer(market, panels or {}), equal_nan=True):
        raise StrategyError(
            f"{type(strategy).__name__} answers differently on the same data: seed its random draws first."
        )
    return changes(answer, market, cuts, seed, panels=panels)


def copied(strategy: S) -> S:
    """A strategy as it was made, to be asked anew. Raises StrategyError where it cannot be copied."""
    try:
        return deepcopy(strategy)
    except Exception as fault:
        raise StrategyError(
            f"{type(strategy).__name__} cannot be copied ({fault}), so it cannot be asked twice: keep open files and "
            "generators out of it."
        ) from fault


def changes(
    answer: Answers, market: Market, cuts: int = 8, seed: int = 0, *, panels: Panels | None = None
) -> tuple[Violation, ...]:
    """``prove_causal`` of anything that answers one row a session, (n, k): at most two a cut, in their order."""
    given = dict(panels or {})
    whole = answer(market, given)
    rng = np.random.default_rng(seed)
    sessions = len(market.dates)
    drawn = rng.choice(max(sessions - 1, 0), size=min(max(cuts, 1), max(sessions - 1, 0)), replace=False)
    found: list[Violation] = []
    for row in sorted(drawn.tolist()):
        noise = np.random.default_rng([seed, row])
        others = {name: _noisy(panel, row, noise) for name, panel in given.items()}
        short = {name: panel[: row + 1] for name, panel in given.items()}
        tried = (
            ("altered", answer(altered(market, row, noise), others)),
            ("shortened", answer(shortened(market, row), short)),
        )
        for how, again in tried:
            found += _compared(market, whole, again, row, how)
    return tuple(found)


def _compared(
    market: Market, whole: NDArray[np.generic], again: NDArray[np.generic], row: int, how: str
) -> list[Violation]:
    one = np.asarray(whole[: row + 1], dtype=np.float64)
    other = np.asarray(again[: row + 1], dtype=np.float64)
    other = other if other.shape == one.shape else np.full(one.shape, np.inf)
    differ = ~((one == other) | (np.isnan(one) & np.isnan(other)))
    if not differ.any():
        return []
    day, symbol = (int(each[0]) for each in np.nonzero(differ))
    return [
        Violation(
            market.dates[row], how, market.dates[day], market.symbols[symbol], float(one[day, symbol]),
            float(other[day, symbol]), int(differ.sum()),
        )
    ]  # fmt: skip


def altered(market: Market, row: int, rng: np.random.Generator) -> Market:
    """The market as it was up to ``row``, and another one after it: prices, gaps, splits, dividends, delistings."""
    later, shape = slice(row + 1, None), market.close[row + 1 :].shape
    level = np.exp(rng.normal(0.0, 0.4, shape[1]) + np.cumsum(rng.normal(0.0, 0.05, shape), axis=0))
    gone = rng.random(shape) < 0.03
    changed: dict[str, Any] = {}
    for name in ("open", "high", "low", "close", "volume"):
        values = getattr(market, name).copy()
        values[later] = np.where(
            gone, np.nan, np.where(np.isfinite(values[later]), values[later], 50.0) * level
        )
        changed[name] = values
    split, dividend = market.split.copy(), market.dividend.copy()
    split[later] = np.where(rng.random(shape) < 0.02, 2.0, 1.0)
    dividend[later] = np.where(rng.random(shape) < 0.02, 0.1, 0.0)
    return replace(_alive(market, row), **changed, split=split, dividend=dividend)


def shortened(market: Market, row: int) -> Market:
    """The market as it stood after session ``row``: no later one."""
    names = ("dates", "open", "high", "low", "close", "volume", "split", "dividend", "pay")
    return replace(_alive(market, row), **{name: getattr(market, name)[: row + 1] for name in names})


def _alive(market: Market, row: int) -> Market:
    """Nobody knows of a delisting after ``row``."""
    later = market.last > row
    return replace(
        market,
        last=np.where(later, -1, market.last),
        final_return=np.where(later, np.nan, market.final_return),
    )


def _noisy(panel: Floats, row: int, rng: np.random.Generator) -> Floats:
    found = np.asarray(panel, dtype=np.float64).copy()
    found[row + 1 :] = rng.normal(
        0.0, 1.0 + np.nan_to_num(np.abs(found)).max(initial=0.0), found[row + 1 :].shape
    )
    return found
