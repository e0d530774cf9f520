"""The continuous series that signals are computed on, adjusted forwards: no later roll changes a past value."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from engine.backtest.futures.board import Board
from engine.backtest.futures.rolling import Ints
from engine.backtest.market import Floats, Market

PRICES = ("open", "high", "low", "close")


class Continuous(NamedTuple):
    """``market``: one symbol, for rules. ``unmatched``: rows of rolls at which the two contracts had no earlier
    session with both closes: they are joined as they are. ``unit`` (n,): what a distance of 1 in these prices is in
    the held contract's."""

    market: Market
    unmatched: tuple[int, ...]
    unit: Floats


def continuous(
    board: Board, front: Ints, symbol: str, identity: int, join: Literal["ratio", "difference"] = "ratio"
) -> Continuous:
    """The held contract's bars, each roll's step taken off what follows.

    At a roll in session t, with closes ``a`` (old) and ``b`` (new) of the last session before t that has both:
    ``ratio``: prices from t on times the product of ``a / b``; ``difference``: less the sum of ``b - a``.
    Back-adjusted series are these times a constant (or plus one): their returns (differences) are the same, without
    the look-ahead.

    Raises
    ------
    ValueError
        A ratio at a close that is not above zero.
    """
    rows = np.arange(len(board.dates))
    held = np.maximum(front, 0)
    there = front >= 0
    steps, unmatched = _steps(board, front, join)
    total = np.asarray((np.cumprod if join == "ratio" else np.cumsum)(steps), dtype=np.float64)
    panels: dict[str, Floats] = {}
    for name in PRICES:
        raw = np.where(there, getattr(board, name)[rows, held], np.nan)
        panels[name] = (raw * total if join == "ratio" else raw + total)[:, None]
    if join == "ratio" and (panels["close"] <= 0).any():
        raise ValueError(_NEGATIVE)
    shape = panels["close"].shape
    market = Market(
        board.dates,
        (symbol,),
        np.array([identity], dtype=np.int64),
        volume=np.where(there, board.volume[rows, held], np.nan)[:, None],
        split=np.ones(shape),
        dividend=np.zeros(shape),
        pay=np.zeros(shape, dtype=np.int64),
        last=np.array([-1]),
        final_return=np.array([np.nan]),
        currency=board.contracts[0].currency,
        mergers=(),
        unseen=0,
        **panels,
    )
    unit: Floats = 1.0 / total if join == "ratio" else np.ones(len(total))
    return Continuous(market, unmatched, unit)


_NEGATIVE = (
    "A close is not above zero: these contracts are joined by difference, not by ratio (JOIN=DIFFERENCE)"
)


def _steps(board: Board, front: Ints, join: str) -> tuple[Floats, tuple[int, ...]]:
    steps = np.ones(len(front)) if join == "ratio" else np.zeros(len(front))
    unmatched, before = [], -1
    for row, place in enumerate(front.tolist()):
        if place >= 0 and before >= 0 and place != before:
            both = np.flatnonzero(
                np.isfinite(board.close[:row, before]) & np.isfinite(board.close[:row, place])
            )
            if len(both):
                old, new = board.close[both[-1], before], board.close[both[-1], place]
                if join == "ratio" and not (old > 0 and new > 0):
                    raise ValueError(_NEGATIVE)
                steps[row] = old / new if join == "ratio" else old - new
            else:
                unmatched.append(row)
        before = place if place >= 0 else before
    return steps, tuple(unmatched)
