"""Long rows into a matrix: scattered by position, which a pivot does twenty times slower."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


def scatter(frame: pl.DataFrame, session: str, column: str, ids: np.ndarray, days: np.ndarray) -> np.ndarray:
    """float64 (days, ids): ``frame`` has one row a (security, session); NaN where it has none.

    ``ids`` and ``days`` may come in any order; rows about others are left out.
    """
    import numpy as np
    import polars as pl

    # A security's sessions side by side, as its rows come: shown as (days, ids) without being moved.
    by_id = np.full((len(ids), len(days)), np.nan)
    matrix = by_id.T
    if frame.height == 0:
        return matrix
    across, known_id = _places_in_runs(frame["security_id"].to_numpy(), ids)
    down, known_day = _places(
        frame[session].cast(pl.Int32).to_numpy(), days.astype("datetime64[D]").astype(np.int64)
    )
    values = frame[column].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    inside = known_id & known_day
    if inside.all():
        by_id.reshape(-1)[across * len(days) + down] = values
    else:
        by_id[across[inside], down[inside]] = values[inside]
    return matrix


def factors(steps: pl.DataFrame, ids: np.ndarray, days: np.ndarray) -> np.ndarray | None:
    """float64 (days, ids): for each session the product of its security's ``factor`` with an ex-date after it;
    None where every one is 1. ``days`` ascend; ``steps`` has security_id, ex_date, factor."""
    import numpy as np
    import polars as pl

    if steps.height == 0:
        return None
    across, known = _places(steps["security_id"].to_numpy(), ids)
    ordinals = days.astype("datetime64[D]").astype(np.int64)
    ex_days = steps["ex_date"].cast(pl.Int32).to_numpy()
    last_before = np.searchsorted(ordinals, ex_days, side="left") - 1
    touches = known & (last_before >= 0)
    columns = np.unique(across[touches])
    if not len(columns):
        return None
    # Between two ex-dates the factor is one number: the products are of the steps, and repeated over sessions.
    across, last = across[touches].astype(np.int64), last_before[touches]
    order = np.lexsort((last, across))
    across, last, values = across[order], last[order], steps["factor"].to_numpy()[touches][order]
    first = np.searchsorted(across, columns)
    counts = np.diff(np.append(first, len(across)))
    place = np.arange(len(across)) - np.repeat(first, counts)
    products = np.ones((len(columns), counts.max() + 1))  # one more: the sessions after the last ex-date
    row = np.repeat(np.arange(len(columns)), counts)
    products[row, place] = values
    products[:] = np.cumprod(products[:, ::-1], axis=1)[:, ::-1]
    until = np.full(products.shape, len(days) - 1)
    until[row, place] = last
    some = np.repeat(products.ravel(), np.diff(until, axis=1, prepend=-1).ravel()).reshape(-1, len(days))
    if len(columns) == len(ids):
        return some.T
    every = np.ones((len(ids), len(days)))
    every[columns] = some
    return every.T


def _places_in_runs(values: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As ``_places``, of values that mostly repeat the one before: a look-up a run."""
    import numpy as np

    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    lengths = np.diff(np.append(starts, len(values)))
    places, found = _places(values[starts], wanted)
    return np.repeat(places.astype(np.int64), lengths), np.repeat(found, lengths)


def _places(values: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each value stands among the wanted ones, and whether it does."""
    import numpy as np

    low, high = int(wanted.min()), int(wanted.max())
    if high - low < 50_000_000:
        # A table from value to place: one look-up a row instead of a binary search.
        table = np.full(high - low + 1, -1, dtype=np.int32)
        table[wanted - low] = np.arange(len(wanted), dtype=np.int32)
        shifted = values.astype(np.int64) - low
        within = (shifted >= 0) & (shifted <= high - low)
        places = table[np.where(within, shifted, 0)]
        return places, within & (places >= 0)
    order = np.argsort(wanted)
    found = np.minimum(np.searchsorted(wanted, values, sorter=order), len(wanted) - 1)
    places = order[found].astype(np.int32)
    return places, wanted[places] == values
