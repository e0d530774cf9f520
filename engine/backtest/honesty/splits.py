"""Which rows a model may learn from and which judge it, when labels look forward: walk-forward and purged folds.

Row i's label is known over the closed span [start[i], end[i]] (a five-day return decided on day i spans i to i + 5).
A training row whose span touches that of a test block would tell the model its answers: it is purged. Rows right
after a test block still remember it through serial correlation: ``embargo`` of them are left out (Lopez de Prado
2018, section 7.4). A test block's span runs from its first label's start to its last label's end.

Spans are closed: a label that ends where a test label starts overlaps it. The book's snippets keep such a row; ours
drop it, so that a label of h rows ahead costs h rows on either side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Row numbers to learn from and to judge by, ascending, never one in both."""

    train: Ints
    test: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """When each row's label starts and ends, as comparable numbers (row numbers, or days since 1970)."""

    start: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.start)


def label_spans(
    observations: int,
    start: ArrayLike | None = None,
    end: ArrayLike | None = None,
    horizon: int = 0,
) -> Labels:
    """The labels' spans: of given starts and ends, or of ``horizon`` rows ahead of each row.

    Parameters
    ----------
    observations : rows
    start, end : (n,), whole numbers or datetime64, both or neither; starts ascend (ties allowed), no end is before
        its start
    horizon : rows that a label looks ahead, where start and end are not given

    Raises
    ------
    ValueError
        Another length, one of the two only, a date that is missing, starts that descend, an end before its start.
    """
    if observations < 1:
        raise ValueError("There is no row to split: give at least one observation.")
    if (start is None) != (end is None):
        raise ValueError("A label has a start and an end: give both, or neither and a horizon.")
    if start is None or end is None:
        if horizon < 0:
            raise ValueError(f"A label looks forward: its horizon is 0 or more rows, not {horizon}.")
        rows = np.arange(observations, dtype=np.int64)
        return Labels(rows, rows + horizon)
    first, last = _numbers(start, end)
    if first.shape != (observations,) or last.shape != (observations,):
        raise ValueError(
            f"Labels start {first.shape} and end {last.shape}; one of each a row: ({observations},)."
        )
    if (np.diff(first) < 0).any():
        raise ValueError("Labels' starts must ascend: sort the rows by time first.")
    if (last < first).any():
        raise ValueError(f"The label of row {int((last < first).argmax())} ends before it starts.")
    return Labels(first, last)


def _numbers(start: ArrayLike, end: ArrayLike) -> tuple[Ints, Ints]:
    """Both as int64 of one unit."""
    first, last = np.asarray(start), np.asarray(end)
    if (first.dtype.kind == "M") != (last.dtype.kind == "M"):
        raise ValueError("Labels' starts and ends are both dates or both whole numbers.")
    if first.dtype.kind == "M":
        if np.isnat(first).any() or np.isnat(last).any():
            raise ValueError("A label's date is missing: leave rows without a label out.")
        unit = np.promote_types(first.dtype, last.dtype)
        first, last = first.astype(unit), last.astype(unit)
    elif first.dtype.kind not in "iu" or last.dtype.kind not in "iu":
        raise ValueError("Labels' starts and ends are whole numbers or dates.")
    return first.astype(np.int64), last.astype(np.int64)


def touched(labels: Labels, first: int, last: int, embargo: int = 0) -> Bools:
    """Rows that a test block of rows ``first`` to ``last`` (both in it) keeps from training; the block is among them.

    Those whose span meets the block's, and the ``embargo`` rows after the last of those that start within it.
    """
    begin, over = labels.start[first], labels.end[first : last + 1].max()
    found: Bools = (labels.start <= over) & (labels.end >= begin)
    after = int(np.searchsorted(labels.start, over, side="right"))
    found[after : after + embargo] = True
    found[first : last + 1] = True
    return found


def walk_forward(
    labels: Labels,
    train: int,
    test: int,
    step: int | None = None,
    *,
    anchored: bool = False,
    gap: int = 0,
    partial: bool = False,
) -> tuple[Split, ...]:
    """Train on the past, test on what came next, move on.

    Parameters
    ----------
    labels : see ``label_spans``
    train : rows in each training window; anchored, the rows of the first one
    test : rows in each test
    step : rows from one test to the next, ``test`` where None: each row is judged once
    anchored : every training window starts at row 0
    gap : further rows left out just before each test
    partial : a last test of fewer rows is kept

    Returns
    -------
    Splits in time's order. Training rows whose labels reach into the test are purged, and a window so emptied makes
    no split; every training row lies before every test row.

    Raises
    ------
    ValueError
        Windows that are not above zero, or longer than the rows there are.
    """
    step = test if step is None else step
    if min(train, test, step) < 1 or gap < 0:
        raise ValueError("Windows and steps have at least one row, a gap none or more.")
    if train + gap + (1 if partial else test) > len(labels):
        raise ValueError(
            f"{len(labels):,} rows hold no training window of {train:,}, a gap of {gap} and a test of {test:,}: "
            "take shorter windows or a longer history."
        )
    splits = []
    for begin in range(train + gap, len(labels), step):
        stop = min(begin + test, len(labels))
        if stop - begin < test and not partial:
            break
        rows = np.arange(0 if anchored else begin - gap - train, begin - gap, dtype=np.int64)
        kept = rows[labels.end[rows] < labels.start[begin]]
        if len(kept):
            splits.append(Split(kept, np.arange(begin, stop, dtype=np.int64)))
    return tuple(splits)


def purged_k_fold(labels: Labels, folds: int, embargo: int = 0) -> tuple[Split, ...]:
    """K contiguous test folds; each is judged by a model of all other rows, purged and embargoed.

    Lopez de Prado (2018), section 7.4. The first n mod K folds have one row more than the others.

    Parameters
    ----------
    labels : see ``label_spans``
    folds : 2 to the number of rows
    embargo : rows left out after each test block's last label ended

    Raises
    ------
    ValueError
        Too few or too many folds, a negative embargo, or a fold that leaves nothing to train on.
    """
    splits = []
    for first, last in fold_bounds(len(labels), folds, embargo):
        train = np.flatnonzero(~touched(labels, first, last, embargo))
        if not len(train):
            raise ValueError(
                f"Purging leaves nothing to train on beside the test rows {first} to {last}: "
                "take shorter labels, a shorter embargo or more folds."
            )
        splits.append(Split(train, np.arange(first, last + 1, dtype=np.int64)))
    return tuple(splits)


def fold_bounds(observations: int, folds: int, embargo: int = 0) -> list[tuple[int, int]]:
    """First and last row of each contiguous fold."""
    if not 2 <= folds <= observations:
        raise ValueError(f"{observations} rows make 2 to {observations} folds, not {folds}.")
    if embargo < 0:
        raise ValueError("An embargo has no negative number of rows.")
    size, over = divmod(observations, folds)
    stops = np.cumsum([size + (fold < over) for fold in range(folds)])
    starts = np.concatenate([[0], stops[:-1]])
    return [(int(start), int(stop) - 1) for start, stop in zip(starts, stops, strict=True)]
