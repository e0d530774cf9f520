"""The day's universe of a screen: who is in it at the clock, under which basis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError
from engine.page import SecurityRef
from engine.universe import find, index_of, members

if TYPE_CHECKING:
    from datetime import date

    from engine.context import Context

ALL, DEFAULT = "ALL", "SP500"
MOST = 10_000
_WRITTEN = 200  # so many securities of a list are written out, for whoever opens the page


@dataclass(frozen=True, slots=True)
class Day:
    """``refs`` as they were called on the clock's day; ``word`` is what UNIVERSE= says of them."""

    refs: tuple[SecurityRef, ...]
    title: str
    basis: str
    word: str

    @property
    def ids(self) -> list[int]:
        return [ref.security_id for ref in self.refs]


def universe(context: Context, typed: str | None) -> Day:
    """The universe that ``typed`` names, or the S&P 500's members where they are known, or all equities.

    Raises
    ------
    CommandError, DataError
        It names none, or none of it is known at the clock.
    """
    word = (typed or "").strip()
    if not word:
        word = _default(context)
    if word.upper() == ALL:
        return _sized(_all(context))
    found = find(word, context.reader, context.directory, context.desk.state)
    known = [context.directory.by_id(each) for each in found.ids]
    refs = tuple(each.ref for each in known if each is not None)
    if found.unknown:
        more = f" and {len(found.unknown) - 8} more" if len(found.unknown) > 8 else ""
        context.note(f"Not known at this clock: {', '.join(found.unknown[:8])}{more}.", "warning")
    if not refs:
        raise DataError(
            f"{found.title}: none of these securities is known at this clock. ASOF NOW shows all."
        )
    if found.index_id is not None:
        return _sized(
            Day(refs, found.title, f"members on {context.today}, those included that left later", word)
        )
    if len(refs) <= _WRITTEN and all(context.directory.unambiguous(ref.ticker) for ref in refs):
        word = ",".join(ref.ticker for ref in refs) + ("," if len(refs) == 1 else "")
    return _sized(Day(refs, found.title, f"as listed, tickers of {context.today}", word))


def _default(context: Context) -> str:
    index = index_of(DEFAULT, context.directory)
    return DEFAULT if index is not None and members(context.reader, index).height else ALL


def _all(context: Context) -> Day:
    """Every equity known at the clock and listed on its day; those delisted later are among them."""
    refs = tuple(
        each.ref
        for each in context.directory
        if each.ref.asset_class == "equity" and not _gone(each.current.delisting_date, context.today)
    )
    if not refs:
        raise DataError(
            "No equity is known at this clock. BACKFILL SP500 10Y fetches members and prices; ASOF NOW shows all."
        )
    basis = f"not delisted by {context.today}; those that died later are in it"
    return Day(tuple(sorted(refs, key=lambda ref: ref.ticker)), "all equities known", basis, ALL)


def _gone(delisted: date | None, today: date) -> bool:
    return delisted is not None and delisted <= today


def _sized(day: Day) -> Day:
    if len(day.refs) > MOST:
        raise CommandError(
            f"{day.title} has {len(day.refs):,} securities; a screen takes {MOST:,} at most.",
            argument="universe",
        )
    return day
