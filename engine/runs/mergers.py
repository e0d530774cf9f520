"""Mergers of a run: what shares became when they ceased to be, for the account and for decisions of before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Merger
from engine.runs.market_told import Telling, some

if TYPE_CHECKING:
    from engine.backtest.market import Market
    from engine.runs.listed import Named
    from engine.runs.market_days import Days
    from store.reader import AsOfReader

Floats = NDArray[np.float64]
Row: TypeAlias = dict[str, Any]
STALE = 10  # sessions that a successor's close may be old and still say what its shares are worth


@dataclass(frozen=True, slots=True)
class Terms:
    """What each share became by ``day``, the first on which it is none: ``ratio`` shares of ``into`` (0: no shares),
    called ``successor`` then, and ``cash`` in ``currency``."""

    day: date
    into: int
    successor: str
    ratio: float
    cash: float
    currency: str

    def words(self, symbol: str) -> str:
        parts = [f"{self.ratio:g} shares of {self.successor}"] if self.ratio else []
        parts += [f"{self.cash:g} {self.currency} in cash".replace("  ", " ")] if self.cash else []
        return f"{symbol} became {' and '.join(parts) or 'nothing'} a share on {self.day}"


@dataclass(frozen=True, slots=True)
class Told:
    """``terms`` of mergers by security, as known at the clock; ``versions`` by security, oldest first a row."""

    terms: Mapping[int, Terms]
    versions: Mapping[int, Sequence[Row]]

    def day(self, number: int) -> date | None:
        """The first day on which a security is no share any more; None where it is one still."""
        found = self.terms.get(number)
        return None if found is None else found.day


def read(reader: AsOfReader, ids: Sequence[int], end: date, telling: Telling) -> Told:
    """Mergers up to ``end`` of some securities, and of those whose shares they became."""
    today = min(end, reader.session_date)
    terms: dict[int, Terms] = {}
    versions: dict[int, list[Row]] = {}
    asked: set[int] = set()
    fresh, estimated = set(ids), 0
    while fresh:
        found = reader.vintages("mergers", tuple(sorted(fresh)), None, today)
        estimated += int(found["known_basis"].str.starts_with("estimated").sum())
        asked |= fresh
        fresh = set()
        for row in found.iter_rows(named=True):
            versions.setdefault(row["security_id"], []).append(row)
        for number in found["security_id"].unique().to_list():
            made = latest(versions[number])
            if made is not None:
                terms[number] = made
                fresh |= {made.into} - asked - {0}
    if versions:
        telling.table("mergers", reader.reads, estimated)
    return Told(terms, versions)


def latest(versions: Sequence[Row], known: datetime | None = None) -> Terms | None:
    """What was told last of a security's end (of what was known by then), without the withdrawn."""
    rows: dict[object, Row] = {}
    for row in versions:
        if known is None or row["known_at"] <= known:
            rows[row["effective_date"]] = row
    live = [row for row in rows.values() if not row["deleted"]]
    if not live:
        return None
    row = max(live, key=lambda each: (each["known_at"], each["effective_date"]))
    into = row["successor_id"] or 0
    ratio = row["exchange_ratio"] or 0.0
    return Terms(
        row["effective_date"], into if ratio > 0 else 0, row["successor"] or "", ratio if into else 0.0,
        row["cash_per_share"] or 0.0, row["currency"] or "",
    )  # fmt: skip


def ends_after(day: date, dates: Days, closes: Floats) -> int:
    """The row after whose close shares are converted: the last session before ``day``, or that day's own where the
    target still traded on it; -1 where that was before the first."""
    row = int(np.searchsorted(dates, np.datetime64(day, "D"), side="left")) - 1
    same = row + 1 < len(dates) and dates[row + 1] == np.datetime64(day, "D")
    return row + 1 if same and bool(np.isfinite(closes[row + 1])) else row


def ended(versions: Sequence[Row], known: datetime, until: date) -> bool:
    """Whether it was known then that the shares are none any more on the day after ``until``."""
    found = latest(versions, known)
    return found is not None and found.day <= until + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Booked:
    """How the account takes mergers. ``mergers``: into shares of another column; ``final_return`` (k,): of the others
    what was paid over the last close. ``untold``: columns whose terms could not be worked out."""

    mergers: tuple[Merger, ...]
    final_return: Floats
    untold: tuple[int, ...]


def booked(told: Told, market: Market, names: Mapping[int, Named], adjusted: Sequence[int]) -> Booked:
    """Mergers of a market whose listings' ends are set already.

    Parameters
    ----------
    adjusted : securities with closes that a vendor adjusted: amounts a share mean nothing for them

    Notes
    -----
    Cash alone is a final return of ``cash / last close - 1``. Shares of a successor that never trades again are paid
    at its last close, where that is no older than ``STALE`` sessions.
    """
    column_of = {number: column for column, number in enumerate(market.ids.tolist())}
    final, mergers, untold = market.final_return.copy(), [], []
    for number, terms in told.terms.items():
        column = column_of.get(number, -1)
        if column < 0 or market.last[column] < 0:
            continue
        into = column_of.get(terms.into, -1)
        foreign = bool(terms.cash) and terms.currency not in ("", names[number].currency or "USD")
        bare = number in adjusted or (bool(terms.ratio) and terms.into in adjusted)
        worth = np.nan if foreign or bare else _worth(market, terms, column, into)
        if not np.isfinite(worth):
            untold.append(column)
        elif terms.ratio and _trades_on(market, column, into):
            mergers.append(Merger(column, into, terms.ratio, terms.cash))
        else:
            final[column] = worth / market.mark(column, int(market.last[column])) - 1.0
    return Booked(tuple(mergers), final, tuple(untold))


def _worth(market: Market, terms: Terms, column: int, into: int) -> float:
    """What a share was turned into, at the successor's last close; NaN where that is not known."""
    row = int(market.last[column])
    if not np.isfinite(market.mark(column, row)):
        return float("nan")
    if not terms.ratio:
        return terms.cash
    if into < 0:
        return float("nan")
    recent = np.isfinite(market.close[max(row - STALE, 0) : row + 1, into]).any()
    return terms.ratio * market.mark(into, row) + terms.cash if recent else float("nan")


def _trades_on(market: Market, column: int, into: int) -> bool:
    """Whether shares of the successor can still be sold, or the run ends with them."""
    row = int(market.last[column])
    if 0 <= market.last[into] <= row:
        return False
    return row + 1 == len(market.dates) or bool(np.isfinite(market.open[row + 1 :, into]).any())


def with_terms(market: Market, found: Booked) -> Market:
    return replace(market, final_return=found.final_return, mergers=found.mergers)


def paid(market: Market) -> Floats:
    """What holders got over the last close (k,), 0 where that is shares of another; NaN where nobody told."""
    found = market.final_return.copy()
    found[[one.column for one in market.mergers]] = 0.0
    return found


def tell(told: Told, market: Market, found: Booked, count: int, telling: Telling) -> None:
    """Who ended in a merger, on what terms; ``count`` columns are the run's own."""
    of = {int(number): column for column, number in enumerate(market.ids[:count].tolist())}
    over = {n: terms for n, terms in told.terms.items() if n in of and market.last[of[n]] >= 0}
    telling.fact("ended in a merger within the run", len(over))
    others = market.symbols[count:]
    if others:
        telling.fact("successors read for their shares, chosen by no rule", ", ".join(others))
    untold = [market.symbols[column] for column in found.untold if column < count]
    if over:
        words = [terms.words(market.symbols[of[number]]) for number, terms in over.items()]
        telling.note(f"{some(words, 3)}.")
    if untold:
        telling.note(
            f"What holders of {some(untold)} got in a merger cannot be booked: its successor has no price in the "
            "store for that day, the cash is in another currency, or closes are a vendor's adjusted ones. Such a "
            "position is paid at the final return that is told, else at its last close. BACKFILL fetches prices.",
            "warning",
        )
