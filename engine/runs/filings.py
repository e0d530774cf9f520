"""One company's filings along the sessions of a run: where something else became known, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from engine.runs.known import Ints, instants
from engine.runs.market_days import Days, row_of

if TYPE_CHECKING:
    import polars as pl

    from engine.quant.fundamentals.shares import Splits

_SAYS = (
    "period_start", "period_end", "concept", "unit", "value", "accession", "known_at", "seq", "deleted",
)  # fmt: skip


@dataclass(slots=True)
class Filings:
    """``facts``: every version of one company's, and ``splits``, oldest first, None where there are none. ``closed``
    (n,): when each of ``dates`` (n,) closed; ``looks`` days back a session sees. ``rows``: sessions from which
    something else is known."""

    facts: pl.DataFrame
    splits: pl.DataFrame | None
    dates: Days
    closed: Ints
    looks: int
    rows: Ints = field(init=False)
    _told: list[tuple[date, float | None, bool, int]] = field(
        default_factory=list
    )  # splits: ex, ratio, gone, known

    def __post_init__(self) -> None:
        told = [row_of(self.closed, np.unique(instants(self.facts)))]
        if self.splits is not None:
            parts = (self.splits[name].to_list() for name in ("ex_date", "ratio", "deleted"))
            self._told = list(zip(*parts, instants(self.splits).tolist(), strict=True))
            days = self.splits["ex_date"].to_numpy().astype("datetime64[D]")
            told.append(
                np.maximum(
                    np.searchsorted(self.dates, days, side="left"), row_of(self.closed, instants(self.splits))
                )
            )
        rows = np.unique(np.concatenate(told))
        self.rows = rows[rows < len(self.dates)]

    def view(self, at: int) -> tuple[int, date, date]:
        """The close of a row, and the first and the last day that periods end on of which it is told."""
        day: date = self.dates[self.rows[at]].item()
        return int(self.closed[self.rows[at]]), day - timedelta(days=self.looks), day

    def splits_at(self, at: int) -> Splits:
        """Splits known and effective at a row's close."""
        from engine.quant.fundamentals.shares import Splits

        closed, _, day = self.view(at)
        newest = {ex: (ratio, gone) for ex, ratio, gone, known in self._told if known <= closed and ex <= day}
        return Splits.of(
            (ex, ratio) for ex, (ratio, gone) in newest.items() if not gone and ratio and ratio > 0
        )

    def keys(self) -> list[str]:
        """Of each row the hash of what its figures follow from: the versions of facts known of the periods that it
        looks at, and the splits. The sum of rows' hashes says them whatever their order, which is among them."""
        rows = self.facts.select(_SAYS)
        known, end = instants(rows), rows["period_end"].to_physical().to_numpy().astype(np.int64)
        hashes = np.column_stack([rows.hash_rows(seed=seed).to_numpy() for seed in (7, 11)])
        found = []
        for at in range(len(self.rows)):
            closed, first, last = self.view(at)
            low, high = (np.datetime64(day, "D").astype(np.int64) for day in (first, last))
            seen = hashes[(known <= closed) & (end >= low) & (end <= high)]
            told = (len(seen), seen.sum(axis=0, dtype=np.uint64).tobytes(), self.splits_at(at).events)
            found.append(sha256(repr(told).encode()).hexdigest()[:32])
        return found
