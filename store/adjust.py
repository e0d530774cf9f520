"""Adjustment of as-traded prices by the splits and dividends known at T.

For a bar of session s, over the actions with ex-date after s and not after the session of T::

    split_factor(s)    = 1 / product of ratio(e)                       ratio: new shares per old
    dividend_factor(s) = product of (1 - amount(e) * ratios(e) / close before e)

The close is as traded, the last one before the ex-date. ``ratios(e)`` is the product of the ratios of all
splits after that close up to and on the ex-date: a dividend is per share as held on its ex-date, and the
close before is divided by them to speak of the same shares (CRSP's convention for distributions).
A close more than ``STALE_DAYS`` old says nothing of what a dividend was worth: such a dividend changes no
bar, and ``unpriced`` names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

PRICES = ("open", "high", "low", "close")
STALE_DAYS = 15  # about ten sessions; no exchange that the store knows has been shut for as long since 1914


def with_factors(bars: pl.DataFrame, actions: pl.DataFrame) -> pl.DataFrame:
    """Bars with ``split_factor`` and ``dividend_factor``; both frames sorted by security and date.

    ``actions`` holds only what applies as of T. A dividend that no close precedes changes no bar. One at
    or above the close before it cannot be told from an error: its factor is null.
    """
    import polars as pl

    splits = _splits(actions)
    dividends = _dividends(priced_by(bars, actions), splits)
    split = _after(bars, splits, "ratio")
    dividend = _after(bars, dividends, "factor")
    return bars.with_columns(
        pl.lit(1.0).alias("split_factor") if split is None else pl.Series("split_factor", 1.0 / split),
        pl.lit(1.0).alias("dividend_factor")
        if dividend is None
        else pl.Series("dividend_factor", dividend, nan_to_null=True),
    )


def steps(actions: pl.DataFrame, priced: pl.DataFrame | None) -> pl.DataFrame:
    """What every price before an ex-date is multiplied by: security_id, ex_date, factor. The product of the
    steps after a session is the session's factor, as in ``with_factors``. ``priced`` are the dividends that bars
    price; without them the splits' steps are answered."""
    import polars as pl

    splits = _splits(actions)
    shares = splits.select("security_id", "ex_date", factor=1.0 / pl.col("ratio"))
    return shares if priced is None else pl.concat([shares, _dividends(priced, splits)])


def adjusted(bars: pl.DataFrame, *, total: bool) -> pl.DataFrame:
    """Prices times their factors; volume in shares of T, rounded to whole ones."""
    import polars as pl

    factor = pl.col("split_factor") * pl.col("dividend_factor") if total else pl.col("split_factor")
    shares = (pl.col("volume") / pl.col("split_factor")).round().cast(pl.Int64)
    return bars.with_columns([(pl.col(name) * factor).alias(name) for name in PRICES] + [shares])


def unpriced(bars: pl.DataFrame, actions: pl.DataFrame) -> pl.DataFrame:
    """Dividends after a security's first bar that no close of the days before their ex-date prices:
    security_id, ex_date, amount, and ``before``, the session of the last close there is."""
    import polars as pl

    priced = priced_by(bars, actions)
    old = pl.col("ex_date") - pl.col("before") > pl.duration(days=STALE_DAYS)
    return priced.filter(old).select("security_id", "ex_date", "amount", "before")


def _splits(actions: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return actions.filter((pl.col("kind") == "split") & (pl.col("ratio") != 1.0)).select(
        "security_id", "ex_date", "ratio"
    )


def paid_in(actions: pl.DataFrame) -> pl.DataFrame:
    """The dividends of some actions."""
    import polars as pl

    return actions.filter((pl.col("kind") == "dividend") & (pl.col("amount") != 0.0))


def priced_by(bars: pl.DataFrame, actions: pl.DataFrame) -> pl.DataFrame:
    """Dividends that a bar precedes, with its ``close`` and its session, ``before``."""
    import numpy as np
    import polars as pl

    paid = paid_in(actions)
    if bars.height == 0 or paid.height == 0:
        none = paid.select("security_id", "ex_date", "amount").clear()
        return none.with_columns(before=pl.lit(None, dtype=pl.Date), close=pl.lit(None, dtype=pl.Float64))
    # The bars are sorted, so that a binary search a dividend does what an as-of join over all of them does.
    last = np.searchsorted(_place(bars, "session_date"), _place(paid, "ex_date"), side="left") - 1
    its_bar = bars.select("security_id", before=pl.col("session_date"), close=pl.col("close"))[
        np.maximum(last, 0)
    ]
    same = (its_bar["security_id"] == paid["security_id"]) & pl.Series(last >= 0)
    priced = paid.select("security_id", "ex_date", "amount").with_columns(its_bar.drop("security_id"))
    return priced.filter(same & priced["close"].is_not_null())


def _dividends(priced: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Dividends with ``factor``, where a fresh close precedes them."""
    import polars as pl

    priced = priced.filter(pl.col("ex_date") - pl.col("before") <= pl.duration(days=STALE_DAYS))
    if priced.height == 0:
        return priced.select("security_id", "ex_date", pl.col("amount").alias("factor"))
    old_shares = _after(priced, splits, "ratio", "before")
    new_shares = _after(priced, splits, "ratio", "ex_date")
    if old_shares is not None and new_shares is not None:
        priced = priced.with_columns(pl.Series("ratios", old_shares / new_shares))
    else:
        priced = priced.with_columns(ratios=pl.lit(1.0))
    share = pl.col("amount") * pl.col("ratios") / pl.col("close")
    factor = pl.when((share > -1.0) & (share < 1.0)).then(1.0 - share).otherwise(float("nan"))
    return priced.select("security_id", "ex_date", factor.alias("factor"))


def _after(
    rows: pl.DataFrame, events: pl.DataFrame, column: str, day: str = "session_date"
) -> np.ndarray | None:
    """For each row the product of ``column`` over its security's events with an ex-date after its ``day``."""
    import numpy as np
    import polars as pl

    if events.height == 0:
        return None
    running = events.with_columns(pl.col(column).cum_prod(reverse=True).over("security_id"))
    event_security = running["security_id"].to_numpy()
    products = running[column].to_numpy()
    # One sortable number for (security, day): days since 1970 stay below 2**22 in either direction.
    event_place = _place(running, "ex_date")
    first_after = np.searchsorted(event_place, _place(rows, day), side="right")
    inside = np.minimum(first_after, len(products) - 1)
    same = (first_after < len(products)) & (event_security[inside] == rows["security_id"].to_numpy())
    return np.where(same, products[inside], 1.0)


def _place(frame: pl.DataFrame, day: str) -> np.ndarray:
    import polars as pl

    days = frame[day].cast(pl.Int32).cast(pl.Int64).to_numpy()
    place: np.ndarray = frame["security_id"].to_numpy() * (1 << 24) + (days + (1 << 22))
    return place
