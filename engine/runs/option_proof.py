"""The proof by trial that an option run's decisions use nothing later: quotes and prices to come are altered."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.backtest.inputs import Inputs
from engine.backtest.market import Floats, Market
from engine.backtest.options import ChainMarket
from engine.backtest.strategy import altered, shortened
from engine.runs.market_told import Telling
from engine.runs.options import OptionsGathered, OptionTrial, readied

if TYPE_CHECKING:
    from engine.runs.market_told import Progress

CUTS = 4
_EVERY = 64  # sessions between two looks at whether the user asked to stop
_GONE = 0.1  # of the quotes after a cut, how many are withdrawn


@dataclass(frozen=True, slots=True)
class Change:
    """A decision that changed: how the future was altered, after which session, and what was decided on ``day``."""

    cut: np.datetime64
    how: str
    day: np.datetime64
    was: str
    became: str

    def __str__(self) -> str:
        return f"{self.day}: {self.was}; with what came after {self.cut} {self.how}: {self.became}"


class _EnoughError(Exception):
    """A trial has come to its cut."""


def prove_options(
    trial: OptionTrial, seed: int, progress: Progress, cancelled: Callable[[], bool]
) -> tuple[int, tuple[Change, ...]]:
    """How many sessions were tried, and the first decision of each trial that changed.

    After each of a few sessions (half of them drawn among those that decided something) the underlying's bars,
    the quotes, the rates and the dividends that come later are replaced by noise, then cut off; contracts that a
    model prices are listed and priced anew from the altered bars. The run is made again up to that session, and what
    it decided after each close, with equity and cash there to the last bit, is compared.

    What is kept of the next morning: its ex-dividend and split, which their holders knew the evening before.

    Raises
    ------
    Cancelled
        ``cancelled`` answered true.
    """
    telling = Telling(progress, cancelled)
    sessions = len(trial.ready.chain.dates)
    whole = _decided(trial, trial.ready, sessions, lambda: telling.step(0, 2 * CUTS, "the run as it was"))
    cuts = _cuts(whole, sessions, seed)
    found: list[Change] = []
    for at, row in enumerate(cuts):
        for step, how in enumerate(("altered", "cut off")):
            place = (2 * at + step, 2 * len(cuts), f"the future after {trial.ready.chain.dates[row]} {how}")
            telling.step(*place)
            other = _other(trial, row, np.random.default_rng([seed, row]), how == "cut off")
            again = _decided(trial, other, row, partial(telling.step, *place))
            found += _compared(trial.ready.chain.dates, whole, again, row, how)[:1]
    return len(cuts), tuple(found)


def _cuts(whole: list[tuple[str, ...]], sessions: int, seed: int) -> list[int]:
    rng = np.random.default_rng(seed)
    most = max(sessions - 2, 0)
    acted = [row for row, each in enumerate(whole[:most]) if len(each) > 1]
    drawn = set(rng.choice(acted, min(CUTS // 2, len(acted)), replace=False).tolist()) if acted else set()
    rest = [row for row in range(most) if row not in drawn]
    drawn |= set(rng.choice(rest, min(CUTS - len(drawn), len(rest)), replace=False).tolist())
    return sorted(int(each) for each in drawn)


def _decided(
    trial: OptionTrial, ready: OptionsGathered, last: int, step: Callable[[], None]
) -> list[tuple[str, ...]]:
    """What was decided after each session up to ``last``, and the account there."""
    found: list[tuple[str, ...]] = []

    def given(row: int, decided: tuple[str, ...]) -> None:
        if row % _EVERY == 0:
            step()
        found.append(decided)
        if row >= last:
            raise _EnoughError

    with suppress(_EnoughError):
        trial.simulated(ready, given=given)
    return found


def _compared(
    dates: NDArray[np.datetime64],
    whole: list[tuple[str, ...]],
    again: list[tuple[str, ...]],
    row: int,
    how: str,
) -> list[Change]:
    """Decisions up to the cut that differ."""
    missing = ("no decision",)
    pairs = [(whole[at], again[at] if at < len(again) else missing) for at in range(min(row + 1, len(whole)))]
    return [
        Change(dates[row], how, dates[at], ", ".join(one), ", ".join(other))
        for at, (one, other) in enumerate(pairs)
        if one != other
    ]


def _other(trial: OptionTrial, row: int, rng: np.random.Generator, short: bool) -> OptionsGathered:
    """What the run would have had, had all been otherwise after session ``row``."""
    ready = trial.ready
    inputs = ready.gathered.inputs
    cut = ready.begin + row
    market = _later_market(inputs.market, cut, rng, short)
    seen = None if inputs.seen is None else _later_market(inputs.seen, cut, rng, short)
    count = len(market.dates)
    rates = np.concatenate([np.repeat(ready.rates[:1], ready.begin), ready.rates])
    yearly = _noisy(rates, cut, rng)[:count]
    announced = _noisy(ready.announced, row + 1, rng)[: count - ready.begin]
    moved = replace(ready.gathered, inputs=Inputs(market, begin=inputs.begin, seen=seen))
    chain: ChainMarket | None = None
    decided: ChainMarket | None = None
    if trial.rules.prices is None:
        chain = _later_quotes(ready.chain, row, rng, short)
        decided = None if ready.decided is None else _later_quotes(ready.decided, row, rng, short)
    return readied(trial.rules, moved, yearly, announced, ready.index, ready.begin, chain, decided, Telling())


def _later_market(market: Market, cut: int, rng: np.random.Generator, short: bool) -> Market:
    """Another underlying after ``cut``; cut off, one more session without a bar, on which decisions would fill."""
    made = altered(market, cut, rng)
    split, dividend = made.split.copy(), made.dividend.copy()
    split[cut + 1], dividend[cut + 1] = market.split[cut + 1], market.dividend[cut + 1]
    made = replace(made, split=split, dividend=dividend)
    if not short:
        return made
    made = shortened(made, cut + 1)
    blank: dict[str, Any] = {
        name: getattr(made, name).copy() for name in ("open", "high", "low", "close", "volume")
    }
    for values in blank.values():
        values[cut + 1] = np.nan
    return replace(made, **blank)


def _later_quotes(chain: ChainMarket, row: int, rng: np.random.Generator, short: bool) -> ChainMarket:
    """Other quotes after session ``row``; cut off, none."""
    first = int(chain.first[row + 1])
    if short:
        rows = np.minimum(chain.first[: row + 3], first)
        return replace(
            chain, dates=chain.dates[: row + 2], first=rows, contract=chain.contract[:first], bid=chain.bid[:first],
            ask=chain.ask[:first],
        )  # fmt: skip
    bid, ask = chain.bid.copy(), chain.ask.copy()
    level = np.exp(rng.normal(0.0, 0.7, len(bid) - first))
    bid[first:], ask[first:] = bid[first:] * level, ask[first:] * level * 1.1
    gone = first + np.flatnonzero(rng.random(len(bid) - first) < _GONE)
    bid[gone] = np.nan
    return replace(chain, bid=bid, ask=ask)


def _noisy(values: Floats, row: int, rng: np.random.Generator) -> Floats:
    """Values (n,) with others after ``row``."""
    found = values.copy()
    found[row + 1 :] = np.abs(rng.normal(0.0, 0.05, len(found[row + 1 :])))
    return found
