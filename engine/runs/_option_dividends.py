"""Dividends as they were known the evening before their ex-date: what an own call is exercised early for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.runs.known import instants
from engine.runs.market_days import Axis

if TYPE_CHECKING:
    from store.reader import AsOfReader


def announced(reader: AsOfReader, security_id: int, axis: Axis, currency: str) -> NDArray[np.float64]:
    """Amounts a share by ex-date (n,), each in the version known at the close of the session before.

    A dividend that the store learned of on its ex-date, or later, is 0 there: a source that does not tell when it was
    announced proves to nobody that it was.
    """
    import polars as pl

    dates, closes = axis.dates, axis.closed(0)
    found = np.zeros(len(dates))
    versions = reader.vintages("actions", security_id, dates[0].item() + timedelta(days=1), dates[-1].item())
    own = pl.col("currency").is_null() | (pl.col("currency") == currency)
    paid = versions.filter((pl.col("kind") == "dividend") & own)
    if paid.is_empty():
        return found
    row = np.searchsorted(dates, paid["ex_date"].to_numpy().astype("datetime64[D]"), side="left")
    in_time = instants(paid) <= closes[np.maximum(row - 1, 0)]
    last = (
        paid.with_columns(row=pl.Series(row))
        .filter(pl.Series(in_time))
        .unique("ex_date", keep="last", maintain_order=True)
    )
    held = last.filter(~pl.col("deleted") & (pl.col("amount") > 0))
    np.add.at(found, held["row"].to_numpy(), held["amount"].to_numpy())
    return found
