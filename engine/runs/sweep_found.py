"""A sweep's batches put together: figures of every point that is done, ranked, with the returns that judge them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.backtest.sweep import MEASURES, Figures, Grid, figures, periods_a_year
from engine.runs.sweep_order import other_sessions

if TYPE_CHECKING:
    from engine.runs.sweep_order import Order
    from engine.runs.sweep_work import Part

Floats = NDArray[np.float64]
Rates = Callable[[NDArray[np.datetime64], float], Floats]


def no_rate(dates: NDArray[np.datetime64], periods: float) -> Floats:  # noqa: ARG001
    """For callers that have none."""
    return np.zeros(len(dates))


@dataclass(frozen=True, slots=True)
class Column:
    """All points of one subject. ``equity`` (n, p), NaN of points that failed or are not done; (0, p) of none."""

    dates: NDArray[np.datetime64]
    equity: Floats
    figures: Figures
    trades: Floats
    wins: Floats
    exposure: Floats
    costs: Floats
    done: NDArray[np.bool_]
    failed: tuple[tuple[int, str], ...]
    fault: str
    periods: float
    rate: Floats  # a session's risk-free rate (n,)

    @property
    def there(self) -> NDArray[np.bool_]:
        """Points that were run (p,)."""
        return (
            self.done & np.isfinite(self.equity[-1])
            if len(self.equity)
            else np.zeros(self.done.shape, dtype=bool)
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A point: of which subject, and its number in the grid."""

    subject: int
    point: int


@dataclass(frozen=True, slots=True)
class Found:
    """What is there of a sweep. ``notes``: sentences and levels; ``reads``: records of what was read."""

    order: Order
    grid: Grid
    columns: tuple[Column, ...]
    notes: tuple[tuple[str, str], ...]
    reads: tuple[Mapping[str, Any], ...]

    @property
    def done(self) -> int:
        return int(sum(each.done.sum() for each in self.columns))

    @property
    def whole(self) -> bool:
        return self.done == self.order.points

    def value(self, place: Place, measure: str) -> float:
        return float(getattr(self.columns[place.subject].figures, MEASURES[measure])[place.point])

    def text(self, place: Place) -> str:
        return self.grid.text(place.point)

    def ranked(self, measure: str) -> list[Place]:
        """Points that have the measure, best first; of equals the one with the lower number first."""
        values = np.concatenate([getattr(each.figures, MEASURES[measure]) for each in self.columns])
        values = np.where(np.concatenate([each.there for each in self.columns]), values, np.nan)
        order = np.argsort(-values, kind="stable")
        return [self._place(at) for at in order[: int(np.isfinite(values).sum())].tolist()]

    def unranked(self, measure: str) -> list[Place]:
        """Points that were run and have none: they never traded."""
        values = np.concatenate([getattr(each.figures, MEASURES[measure]) for each in self.columns])
        there = np.concatenate([each.there for each in self.columns])
        return [self._place(at) for at in np.flatnonzero(there & ~np.isfinite(values)).tolist()]

    def _place(self, at: int) -> Place:
        return Place(*divmod(at, len(self.grid)))

    @property
    def shared(self) -> NDArray[np.datetime64]:
        """Sessions that all subjects with a run have."""
        shown = [each.dates for each in self.columns if each.there.any()]
        return reduce(np.intersect1d, shown[1:], shown[0]) if shown else np.zeros(0, dtype="datetime64[D]")

    def returns(self) -> tuple[NDArray[np.datetime64], Floats, list[Place]]:
        """Sessions that all subjects have, returns over the risk-free rate of every point that was run over them
        (n, k; zeros of one that never traded), and which it is."""
        dates = self.shared
        parts, places = [], []
        capital = float(self.order.terms["capital"])
        for subject, column in enumerate(self.columns):
            if not column.there.any():
                continue
            rows = np.searchsorted(column.dates, dates)
            points = np.flatnonzero(column.there)
            held = column.equity[np.ix_(rows, points)]
            before = held[:1] if rows[0] else np.full((1, len(points)), capital)
            rate = np.where(column.trades[points] > 0, column.rate[rows, None], 0.0)
            parts.append(held / np.vstack([before, held[:-1]]) - 1.0 - rate)
            places += [Place(subject, int(point)) for point in points]
        return dates, np.where(np.isfinite(joined := np.hstack(parts)), joined, 0.0), places


def found_of(order: Order, parts: Iterable[Part | None], rates: Rates = no_rate) -> Found:
    """Batches put together in their order; None is one that is not done. ``rates``: the risk-free rate of sessions,
    so many a year."""
    grid, given = order.grid, list(parts)
    by_subject: list[list[tuple[list[int], Part | None]]] = [[] for _ in order.subjects]
    for batch, part in zip(order.batches, given, strict=True):
        by_subject[batch.subject].append((list(batch.points), part))
    columns = tuple(_column(order, len(grid), each, rates) for each in by_subject)
    done = [part for part in given if part is not None]
    notes = dict.fromkeys(note for part in done for note in part.notes)
    reads = {json.dumps(read, sort_keys=True): read for part in done for read in part.reads}
    return Found(order, grid, columns, tuple(notes), tuple(reads.values()))


def _column(order: Order, size: int, parts: list[tuple[list[int], Part | None]], rates: Rates) -> Column:
    there = [part for _, part in parts if part is not None and len(part.dates)]
    dates = there[0].dates if there else np.zeros(0, dtype="datetime64[D]")
    equity = np.full((len(dates), size), np.nan)
    blank = {name: np.full(size, np.nan) for name in ("trades", "wins", "exposure", "costs")}
    done, failed, fault = np.zeros(size, dtype=bool), [], ""
    for points, part in parts:
        if part is None:
            continue
        done[points], fault = True, fault or part.fault
        failed += [(points[place], why) for place, why in part.failed]
        if len(part.dates) and not np.array_equal(part.dates, dates):  # runs that read the store themselves
            why = other_sessions(dates)
            failed += [(points[at], why) for at in np.flatnonzero(np.isfinite(part.equity[-1])).tolist()]
        elif len(part.dates):
            equity[:, points] = part.equity
        for name, values in blank.items():
            values[points] = getattr(part, name)
    periods = next((part.periods for part in there if part.periods), 0.0) or periods_a_year(dates)
    rate = rates(dates, periods) if len(dates) else np.zeros(0)
    return Column(
        dates, equity, _figures(equity, float(order.terms["capital"]), periods, rate), blank["trades"],
        blank["wins"], blank["exposure"], blank["costs"], done, tuple(failed), fault, periods, rate,
    )  # fmt: skip


def _figures(equity: Floats, capital: float, periods: float, rate: Floats) -> Figures:
    if not len(equity):
        return Figures(*(np.full(equity.shape[1], np.nan) for _ in range(6)))
    return figures(equity, capital, periods, rate)
