"""Price fields of a universe from panels: the last row is the day, axis 1 the securities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.quant import indicators, performance
from engine.quant.factors import momentum

Floats = NDArray[np.float64]
FRESH = 5  # sessions for which a price still stands


@dataclass(frozen=True, slots=True)
class Panels:
    """Sessions up to the day, oldest first, (n, k) each; NaN where there is none.

    ``closes`` are adjusted for splits, ``totals`` for dividends too; ``traded`` and ``volumes`` are as traded;
    ``benchmark`` (n,) is the level that beta is measured against; ``dividends`` (k,) a share, of a year.
    """

    closes: Floats
    totals: Floats
    traded: Floats
    volumes: Floats
    benchmark: Floats
    dividends: Floats


def price_fields(names: Iterable[str], panels: Panels) -> dict[str, Floats]:
    """The fields of group "price" that ``names`` asks for, (k,) each; NaN where too little is known.

    A level stands for at most ``FRESH`` sessions: a security that has not traded since has no price fields.

    Raises
    ------
    KeyError
        No price field has that name.
    """
    closes, totals = _standing(panels.closes), _standing(panels.totals)
    if not len(closes):
        return {name: np.full(closes.shape[1], np.nan) for name in names}
    held = Panels(closes, totals, panels.traded, panels.volumes, panels.benchmark, panels.dividends)
    with np.errstate(all="ignore"):
        return {name: np.asarray(_MAKERS[name](held), dtype=np.float64) for name in names}


def _standing(levels: Floats) -> Floats:
    """Each level carried on over at most ``FRESH`` - 1 rows without one."""
    own = np.isfinite(levels) & (levels > 0)
    rows = np.arange(len(levels))[:, None]
    last = np.maximum.accumulate(np.where(own, rows, -1), axis=0)
    fresh = (last >= 0) & (rows - last < FRESH)
    return np.where(fresh, np.take_along_axis(levels, np.maximum(last, 0), axis=0), np.nan)


def _return(sessions: int) -> Callable[[Panels], Floats]:
    return lambda p: momentum(p.totals, long=sessions, skip=0)[-1]


def _momentum(long: int) -> Callable[[Panels], Floats]:
    return lambda p: momentum(p.totals, long=long, skip=21)[-1]


def _moves(levels: Floats, sessions: int) -> Floats:
    """The last ``sessions`` returns; a row without both levels has none."""
    tail = levels[-sessions - 1 :]
    return np.asarray(tail[1:] / tail[:-1] - 1.0)


def _enough(values: Floats, moves: Floats, least: int) -> Floats:
    return np.where(np.isfinite(moves).sum(axis=0) >= least, values, np.nan)


def _volatility(sessions: int, least: int) -> Callable[[Panels], Floats]:
    def made(panels: Panels) -> Floats:
        moves = _moves(panels.totals, sessions)
        fresh = np.isfinite(panels.totals[-1])
        found = np.asarray(performance.realized_volatility(moves, "daily")) if len(moves) else fresh * np.nan
        return np.where(fresh, _enough(found, moves, least), np.nan)

    return made


def _beta(panels: Panels) -> Floats:
    moves, market = _moves(panels.totals, 252), _moves(panels.benchmark[:, None], 252)[:, 0]
    both = np.where(np.isfinite(market)[:, None], moves, np.nan)
    if np.isfinite(market).sum() < 200:
        return np.full(panels.totals.shape[1], np.nan)
    found = np.asarray(performance.beta(both, market))
    return np.where(np.isfinite(panels.totals[-1]), _enough(found, both, 200), np.nan)


def _from(levels: Floats, sessions: int, extreme: Callable[..., Floats]) -> Floats:
    """The last level / the extreme of so many sessions - 1; NaN for a shorter history."""
    window = levels[-sessions:]
    whole = (len(window) == sessions) & np.isfinite(window[0])
    return np.where(whole, levels[-1] / extreme(window, axis=0) - 1.0, np.nan)


def _worst(panels: Panels) -> Floats:
    window = panels.totals[-252:]
    whole = (len(window) == 252) & np.isfinite(window[0]) & np.isfinite(window[-1])
    return np.where(whole, np.fmin.reduce(window / np.fmax.accumulate(window, axis=0) - 1.0, axis=0), np.nan)


def _distance(sessions: int) -> Callable[[Panels], Floats]:
    def made(panels: Panels) -> Floats:
        window = panels.closes[-sessions:]
        whole = (len(window) == sessions) & np.isfinite(window).all(axis=0)
        return np.where(whole, panels.closes[-1] / window.mean(axis=0) - 1.0, np.nan)

    return made


def _rsi(panels: Panels) -> Floats:
    window = panels.closes[-250:]
    found = indicators.compute("RSI", {"close": np.ascontiguousarray(window)}, timeperiod=14)
    (line,) = found.values()
    return np.where(np.isfinite(panels.closes[-1]), line[-1], np.nan)


def _traded(panels: Panels) -> Floats:
    amounts = (panels.traded * panels.volumes)[-20:]
    known = np.isfinite(amounts)
    count = known.sum(axis=0)
    mean = np.where(known, amounts, 0.0).sum(axis=0) / np.maximum(count, 1)
    return np.where(count >= 10, mean, np.nan)


def _volume(panels: Panels) -> Floats:
    return _last(panels.volumes)


def _last(levels: Floats) -> Floats:
    """The last value of at most ``FRESH`` rows."""
    found = np.full(levels.shape[1], np.nan)
    for row in levels[-FRESH:]:
        found = np.where(np.isfinite(row), row, found)
    return found


_MAKERS: Mapping[str, Callable[[Panels], Floats]] = {
    "close": lambda p: p.closes[-1],
    "volume": _volume,
    "adv_20": _traded,
    "ret_1d": _return(1),
    "ret_1w": _return(5),
    "ret_1m": _return(21),
    "ret_3m": _return(63),
    "ret_6m": _return(126),
    "ret_1y": _return(252),
    "mom_12_1": _momentum(252),
    "mom_6_1": _momentum(126),
    "vol_3m": _volatility(63, 50),
    "vol_1y": _volatility(252, 200),
    "beta_1y": _beta,
    "high_52w_pct": lambda p: _from(p.closes, 252, np.fmax.reduce),
    "low_52w_pct": lambda p: _from(p.closes, 252, np.fmin.reduce),
    "drawdown": lambda p: _from(p.totals, 252, np.fmax.reduce),
    "max_drawdown_1y": _worst,
    "rsi_14": _rsi,
    "sma_50_dist": _distance(50),
    "sma_200_dist": _distance(200),
    "dividend_yield": lambda p: p.dividends / p.closes[-1],
}
