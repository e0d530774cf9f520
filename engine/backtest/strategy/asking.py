"""A strategy asked over a market, and its answers checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from math import isinf
from traceback import extract_tb

import numpy as np

from engine.backtest.market import Floats, Market
from engine.backtest.result import Signals
from engine.backtest.strategy.errors import StrategyError
from engine.backtest.strategy.interface import AnyStrategy, Strategy, VectorStrategy
from engine.backtest.strategy.views import days, history
from engine.backtest.window import first_columns


def decisions(
    strategy: AnyStrategy,
    market: Market,
    *,
    panels: Mapping[str, Floats] | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Signals:
    """What a strategy wants after each session, (n, k); NaN keeps what is held.

    Parameters
    ----------
    strategy : with ``decide`` (asked session by session) or ``signals`` (asked once)
    market : sessions by symbols
    panels : what else it may see, by name, (n, k), as known at each session's close
    told : called with the sessions done and all of them; what it raises ends the run

    Raises
    ------
    StrategyError
        It has neither method, fails, or answers what is no weight of a symbol of the run.
    """
    if market.unseen:
        return _without_unseen(strategy, market, panels or {}, told)
    if isinstance(strategy, Strategy):
        return Signals(_by_day(strategy, market, panels, told))
    if isinstance(strategy, VectorStrategy):
        return Signals(_at_once(strategy, market, panels))
    raise StrategyError(
        f"{type(strategy).__name__} has neither decide(day) nor signals(view): it wants no weights."
    )


def _without_unseen(
    strategy: AnyStrategy,
    market: Market,
    panels: Mapping[str, Floats],
    told: Callable[[int, int], None] | None,
) -> Signals:
    """Asked of the symbols that a decision may know of; of the others it wants nothing."""
    count = len(market.symbols) - market.unseen
    own = {name: values[:, :count] for name, values in panels.items()}
    target = decisions(strategy, first_columns(market, count), panels=own, told=told).target
    return Signals(np.hstack([target, np.full((len(target), market.unseen), np.nan)]))


def _by_day(
    strategy: Strategy,
    market: Market,
    panels: Mapping[str, Floats] | None,
    told: Callable[[int, int], None] | None,
) -> Floats:
    found = np.full(market.close.shape, np.nan)
    places = {symbol: at for at, symbol in enumerate(market.symbols)}
    for row, day in enumerate(days(market, panels)):
        when = f"decide on {day.date}"
        try:
            answer = strategy.decide(day)
        except Exception as fault:
            raise failed(strategy, when, fault) from fault
        if answer is not None:
            found[row] = _weights(strategy, answer, places, when)
        if told is not None:
            told(row + 1, len(found))
    return found


def _weights(strategy: Strategy, answer: object, places: Mapping[str, int], when: str) -> Floats:
    name = type(strategy).__name__
    if not isinstance(answer, Mapping):
        raise StrategyError(
            f"{name}.{when} answered {type(answer).__name__}; weights by symbol are needed, or None to keep all."
        )
    found = np.zeros(len(places))
    for symbol, weight in answer.items():
        if symbol not in places:
            near = get_close_matches(str(symbol), places, n=1)
            meant = f" Nearest: {near[0]}." if near else ""
            raise StrategyError(f"{name}.{when} named {symbol!r}, which is no symbol of this run.{meant}")
        if isinstance(weight, bool | str) or not isinstance(weight, int | float | np.number) or isinf(weight):
            raise StrategyError(f"{name}.{when} gave {symbol} the weight {weight!r}; a number is needed.")
        found[places[symbol]] = float(weight)
    return found


def _at_once(strategy: VectorStrategy, market: Market, panels: Mapping[str, Floats] | None) -> Floats:
    try:
        answer = np.array(strategy.signals(history(market, panels)), dtype=np.float64)
    except Exception as fault:
        raise failed(strategy, "signals", fault) from fault
    name = type(strategy).__name__
    if answer.shape != market.close.shape:
        raise StrategyError(
            f"{name}.signals answered shape {answer.shape}; sessions by symbols are {market.close.shape}."
        )
    if np.isinf(answer).any():
        raise StrategyError(f"{name}.signals answered infinite weights; NaN keeps what is held.")
    return answer


def failed(strategy: object, when: str, fault: Exception) -> StrategyError:
    """What went wrong in the user's code, and on which of its lines."""
    if isinstance(fault, StrategyError):
        return type(fault)(f"{type(strategy).__name__}.{when}: {fault}")
    whole = extract_tb(fault.__traceback__)
    codes = (getattr(each, "__code__", None) for each in vars(type(strategy)).values())
    files = {code.co_filename for code in codes if code is not None} - {"<string>"}
    trace = [each for each in whole if each.filename in files] or whole
    line = f" (line {trace[-1].lineno} of {trace[-1].filename.rsplit('/', 1)[-1]})" if trace else ""
    return StrategyError(f"{type(strategy).__name__}.{when} failed{line}: {type(fault).__name__}: {fault}")
