"""Prices of sorted copies as whole numbers of a unit: a third of the bytes, and the same bits when read.

Prices are traded in decimals: a close of 58.12 is 5,812 hundredths, and ``5812 / 100`` is the double that
58.12 is (both are exact in a double, and division rounds correctly). Each security has one unit a year, the
coarsest in which all its prices are whole: ``price_unit`` of them make 1. The close is kept in units, and
open, high and low as what they differ from it. Rows with prices that are no decimals (a vendor's adjusted
ones) keep their doubles beside, in ``<price>_exact``; a file of mostly such rows is not kept in units at all.

Which form a file has stands in its name; files of earlier versions, and fragments, have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from store.schema import TableSpec

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

Form: TypeAlias = Literal["", "ticks", "mixed"]

PRICES = ("open", "high", "low", "close")
OTHERS = PRICES[:3]  # kept as differences from the close
UNIT = "price_unit"

_UNITS = (100, 1_000, 10_000, 100_000, 1_000_000, 100_000_000)
_MOST = 2.0**52  # of units in a price: beyond, sums and quotients of whole numbers are not exact
_LEAST_SHARE = 0.5  # of rows in units, or they are not worth the two columns a price


def form_of(path: str) -> Form:
    """The form that a file's name tells."""
    if path.endswith(".ticks.parquet"):
        return "ticks"
    return "mixed" if path.endswith(".mixed.parquet") else ""


def in_units(spec: TableSpec, frame: pl.DataFrame) -> tuple[pl.DataFrame, Form]:
    """The frame as its file keeps it, with its form."""
    import numpy as np
    import polars as pl

    if not set(PRICES) <= set(spec.names) or frame.height == 0:
        return frame, ""
    year = frame[spec.session].dt.year().to_numpy().astype(np.int64)
    _, groups = np.unique(frame["security_id"].to_numpy() * 10_000 + year, return_inverse=True)
    values = {name: frame[name].to_numpy() for name in PRICES}  # nulls as NaN
    unit = _units(values, groups)
    whole = unit > 0
    if whole.mean() < _LEAST_SHARE:
        return frame, ""
    columns = [pl.Series(UNIT, unit)]
    counted = {name: np.rint(np.where(whole, values[name], 0.0) * unit) for name in PRICES}
    kept = pl.Series(whole & ~np.isnan(values["close"]))
    for name in PRICES:
        steps = counted[name] if name == "close" else counted[name] - counted["close"]
        numbers = pl.Series(np.nan_to_num(steps).astype(np.int64))
        columns.append(numbers.zip_with(kept, pl.Series([None], dtype=pl.Int64)).alias(f"{name}_ticks"))
    form: Form = "ticks"
    if not whole.all():
        form = "mixed"
        missing = pl.Series([None], dtype=pl.Float64)
        odd = pl.Series(~whole)
        columns += [frame[name].zip_with(odd, missing).alias(f"{name}_exact") for name in PRICES]
    return frame.drop(PRICES).with_columns(columns), form


def as_prices(source: pl.LazyFrame, form: Form) -> pl.LazyFrame:
    """A lazy read of files of one form, with the prices as they were written."""
    import polars as pl

    if not form:
        return source
    prices = []
    for name in PRICES:
        steps = pl.col(f"{name}_ticks")
        price = (steps if name == "close" else steps + pl.col("close_ticks")) / pl.col(UNIT)
        prices.append((pl.coalesce(f"{name}_exact", price) if form == "mixed" else price).alias(name))
    return source.with_columns(prices)


def _units(values: dict[str, np.ndarray], groups: np.ndarray) -> np.ndarray:
    """For each row the unit of its group; 0 where its prices are whole in none."""
    import numpy as np

    missing = np.isnan(np.stack(list(values.values())))
    usable = missing.all(axis=0) | ~missing.any(axis=0)
    unit = np.zeros(len(groups), dtype=np.int64)
    left = np.arange(len(groups))
    count = int(groups.max()) + 1
    for each in _UNITS:
        fits = usable[left].copy()
        for name in PRICES:
            fits &= _whole(values[name][left], each)
        odd = np.bincount(groups[left], weights=~fits, minlength=count) > 0
        done = ~odd[groups[left]]
        unit[left[done]] = each
        left = left[~done]
        if not len(left):
            break
    return unit


def _whole(values: np.ndarray, unit: int) -> np.ndarray:
    """Which values come back bit for bit from their number of units. A missing one does."""
    import numpy as np

    with np.errstate(over="ignore"):
        steps = np.rint(values * unit)
    again: np.ndarray = (steps / unit == values) & (np.abs(steps) < _MOST)
    # -0.0 is the one value whose sign a whole number loses.
    again &= ~((values == 0) & np.signbit(values))
    again |= np.isnan(values)
    return again
