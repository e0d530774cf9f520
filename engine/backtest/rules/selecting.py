"""Which sessions renew a portfolio, and who is among the highest or lowest there."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import numpy as np
from numpy.typing import NDArray

from engine.backtest.rules.book import Calendar, Ranking
from engine.backtest.rules.errors import RuleError
from engine.backtest.rules.values import Values

Bools = NDArray[np.bool_]


def rebalances(dates: NDArray[np.datetime64], calendar: Calendar | None) -> Bools:
    """Sessions (n,) that are the first of their day, week, month, quarter or year; none without a calendar.

    The first and not the last: that a session is the first of a month is known on that day, that it is the last is
    known only from the next. The sample's first session is one.
    """
    if calendar is None or not len(dates):
        return np.zeros(len(dates), dtype=bool)
    days = dates.astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64)
    periods = {
        "daily": np.arange(len(dates)), "weekly": (days.astype(np.int64) + 3) // 7, "monthly": months,
        "quarterly": months // 3, "yearly": months // 12,
    }[calendar]  # fmt: skip
    found = np.ones(len(dates), dtype=bool)  # days count from a Thursday: weeks begin on Monday
    found[1:] = np.diff(periods) != 0
    return found


def selected(ranking: Ranking, values: Values, days: Bools, members: Mapping[str, Bools]) -> Bools:
    """Who is selected (n, k): decided on each rebalance day from its members and its values, held until the next.

    Among those with a bar and a known value on that day; of equal values the lower id goes first. A share of them is
    rounded up. Nobody before the first rebalance day.

    Raises
    ------
    RuleError
        No members were given for its universe.
    """
    shape = values.shape
    rows = np.flatnonzero(days)
    found = np.zeros(shape, dtype=bool)
    if not len(rows):
        return found
    known = np.isfinite(values.market.close[rows])
    if ranking.universe:
        known &= _members(ranking, members, shape)[rows]
    scores = np.broadcast_to(values.number(ranking.of), shape)[rows]
    known &= np.isfinite(scores)
    found[rows] = _extremes(np.where(known, scores, np.nan), ranking, values.market.ids)
    last = np.maximum.accumulate(np.where(days, np.arange(len(days)), -1))
    return np.where((last >= 0)[:, None], found[np.maximum(last, 0)], False)


def _members(ranking: Ranking, members: Mapping[str, Bools], shape: tuple[int, ...]) -> Bools:
    if ranking.universe not in members:
        raise RuleError(
            f"Nobody told who was in {ranking.universe} on each day: load its members, or leave "
            f"in {ranking.universe} out to rank every symbol given.",
            *ranking.at,
        )
    told = members[ranking.universe]
    if told.shape != shape:
        raise ValueError(
            f"members of {ranking.universe} have shape {told.shape}; sessions by symbols are {shape}"
        )
    return told.astype(bool)


def _extremes(scores: NDArray[np.float64], ranking: Ranking, ids: NDArray[np.int64]) -> Bools:
    """Of each row the first ``count`` in order; NaN are nowhere."""
    by_id = np.argsort(ids, kind="stable")
    ordered = scores[:, by_id]
    order = np.argsort(-ordered if ranking.side == "top" else ordered, axis=1, kind="stable")  # NaN last
    known = np.isfinite(scores).sum(axis=1)
    if ranking.percent:
        counts = np.array(
            [ceil(ranking.count / 100.0 * each - 1e-9) for each in known.tolist()], dtype=np.int64
        )
    else:
        counts = np.minimum(known, int(ranking.count))
    chosen = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(chosen, by_id[order], np.arange(scores.shape[1]) < counts[:, None], axis=1)
    return chosen
