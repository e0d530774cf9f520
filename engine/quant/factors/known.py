"""Reported figures as they were known on each day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.quant.factors._arrays import Floats

if TYPE_CHECKING:
    import polars as pl


def known_panel(
    frame: pl.DataFrame,
    instants: NDArray[np.datetime64],
    ids: Sequence[int],
    *,
    back: int = 0,
    oldest_days: int = 550,
) -> Floats:
    """The newest period's figure by what was told up to each instant, (n, k); NaN where none was.

    A restatement replaces its own period's figure from its own ``known_at`` on and never before; an older period
    told anew does not displace a newer one.

    Parameters
    ----------
    frame : columns security_id, period_end (Date), known_at (Datetime), value. Of two rows of one security, period
        and instant the later in the frame counts. Null values are passed over.
    instants : (n,) ascending, what each row of the answer may know; UTC.
    ids : the k columns.
    back : the period that many days before the newest (365: a year before), within 45 days, as told by then; for
        growth.
    oldest_days : a period that ended longer ago says nothing of the day.
    """
    import polars as pl

    moments = np.asarray(instants).astype("datetime64[us]")
    if len(moments) > 1 and (moments[1:] < moments[:-1]).any():
        raise ValueError("instants ascend")
    clean = frame.filter(pl.col("value").is_not_null()).sort(
        "security_id", "known_at", "period_end", maintain_order=True
    )
    known = clean["known_at"].dt.replace_time_zone(None).dt.cast_time_unit("us").to_numpy()
    periods = clean["period_end"].to_numpy().astype("datetime64[D]")
    values = clean["value"].cast(pl.Float64).to_numpy()
    numbers = clean["security_id"].to_numpy()
    found = np.full((len(moments), len(ids)), np.nan)
    days = moments.astype("datetime64[D]")
    for column, number in enumerate(ids):
        start, stop = np.searchsorted(numbers, [number, number + 1])
        told = _standing(known[start:stop], periods[start:stop], values[start:stop], back)
        if not len(told[0]):
            continue
        place = np.searchsorted(told[0], moments, side="right") - 1
        usable = place >= 0
        usable &= (days - told[1][place]).astype(np.int64) <= oldest_days
        found[usable, column] = told[2][place[usable]]
    return found


def _standing(
    known: NDArray[Any], periods: NDArray[Any], values: Floats, back: int
) -> tuple[NDArray[Any], NDArray[Any], Floats]:
    """After each telling: its instant, the newest period's end, and the figure that stands."""
    latest: dict[int, float] = {}
    ends, figures = [], []
    for period, value in zip(periods.astype(np.int64).tolist(), values.tolist(), strict=True):
        latest[period] = value
        newest = max(latest)
        ends.append(newest)
        wanted = newest if not back else _near(latest, newest - back)
        figures.append(latest[wanted] if wanted is not None else np.nan)
    return known, np.array(ends, dtype=np.int64).astype("datetime64[D]"), np.array(figures, dtype=np.float64)


def _near(latest: dict[int, float], day: int) -> int | None:
    near = [period for period in latest if abs(period - day) <= 45]
    return min(near, key=lambda period: abs(period - day)) if near else None
