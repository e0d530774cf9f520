"""What a share became in a merger, for DES and CACS: shares of a successor, cash, both or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from engine.page import CellSource, Column, Metric, Panel, Table

if TYPE_CHECKING:
    from engine.context import Context

_NEAR = timedelta(days=14)  # how old a successor's close may be and still tell what its shares were worth


@dataclass(frozen=True, slots=True)
class Terms:
    """What each share of ``security_id`` became on ``day``: ``ratio`` shares of ``into`` (0: no shares), called
    ``successor``, and ``cash`` in ``currency``."""

    security_id: int
    day: date
    into: int
    successor: str
    ratio: float
    cash: float
    currency: str
    note: str

    def words(self) -> str:
        return described(
            {"exchange_ratio": self.ratio, "successor": self.successor, "cash_per_share": self.cash,
             "currency": self.currency}
        )  # fmt: skip

    def source(self, column: str) -> CellSource:
        return CellSource(
            "mergers", column, {}, {"security_id": self.security_id, "effective_date": self.day}
        )

    def metric(self) -> Metric:
        column = "exchange_ratio" if self.ratio else "cash_per_share"
        return Metric("holders got", self.words(), source=self.source(column), note="for each share")

    def final_return(self, context: Context, last: float, traded: date, currency: str) -> Metric | None:
        """What holders got over the last close, of the day ``traded``; None where that cannot be worked out.

        Shares of the successor count at their close before the merger, or of its day where the target traded then.
        """
        if self.cash and self.currency not in ("", currency):
            return None
        column = "exchange_ratio" if self.ratio else "cash_per_share"
        worth, words = self.cash, f"{self.cash:.8g}"
        if self.ratio:
            until = max(traded, self.day - timedelta(days=1))
            price = _close(context, self.into, until) if self.into else None
            if price is None:
                return None
            worth = self.ratio * price + self.cash
            words = f"({self.ratio:.8g} x {price:.8g} + {self.cash:.8g})"
        return Metric(
            "final return", worth / last - 1, "change",
            formula=f"what a share became / last traded close - 1: {words} / {last:.8g} - 1",
            source=self.source(column), note="by the terms of the merger",
        )  # fmt: skip


def described(row: dict[str, Any]) -> str:
    """Terms in words: ``0.895 shares of EXR and 10 USD in cash``."""
    parts = []
    if row["exchange_ratio"]:
        parts.append(f"{row['exchange_ratio']:g} shares of {row['successor'] or 'a successor'}")
    if row["cash_per_share"]:
        parts.append(f"{row['cash_per_share']:g} {row['currency'] or ''} in cash".replace("  ", " "))
    return " and ".join(parts) or "nothing"


def terms_of(context: Context, security_id: int) -> Terms | None:
    """What a security's shares had become by the clock's day, as known at the clock."""
    rows = context.reader.rows("mergers", security_id, None, context.today).to_dicts()
    if not rows:
        return None
    row = max(rows, key=lambda each: (each["known_at"], each["effective_date"]))
    return Terms(
        security_id, row["effective_date"], row["successor_id"] or 0, row["successor"] or "",
        row["exchange_ratio"] or 0.0, row["cash_per_share"] or 0.0, row["currency"] or "", row["note"] or "",
    )  # fmt: skip


def _close(context: Context, security_id: int, day: date) -> float | None:
    """The last close as traded up to a day, of a fortnight at most."""
    bars = context.reader.bars([security_id], day - _NEAR, day, adjust="none")
    return float(bars["close"][-1]) if bars.height else None


def panel(context: Context, security_id: int) -> Panel | None:
    """Mergers that a security is told to end in, announced ones too; None where none is known."""
    import polars as pl

    rows = context.reader.rows("mergers", security_id).sort("effective_date", descending=True)
    if rows.is_empty():
        return None
    coming = pl.col("effective_date") > context.today
    frame = rows.with_columns(
        what=pl.Series([described(row) for row in rows.to_dicts()], dtype=pl.String),
        state=pl.when(coming).then(pl.lit("announced")).otherwise(pl.lit("effective")),
    )
    key = {"security_id": "security_id", "effective_date": "effective_date"}
    columns = (
        Column("effective_date", "effective", "date"),
        Column("what", "each share becomes", least=44, formula="as the source reports it",
               source=CellSource("mergers", "exchange_ratio", key)),
        Column("state", "state"),
        Column("announced_date", "announced", "date", source=CellSource("mergers", "announced_date", key)),
        Column("known_at", "known at", "instant"),
        Column("known_basis", "basis of known at"),
        Column("note", "note", source=CellSource("mergers", "note", key)),
    )  # fmt: skip
    return Panel("mergers", "mergers", Table(frame, columns, key=("effective_date",), empty=""), 1)
