"""Combinatorial purged cross-validation: many backtest paths of one history (Lopez de Prado 2018, chapter 12).

N groups of rows, k of them tested at a time: C(N, k) splits, in which each group is tested C(N - 1, k - 1) times; the
j-th test of each group together make path j, a backtest over the whole history of which no row was learnt from.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from engine.backtest.honesty.splits import Ints, Labels, Split, fold_bounds, touched

_MOST = 20_000  # splits: more is a mistake, each is a model to fit


@dataclass(frozen=True, slots=True, eq=False)
class CombinatorialSplits:
    """The splits, and how their tests join to paths.

    ``tested``: the k group numbers of each split, (splits, k). ``group``: each row's group, (n,). ``paths``: the
    split from which a path takes each group, (paths, N).
    """

    splits: tuple[Split, ...]
    tested: Ints
    group: Ints
    paths: Ints

    def join(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Each path's values, (paths, n), of each split's, (splits, n).

        Of a split's row only its test rows are looked at; the others may hold anything.

        Raises
        ------
        ValueError
            Another shape.
        """
        array = np.asarray(values, dtype=np.float64)
        if array.shape != (len(self.splits), len(self.group)):
            raise ValueError(
                f"Values are splits by rows, ({len(self.splits)}, {len(self.group)}), not {array.shape}."
            )
        joined: NDArray[np.float64] = array[self.paths[:, self.group], np.arange(len(self.group))]
        return joined


def combinatorial_purged(
    labels: Labels, groups: int, test_groups: int = 2, embargo: int = 0
) -> CombinatorialSplits:
    """C(groups, test_groups) splits, purged and embargoed around every test block, with their backtest paths.

    Parameters
    ----------
    labels : see ``label_spans``
    groups : contiguous groups of rows, 2 or more; the first n mod groups have one row more
    test_groups : tested at a time, 1 to groups - 1
    embargo : rows left out after each test block's last label ended

    Returns
    -------
    Splits in lexicographic order of their tested groups. The number of paths is
    C(groups - 1, test_groups - 1) = C(groups, test_groups) test_groups / groups (section 12.4).

    Raises
    ------
    ValueError
        Numbers of groups that cannot be, more than 20,000 splits, or a split with nothing to train on.
    """
    bounds = fold_bounds(len(labels), groups, embargo)
    if not 1 <= test_groups < groups:
        raise ValueError(f"Of {groups} groups 1 to {groups - 1} can be tested at a time, not {test_groups}.")
    if comb(groups, test_groups) > _MOST:
        raise ValueError(
            f"{groups} groups, {test_groups} at a time, make {comb(groups, test_groups):,} splits; "
            f"at most {_MOST:,}: take fewer groups."
        )
    tested = np.array(list(combinations(range(groups), test_groups)), dtype=np.int64)
    group = np.repeat(np.arange(groups, dtype=np.int64), [last - first + 1 for first, last in bounds])
    kept_from = np.array([touched(labels, first, last, embargo) for first, last in bounds])
    splits = tuple(_split(kept_from, group, chosen) for chosen in tested)
    found = [np.flatnonzero((tested == number).any(axis=1)) for number in range(groups)]
    return CombinatorialSplits(splits, tested, group, np.array(found, dtype=np.int64).T)


def _split(kept_from: NDArray[np.bool_], group: Ints, chosen: Ints) -> Split:
    train = np.flatnonzero(~kept_from[chosen].any(axis=0))
    if not len(train):
        raise ValueError(
            f"Purging leaves nothing to train on beside the test groups {', '.join(map(str, chosen))}: "
            "take shorter labels, a shorter embargo or fewer groups tested at a time."
        )
    return Split(train, np.flatnonzero(np.isin(group, chosen)))
