"""Cash dividends of OVME: typed, or those declared by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import TYPE_CHECKING

from engine.errors import CommandError
from engine.functions._ovme_market import declared
from engine.period import parse_date

if TYPE_CHECKING:
    from engine.context import Context
    from engine.page import SecurityRef


@dataclass(frozen=True, slots=True)
class CashDividends:
    """Ex-dates with amounts a share; what one types for them, and where they come from."""

    rows: tuple[tuple[date, float], ...]
    text: str
    basis: str

    @property
    def shown(self) -> str:
        if not self.rows:
            return "none: as a yield" if self.text == "YIELD" else "none is declared"
        return ", ".join(f"{amount:g} on {day}" for day, amount in self.rows)

    def due(self, today: date) -> tuple[tuple[float, float], ...]:
        """Years from today, and amounts."""
        return tuple(((day - today).days / 365.0, amount) for day, amount in self.rows)


def cash_dividends(
    context: Context, ref: SecurityRef, model: str, day: date, expiry: date, text: str | None
) -> CashDividends:
    """What DIVIDENDS= says.

    Raises
    ------
    CommandError
        It cannot be read, or the model has no dividends.
    """
    word = (text or "YIELD").strip().upper()
    if word in ("YIELD", "NONE"):
        return CashDividends((), "YIELD", "as a yield of the twelve months before")
    if model != "BSM":
        raise CommandError("Cash dividends belong to options on shares and funds.", argument="dividends")
    if word == "DECLARED":
        rows = declared(context, ref, day, expiry)
        if not rows:
            context.note(
                f"No dividend of {ref.ticker} with an ex-date from {day} to {expiry} is declared at this clock: the "
                "dividend yield stands, until YIELD=0 is typed."
            )
        return CashDividends(rows, "DECLARED", "announced by the clock, with an ex-date before the expiry")
    rows = tuple(sorted(_pair(part) for part in word.split(",")))
    if any(when <= day or when > expiry for when, _ in rows):
        context.note(f"Dividends that are not after {day} and by {expiry} do not count.")
    return CashDividends(tuple(row for row in rows if day < row[0] <= expiry), word, "as typed")


def _pair(part: str) -> tuple[date, float]:
    """``2013-05-09:2.65``."""
    when, _, amount = part.strip().partition(":")
    try:
        day, paid = parse_date(when), float(amount)
    except ValueError:
        day, paid = None, 0.0
    if day is None or not (isfinite(paid) and paid > 0.0):
        raise CommandError(
            f"{part.strip()!r} is not a dividend: an ex-date, a colon and an amount (YYYY-MM-DD:0.50). Several "
            "are parted by commas; DECLARED takes those announced.",
            argument="dividends", suggestions=("DIVIDENDS=DECLARED",),
        )  # fmt: skip
    return day, paid
