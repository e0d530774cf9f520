"""Which quotes of one expiry and right can be traded against each other for a gain: verticals and butterflies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.quant.surface.svi import Floats

_REACH = 6  # neighbours each side that make butterflies with a strike
_SLACK = 1e-9


def executable_arbitrage(
    kind: float, strike: Floats, bid: Floats, ask: Floats
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places of the quotes to leave out so that no spread can be had for less than nothing.

    Parameters
    ----------
    kind
        +1 for calls, -1 for puts.
    strike, bid, ask : (n,)
        Ascending by strike.

    Returns
    -------
    Those that go for verticals, and those that go for butterflies (ascending).

    Notes
    -----
    A vertical is bought at the ask and sold at the bid: a call of a higher strike whose bid is above the ask of a
    lower one, or two whose bid less ask exceeds the distance of the strikes. A butterfly sells the middle at its
    bid and buys wings at their asks. One quote goes at a time, the one that is in most of them; of several the
    widest.
    """
    left = np.arange(len(strike))
    verticals: list[int] = []
    butterflies: list[int] = []
    while len(left) > 1:
        counts = _verticals(kind, strike[left], bid[left], ask[left])
        found = verticals if counts.any() else butterflies
        if not counts.any():
            counts = _butterflies(strike[left], bid[left], ask[left])
        if not counts.any():
            break
        worst = np.flatnonzero(counts == counts.max())
        at = worst[np.argmax(((ask - bid) / (ask + bid))[left[worst]])]
        found.append(int(left[at]))
        left = np.delete(left, at)
    return np.array(sorted(verticals), dtype=np.intp), np.array(sorted(butterflies), dtype=np.intp)


def _verticals(kind: float, strike: Floats, bid: Floats, ask: Floats) -> NDArray[np.int64]:
    """In how many verticals that pay each quote is."""
    if kind < 0:  # a put of strike K is a call of -K
        return _verticals(1.0, -strike[::-1], bid[::-1], ask[::-1])[::-1]
    later = np.triu(np.ones((len(strike), len(strike)), dtype=bool), 1)
    rises = bid[None, :] - ask[:, None] > _SLACK  # sold at the higher strike, bought at the lower
    falls = bid[:, None] - ask[None, :] - (strike[None, :] - strike[:, None]) > _SLACK
    wrong = (rises | falls) & later
    return np.asarray(wrong.sum(axis=0) + wrong.sum(axis=1))


def _butterflies(strike: Floats, bid: Floats, ask: Floats) -> NDArray[np.int64]:
    """In how many butterflies that pay each quote is, wings within six strikes."""
    count = len(strike)
    counts = np.zeros(count, dtype=np.int64)
    if count < 3:
        return counts
    middle = np.arange(count)[:, None, None]
    low = middle - np.arange(1, _REACH + 1)[None, :, None]
    high = middle + np.arange(1, _REACH + 1)[None, None, :]
    inside = (low >= 0) & (high < count)
    low, high = np.maximum(low, 0), np.minimum(high, count - 1)
    width = np.where(inside, strike[high] - strike[low], 1.0)
    share = (strike[high] - strike[middle]) / width
    price = share * ask[low] + (1.0 - share) * ask[high] - bid[middle]
    wrong = inside & (price < -_SLACK)
    if not wrong.any():
        return counts
    places = np.nonzero(wrong)
    for side in (
        np.broadcast_to(middle, wrong.shape),
        np.broadcast_to(low, wrong.shape),
        np.broadcast_to(high, wrong.shape),
    ):
        np.add.at(counts, side[places], 1)
    return counts
