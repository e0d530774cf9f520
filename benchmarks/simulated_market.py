"""A simulated market for the benchmarks of the store. None of these prices were ever traded."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl

from store import Batch, Store

SOURCE = "simulated"
FIRST_SESSION = np.datetime64("2010-01-04")


def sessions(count: int) -> np.ndarray:
    """Weekdays from the first session on."""
    return np.busday_offset(FIRST_SESSION, np.arange(count), roll="forward")


def bars(rng: np.random.Generator, securities: int, days: np.ndarray, *, share: float = 1.0) -> pl.DataFrame:
    """Random-walk bars, known two hours after the close (or, with a share, restated a month later)."""
    shape = (securities, len(days))
    walk = np.cumsum(rng.normal(0.0, 0.02, shape), axis=1)
    close = np.maximum(np.round(50.0 * np.exp(walk), 2), 0.02)
    # In cents, as prices are traded; a day's range is of the size of its move.
    open_ = np.maximum(np.round(close * (1.0 + rng.normal(0.0, 0.01, shape)), 2), 0.02)
    wide = np.abs(rng.normal(0.0, 0.01, (2, *shape)))
    high = np.round(np.maximum(open_, close) * (1.0 + wide[0]), 2)
    low = np.maximum(np.round(np.minimum(open_, close) * (1.0 - wide[1]), 2), 0.01)
    ids = np.repeat(np.arange(1, securities + 1), len(days))
    frame = pl.DataFrame(
        {
            "security_id": ids,
            "session_date": pl.Series(np.tile(days, securities)).cast(pl.Date),
            "open": open_.ravel(),
            "high": high.ravel(),
            "low": low.ravel(),
            "close": close.ravel(),
            "volume": rng.integers(1_000, 10_000_000, ids.size),
        }
    )
    delay = pl.duration(hours=22) if share == 1.0 else pl.duration(days=30)
    instant = pl.col("session_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC") + delay
    frame = frame.with_columns(instant.alias("known_at"))
    return frame if share == 1.0 else frame.filter(pl.Series(rng.random(ids.size) < share))


def fill(store: Store, securities: int, count: int, restated: float = 0.02) -> None:
    """A year a batch, and its restatements as another one."""
    rng = np.random.default_rng(7)
    every = sessions(count)
    for number, days in enumerate(np.array_split(every, max(1, count // 252))):
        for name, share in (("first", 1.0), ("restated", restated)):
            frame = bars(rng, securities, days, share=share)
            batch = Batch(SOURCE, f"{name} {number}", "seed 7", {"bars": frame}, basis="exact")
            store.append(batch)


def now() -> datetime:
    return datetime.now(UTC)
