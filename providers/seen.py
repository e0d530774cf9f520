"""What an estimate may not say: that a row becomes known after it was seen."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

SEEN = "estimated: by this fetch, which saw it before the hour that the source's rule gives"


def known_by(frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """``frame`` with estimates later than ``now`` set to ``now``: what the answer holds is known.

    Only for rules that err late by design (the end of a day, a lag in months). A row that is about a time
    still running has no place in an answer, and is left out before this.
    """
    import polars as pl

    late = pl.col("known_at") > now
    return frame.with_columns(
        known_at=pl.when(late).then(pl.lit(now).cast(pl.Datetime("us", "UTC"))).otherwise("known_at"),
        known_basis=pl.when(late).then(pl.lit(SEEN)).otherwise("known_basis"),
    )
