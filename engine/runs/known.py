"""Rows as decisions knew them: of each bar the version that was known in time, and nothing corrected since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.runs.market_days import Axis

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FIELDS = ("open", "high", "low", "close", "volume")
_LAG_ROWS = 252  # a series' first rows say how late it is published
_LAG_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the rows of a frame stand among sessions and columns; rows about others are left out."""

    shape: tuple[int, int]
    across: Ints
    down: Ints
    inside: NDArray[np.bool_]

    @classmethod
    def of(cls, frame: pl.DataFrame, ids: Ints, axis: Axis) -> Grid:
        across, there = places(frame["security_id"].to_numpy(), ids)
        days = frame["session_date"].to_physical().to_numpy().astype(np.int64)
        down, inside = places(days, axis.dates.astype(np.int64))
        return cls((len(axis.dates), len(ids)), across, down, there & inside)

    def matrix(self, values: Floats) -> Floats:
        """(n, k), NaN where there is no row; a column's sessions lie side by side in memory."""
        by_column = np.full(self.shape[::-1], np.nan)
        if self.inside.all():
            by_column[self.across, self.down] = values
        else:
            inside = self.inside
            by_column[self.across[inside], self.down[inside]] = values[inside]
        return by_column.T


def places(values: NDArray[np.int64], wanted: NDArray[np.int64]) -> tuple[Ints, NDArray[np.bool_]]:
    """Where each value stands in ``wanted``, and whether it does: a table's look-up where the span is small."""
    if not len(wanted) or not len(values):
        return np.zeros(len(values), dtype=np.int64), np.zeros(len(values), dtype=bool)
    low, span = int(wanted.min()), int(wanted.max() - wanted.min()) + 1
    if span > 10_000_000:
        order = np.argsort(wanted)
        at = order[np.minimum(np.searchsorted(wanted, values, sorter=order), len(wanted) - 1)]
        return at.astype(np.int64), np.asarray(wanted[at] == values)
    table = np.full(span, -1, dtype=np.int64)
    table[wanted - low] = np.arange(len(wanted))
    shifted = values - low
    within = (shifted >= 0) & (shifted < span)
    at = table[np.where(within, shifted, 0)]
    return np.maximum(at, 0), within & (at >= 0)


def numbers(frame: pl.DataFrame, name: str) -> Floats:
    """A column as numbers, NaN where it is null."""
    import polars as pl

    found: Floats = frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return found


def instants(frame: pl.DataFrame) -> Ints:
    found: Ints = frame["known_at"].to_physical().to_numpy().astype(np.int64)
    return found


def late(frame: pl.DataFrame, grid: Grid, axis: Axis) -> NDArray[np.bool_]:
    """Rows in the grid that became known too late for the decision after their own session."""
    until = axis.deadlines[axis.group[grid.across], grid.down]
    return np.asarray(grid.inside & (instants(frame) > until))


@dataclass(frozen=True, slots=True)
class InTime:
    """``values`` by field, (n, k) each. ``lag`` (k,): rows by which a series is published late as a rule, and its
    bars are used that much later. ``unknown``: bars that were not known in time at all; ``kept_out``: corrections
    and withdrawals that came later than the decision after their bar's session."""

    values: dict[str, Floats]
    lag: Ints
    unknown: int
    kept_out: int


def in_time(versions: pl.DataFrame, ids: Ints, axis: Axis, traded: dict[str, Floats]) -> InTime:
    """Fields as decisions knew them.

    Parameters
    ----------
    versions : every version of some securities' rows, oldest first a key, with ``deleted``
    ids : of the columns
    traded : the fields as known at the clock; columns that ``versions`` does not speak of stay as they are

    Notes
    -----
    Of each bar the newest version known by its session's deadline counts, for good: a later correction changes no
    row, not even after it was known, since one matrix is read by decisions of all times. A series that is published
    days late as a rule (the 90th percentile of its first year's rows) stands that many rows later.
    """
    import polars as pl

    grid = Grid.of(versions, ids, axis)
    inside = versions.with_columns(
        _column=pl.Series(grid.across), _row=pl.Series(grid.down), _known=pl.Series(instants(versions))
    ).filter(pl.Series(grid.inside))
    lag, last = _lags(inside, axis, len(ids)), len(axis.dates) - 1
    column, row = inside["_column"].to_numpy(), inside["_row"].to_numpy()
    target = row + lag[column]
    until = axis.deadlines[axis.group[column], np.minimum(target, last)]
    known = (target <= last) & (inside["_known"].to_numpy() <= until)
    chosen = inside.with_columns(_target=pl.Series(target)).filter(pl.Series(known))
    chosen = chosen.unique(["_column", "_row"], keep="last", maintain_order=True).filter(~pl.col("deleted"))
    at, down = chosen["_column"].to_numpy(), chosen["_target"].to_numpy()
    touched, values = np.unique(column), {}
    for name, whole in traded.items():
        by_column = np.array(whole.T, order="C")
        by_column[touched] = np.nan
        by_column[at, down] = numbers(chosen, name)
        values[name] = by_column.T
    key = column * (last + 1) + row
    too_late = key[~known & (target <= last)]
    corrected = np.isin(too_late, key[known])
    return InTime(values, lag, len(np.unique(too_late[~corrected])), int(corrected.sum()))


def _lags(inside: pl.DataFrame, axis: Axis, count: int) -> Ints:
    """Rows by which the first version of a bar comes late, as a rule, by column."""
    import polars as pl

    lag = np.zeros(count, dtype=np.int64)
    firsts = inside.unique(["_column", "_row"], keep="first", maintain_order=True).sort("_column", "_row")
    for (place,), part in firsts.group_by("_column", maintain_order=True):
        column = int(str(place))
        head = part.head(_LAG_ROWS).select(pl.col("_row"), pl.col("_known"))
        told = np.searchsorted(axis.until(column), head["_known"].to_numpy(), side="left")
        behind = told - head["_row"].to_numpy()
        lag[column] = int(np.quantile(behind, _LAG_SHARE, method="lower"))
    return lag
