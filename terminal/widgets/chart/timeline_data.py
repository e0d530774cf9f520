"""A timeline on one row of dates, and what of it each column of the plot shows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from engine.sanitize import clean
from terminal.widgets.chart.align import on_rows

if TYPE_CHECKING:
    import numpy as np

    from engine.figures import Timeline

MOST = 12  # states that have a colour of their own


class TimelineData:
    """States, probabilities and line on the union of their dates. A state holds until the figure tells the next."""

    def __init__(self, figure: Timeline) -> None:
        self.figure = figure
        self.names = [clean(name) for name in figure.names]

    @cached_property
    def dates(self) -> np.ndarray:
        import numpy as np

        own = np.asarray(self.figure.dates).astype("datetime64[D]")
        if self.figure.line is None:
            return own
        return np.unique(np.concatenate([own, np.asarray(self.figure.line.dates).astype("datetime64[D]")]))

    @cached_property
    def _rows(self) -> np.ndarray:
        """The figure's row that holds on each date, -1 before the first and after the last."""
        import numpy as np

        own = np.asarray(self.figure.dates).astype("datetime64[D]")
        rows = np.searchsorted(own, self.dates, side="right") - 1
        return np.where(self.dates > own[-1], -1, rows) if len(own) else rows

    def told_on(self, at: int) -> int:
        """The place among the dates at which the state that holds on one was told; itself where none holds."""
        import numpy as np

        row = int(self._rows[at]) if len(self.figure.dates) else -1
        own = np.asarray(self.figure.dates).astype("datetime64[D]")
        return int(np.searchsorted(self.dates, own[row])) if row >= 0 else at

    @cached_property
    def states(self) -> np.ndarray:
        """The state on each date, -1 where none is told."""
        import numpy as np

        own = np.asarray(self.figure.states, dtype=np.int64)
        if not len(own):
            return np.full(len(self.dates), -1)
        states = np.where(self._rows >= 0, own[np.maximum(self._rows, 0)], -1)
        return np.where((states >= 0) & (states < len(self.names)), states, -1)

    @cached_property
    def probabilities(self) -> np.ndarray | None:
        """(dates, names), NaN where none are told; None where the figure has none."""
        import numpy as np

        own = self.figure.probabilities
        if own is None or not len(own):
            return None
        told = np.asarray(own, dtype=float)[np.maximum(self._rows, 0)]
        return np.where((self._rows >= 0)[:, None], told, np.nan)

    @cached_property
    def line(self) -> np.ndarray | None:
        return None if self.figure.line is None else on_rows(self.figure.line, self.dates)


def column_states(states: np.ndarray, columns: np.ndarray, width: int, count: int) -> np.ndarray:
    """The state of most dates within each column, -1 where none is told; a column without a date has its left one's.

    ``states`` and ``columns`` (the column each date stands in, ascending) have one length.
    """
    import numpy as np

    tally = np.zeros((width, count + 1))
    inside = (columns >= 0) & (columns < width)
    np.add.at(tally, (columns[inside], states[inside] + 1), 1.0)
    found = tally.argmax(axis=1) - 1
    return _carried(found, tally.sum(axis=1) > 0)


def column_means(values: np.ndarray, columns: np.ndarray, width: int) -> np.ndarray:
    """The mean of the values (n, k) within each column, NaN where there are none; gaps have their left one's."""
    import numpy as np

    total, number = np.zeros((width, values.shape[1])), np.zeros(width)
    known = np.isfinite(values).all(axis=1) & (columns >= 0) & (columns < width)
    np.add.at(total, columns[known], values[known])
    np.add.at(number, columns[known], 1.0)
    means = np.where((number > 0)[:, None], total / np.maximum(number, 1)[:, None], np.nan)
    held = np.zeros(width, bool)
    held[columns[(columns >= 0) & (columns < width)]] = True
    return _carried(means, held)


def _carried(values: np.ndarray, told: np.ndarray) -> np.ndarray:
    """Columns between two dates that stand far apart show what the left one shows."""
    import numpy as np

    at = np.maximum.accumulate(np.where(told, np.arange(len(told)), 0))
    return values[at]


def runs(states: np.ndarray) -> list[tuple[int, int, int]]:
    """Stretches of one state: state, first column, one past the last."""
    import numpy as np

    if not len(states):
        return []
    starts = np.concatenate([[0], np.flatnonzero(np.diff(states)) + 1])
    ends = np.concatenate([starts[1:], [len(states)]])
    return [(int(states[a]), int(a), int(b)) for a, b in zip(starts, ends, strict=True)]


def stacked(shares: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares (columns, k) of a column of ``rows`` cells, the first state at the bottom.

    Of each cell (rows, columns, from the top): the state below, the state above, and how many eighths of the cell
    belong to the one below (8: all of it). -1 where no shares are told. Of three states that meet within one cell
    the middle one goes to the larger of its neighbours.
    """
    import numpy as np

    count = shares.shape[1]
    known = np.isfinite(shares).all(axis=1)
    total = np.where(known, shares.sum(axis=1), 1.0)
    sizes = np.where(known[:, None], shares, 0.0) / np.where(total > 0, total, 1.0)[:, None]
    tops = np.round(np.cumsum(sizes, axis=1) * rows * 8).astype(int)  # upper edge of each state, in eighths
    tops[:, -1] = rows * 8
    floor = np.arange(rows)[::-1, None] * 8  # lower edge of each row of cells, the top row first
    edges = tops.T[:, None, :]  # (k, 1, columns)
    lower = (edges <= floor[None]).sum(axis=0).clip(0, count - 1)
    upper = (edges < floor[None] + 8).sum(axis=0).clip(0, count - 1)
    filled = np.take_along_axis(tops.T, lower, axis=0) - floor
    part = np.clip(filled, 0, 8)
    lower, upper = (np.where(known[None, :], side, -1) for side in (lower, upper))
    return lower, upper, np.where(lower == upper, 8, part)
