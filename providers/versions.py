"""Versions of a row: of several tellings, only those that say something new are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

CLOCK_COLUMNS = ("known_at", "known_basis")


def only_news(
    frames: Sequence[pl.DataFrame], key: Sequence[str], ignored: Sequence[str] = ()
) -> list[pl.DataFrame]:
    """Each frame without the rows that repeat the version of their key known just before.

    Frames tell versions of the same rows at different times: a second vintage of a series repeats most of the
    first. A row stays if it is the first of its key or differs from the one before it, in order of
    ``known_at``, in any column but the clocks and ``ignored`` ones.
    """
    import polars as pl

    together = pl.concat(
        (frame.with_columns(_frame=pl.lit(at, pl.Int32)) for at, frame in enumerate(frames)), how="vertical"
    )
    passed = {*key, *CLOCK_COLUMNS, *ignored, "_frame"}
    told = [name for name in together.columns if name not in passed]
    before = [pl.col(name).shift(1).over(key) for name in told]
    same = pl.all_horizontal(
        pl.col(name).eq_missing(earlier) for name, earlier in zip(told, before, strict=True)
    )
    first = pl.int_range(pl.len()).over(key) == 0
    kept = together.sort(*key, "known_at", "_frame", maintain_order=True).filter(first | ~same)
    return [kept.filter(pl.col("_frame") == at).drop("_frame") for at in range(len(frames))]
