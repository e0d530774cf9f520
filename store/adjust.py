"""Adjustment of as-traded prices by the splits and dividends known at T.

For a bar of session s, over the actions with ex-date after s and not after the session of T::

    split_factor(s)    = 1 / product of ratio(e)                       ratio: new shares per old
    dividend_factor(s) = product of (1 - amount(e) * ratio(e) / close before e)

The close is as traded, the last one before the ex-date. ``ratio(e)`` is that of a split on the same
ex-date (1 where there is none): a dividend is per share as held on its ex-date, and the close before is
divided by the ratio to speak of the same shares (CRSP's convention for distributions).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

PRICES = ("open", "high", "low", "close")


def with_factors(bars: pl.DataFrame, actions: pl.DataFrame) -> pl.DataFrame:
    """Bars with ``split_factor`` and ``dividend_factor``; both frames sorted by security and date.

    ``actions`` holds only what applies as of T. A dividend that no close precedes changes no bar. One at
    or above the close before it cannot be told from an error: its factor is null.
    """
    import polars as pl

    splits = _splits(actions)
    dividends = _dividends(bars, actions, splits)
    split = _after(bars, splits, "ratio")
    dividend = _after(bars, dividends, "factor")
    return bars.with_columns(
        pl.lit(1.0).alias("split_factor") if split is None else pl.Series("split_factor", 1.0 / split),
        pl.lit(1.0).alias("dividend_factor")
        if dividend is None
        else pl.Series("dividend_factor", dividend, nan_to_null=True),
    )


def adjusted(bars: pl.DataFrame, *, total: bool) -> pl.DataFrame:
    """Prices times their factors; volume in shares of T, rounded to whole ones."""
    import polars as pl

    factor = pl.col("split_factor") * pl.col("dividend_factor") if total else pl.col("split_factor")
    shares = (pl.col("volume") / pl.col("split_factor")).round().cast(pl.Int64)
    return bars.with_columns([(pl.col(name) * factor).alias(name) for name in PRICES] + [shares])


def _splits(actions: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return actions.filter((pl.col("kind") == "split") & (pl.col("ratio") != 1.0)).select(
        "security_id", "ex_date", "ratio"
    )


def _dividends(bars: pl.DataFrame, actions: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Dividends with ``factor``, where a bar precedes them."""
    import polars as pl

    paid = actions.filter((pl.col("kind") == "dividend") & (pl.col("amount") != 0.0))
    if paid.height == 0:
        return paid.select("security_id", "ex_date", pl.col("amount").alias("factor"))
    before = bars.select("security_id", pl.col("session_date").alias("ex_date"), "close")
    priced = (
        paid.select("security_id", "ex_date", "amount")
        .join_asof(
            before,
            on="ex_date",
            by="security_id",
            strategy="backward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .filter(pl.col("close").is_not_null())
        .join(splits, on=["security_id", "ex_date"], how="left", maintain_order="left")
    )
    share = pl.col("amount") * pl.col("ratio").fill_null(1.0) / pl.col("close")
    factor = pl.when((share > -1.0) & (share < 1.0)).then(1.0 - share).otherwise(float("nan"))
    return priced.select("security_id", "ex_date", factor.alias("factor"))


def _after(bars: pl.DataFrame, events: pl.DataFrame, column: str) -> np.ndarray | None:
    """For each bar the product of ``column`` over its security's events with an ex-date after it."""
    import numpy as np
    import polars as pl

    if events.height == 0:
        return None
    running = events.with_columns(pl.col(column).cum_prod(reverse=True).over("security_id"))
    event_security = running["security_id"].to_numpy()
    products = running[column].to_numpy()
    # One sortable number for (security, day): days since 1970 stay below 2**22 in either direction.
    event_place = _place(running, "ex_date")
    first_after = np.searchsorted(event_place, _place(bars, "session_date"), side="right")
    inside = np.minimum(first_after, len(products) - 1)
    same = (first_after < len(products)) & (event_security[inside] == bars["security_id"].to_numpy())
    return np.where(same, products[inside], 1.0)


def _place(frame: pl.DataFrame, day: str) -> np.ndarray:
    import polars as pl

    days = frame[day].cast(pl.Int32).cast(pl.Int64).to_numpy()
    place: np.ndarray = frame["security_id"].to_numpy() * (1 << 24) + (days + (1 << 22))
    return place
