"""Prices of a file that were adjusted for splits, put back as traded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

NO_SPLITS = (
    "adjusted for splits, and no split of this security is known: import its splits first (table actions), or "
    "bring them in the column split_ratio"
)
PRICES = ("open", "high", "low", "close")


def as_traded(bars: pl.DataFrame, splits: pl.DataFrame, covered: Iterable[str]) -> pl.DataFrame:
    """``bars`` times every later split: a price adjusted for splits is the traded one over their product.

    ``splits``: identity, ex_date, ratio (new shares for one). ``covered``: securities of which all splits are
    known, also where there are none. Rows of others get a reason in ``_uncovered``.
    """
    import polars as pl

    known = {*covered, *splits["identity"].unique().to_list()}
    later = splits.filter(pl.col("ratio") > 0).sort("identity", "ex_date")
    # the product of this split's ratio and of all that follow it
    later = later.with_columns(
        factor=pl.col("ratio").log().cum_sum(reverse=True).over("identity").exp(), day=pl.col("ex_date")
    ).select("identity", "day", "factor")
    # the first split after the session, since the price of an ex-date shows its split already
    numbered = bars.with_row_index("_at").with_columns(day=pl.col("session_date") + pl.duration(days=1))
    joined = numbered.sort("day", maintain_order=True).join_asof(
        later.sort("day"), on="day", by="identity", strategy="forward", check_sortedness=False
    )
    factor = pl.col("factor").fill_null(1.0)
    volume = (pl.col("volume") / factor).round(0).cast(pl.Int64, strict=False)
    return (
        joined.sort("_at")
        .with_columns(
            *[(pl.col(name) * factor).round(6).alias(name) for name in PRICES],
            volume.alias("volume"),
            _uncovered=pl.when(~pl.col("identity").is_in(list(known))).then(pl.lit(NO_SPLITS)),
        )
        .drop("_at", "factor", "day", strict=False)
    )
