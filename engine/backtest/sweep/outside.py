"""A search judged by rows it has not seen: the best of each training window traded in the test after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.backtest.honesty import Split, combinatorial_purged, label_spans, walk_forward
from engine.backtest.market import Floats
from engine.backtest.result import Ints

CELLS = 16_000_000  # of the arrays that splits are judged by at a time, splits by columns or by rows
HORIZON = 1  # sessions from a decision to the return it earns: as many are left out between training and test


@dataclass(frozen=True, slots=True, eq=False)
class Walked:
    """Windows in time's order: ``train`` and ``test`` rows, first and last (w, 2); the column ``chosen`` in each by
    its Sharpe ratio over the training rows; Sharpe ratios a period ``inside`` and ``outside``; and the joined returns
    of the tests (m,) with their ``rows``."""

    train: Ints
    test: Ints
    chosen: Ints
    inside: Floats
    outside: Floats
    rows: Ints
    returns: Floats


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidated:
    """By split: the column ``chosen``, its Sharpe ratio a period ``inside`` and ``outside``; by path the Sharpe ratio
    a period of a whole history of which no row was learnt from."""

    chosen: Ints
    inside: Floats
    outside: Floats
    paths: Floats


def walked(returns: Floats, train: int, test: int, *, anchored: bool = False) -> Walked:
    """Walk forward: choose the column with the highest Sharpe ratio of ``train`` rows, take its next ``test`` rows.

    Parameters
    ----------
    returns : (n, k), none missing
    train, test : sessions; the last test may be shorter
    anchored : every training window starts at the first row

    Notes
    -----
    A change of column at a window's edge is not charged: the returns are those of accounts that ran throughout.

    Raises
    ------
    ValueError
        Windows that the rows do not hold.
    """
    splits = walk_forward(
        label_spans(len(returns), horizon=HORIZON), train, test, anchored=anchored, partial=True
    )
    if not splits:
        raise ValueError("A training window of one row leaves nothing to learn from: take a longer one.")
    inside, outside, chosen = _chosen(returns, splits)
    rows = np.concatenate([each.test for each in splits])
    taken = np.concatenate([returns[each.test, column] for each, column in zip(splits, chosen, strict=True)])
    ends = [np.array([(part[0], part[-1]) for part in parts]) for parts in (
        [each.train for each in splits], [each.test for each in splits])]  # fmt: skip
    return Walked(ends[0], ends[1], chosen, inside, outside, rows, taken)


def cross_validated(returns: Floats, groups: int, test_groups: int = 2, embargo: int = 0) -> CrossValidated:
    """Combinatorial purged cross-validation of choosing the column with the highest Sharpe ratio.

    Parameters
    ----------
    returns : (n, k), none missing
    groups, test_groups, embargo : as of ``honesty.combinatorial_purged``

    Raises
    ------
    ValueError
        Numbers of groups that cannot be.
    """
    found = combinatorial_purged(label_spans(len(returns), horizon=HORIZON), groups, test_groups, embargo)
    inside, outside, chosen = _chosen(returns, found.splits)
    paths = found.join(returns[:, chosen].T)
    return CrossValidated(chosen, inside, outside, sharpe(paths.T))


def sharpe(returns: Floats) -> Floats:
    """Mean over deviation (ddof 1) of each column (m,), a period's; 0 where nothing varies."""
    found: Floats = _scores(returns, np.ones((1, len(returns))))[0]
    return found


def _chosen(returns: Floats, splits: tuple[Split, ...]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Sharpe ratios in and out of sample of each split's best column, and which it was; some splits at a time."""
    step = max(1, CELLS // max(returns.shape))
    parts = [_chosen_of(returns, splits[at : at + step]) for at in range(0, len(splits), step)]
    inside, outside, chosen = (np.concatenate([part[at] for part in parts]) for at in range(3))
    return inside, outside, chosen.astype(np.int64)


def _chosen_of(returns: Floats, splits: tuple[Split, ...]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    train, test = (
        _masks(len(returns), [getattr(each, name) for each in splits]) for name in ("train", "test")
    )
    scores = _scores(returns, train)
    top = scores.max(axis=1, keepdims=True)
    chosen = (scores >= top - 1e-12 * np.maximum(1.0, np.abs(top))).argmax(axis=1)  # the first of equals
    rows = np.arange(len(splits))
    outside = [
        _scores(returns[:, [column]], test[[row]])[0, 0] for row, column in zip(rows, chosen, strict=True)
    ]
    return scores[rows, chosen], np.array(outside), chosen.astype(np.int64)


def _masks(rows: int, parts: list[Ints]) -> Floats:
    found = np.zeros((len(parts), rows))
    for mask, part in zip(found, parts, strict=True):
        mask[part] = 1.0
    return found


def _scores(returns: Floats, masks: Floats) -> Floats:
    """Sharpe ratios (samples, k) of the rows that each mask (samples, n) holds; 0 where nothing varies.

    By sums of deviations from each column's mean, lest digits cancel.
    """
    mean = returns.mean(axis=0)
    centred = returns - mean
    count = masks.sum(axis=1)[:, None]
    shift = masks @ centred / count
    square = masks @ centred**2 / count
    spread = square - shift**2
    varies = (spread > 1e-13 * square) & (count > 1)
    deviation = np.sqrt(np.where(varies, spread * count / np.maximum(count - 1, 1), 1.0))
    found: Floats = np.where(varies, (mean + shift) / deviation, 0.0)
    return found
