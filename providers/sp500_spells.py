"""The CSV layouts of the list of S&P 500 members, read into members and their namings. Pure: text in, spells out.

A spell runs from its first day in the index to the first day out of it. Where the list tells a rename as an end
and a beginning, the two are one spell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from providers.embedded.companies import NAMINGS
from providers.errors import malformed
from providers.sp500_names import EARLIER, OTHERS, RENAMES, SLACK_DAYS

SPELLS_HEAD = ("ticker", "start_date", "end_date")
CHANGES_HEAD = ("date", "add", "remove")
_US = "us-equity:"


@dataclass(frozen=True, slots=True)
class Spell:
    """One stay in the index. ``tickers``: what it was called from when, the first at ``start``."""

    identity: str
    start: date
    end: date | None
    tickers: tuple[tuple[date, str], ...]
    open_start: bool = False  # a member already on the list's first day


@dataclass(frozen=True, slots=True)
class _Listed:
    """A line of the list."""

    ticker: str
    start: date
    end: date | None


def parse_spells(text: str) -> list[_Listed]:
    """Lines ``ticker,start_date,end_date``; SourceError where the text is none of these."""
    found = []
    for row in _rows(text, SPELLS_HEAD):
        ticker, start, end = row
        found.append(_Listed(ticker.strip().upper(), _day(start), _day(end) if end.strip() else None))
    return found


def parse_changes(text: str) -> list[tuple[date, tuple[str, ...], tuple[str, ...]]]:
    """Lines ``date,add,remove``, tickers of one day parted by commas."""

    def tickers(cell: str) -> tuple[str, ...]:
        return tuple(word.strip().upper() for word in cell.split(",") if word.strip())

    return sorted((_day(day), tickers(add), tickers(gone)) for day, add, gone in _rows(text, CHANGES_HEAD))


def _rows(text: str, head: tuple[str, ...]) -> Iterator[list[str]]:
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    first = next(lines, None)
    if first is None or tuple(word.strip().lower() for word in first) != head:
        raise malformed(f"a list of members begins with the line {','.join(head)}")
    for row in lines:
        if not row:
            continue
        if len(row) != len(head) or not row[0].strip():
            raise malformed(
                f"line {lines.line_num} of the list of members has not the parts {','.join(head)}"
            )
        yield row


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise malformed(f"a day in the list of members is no date: {text!r}") from error


def continued(
    listed: Sequence[_Listed], changes: Sequence[tuple[date, tuple[str, ...], tuple[str, ...]]]
) -> list[_Listed]:
    """The spells with the changes that came after the last of them."""
    known = list(listed)
    last = max((day for one in listed for day in (one.start, one.end) if day is not None), default=date.min)
    for day, added, removed in changes:
        if day <= last:
            continue
        known = [
            replace(one, end=day) if one.end is None and one.ticker in removed else one for one in known
        ] + [_Listed(ticker, day, None) for ticker in added]
    return known


def spells_of(listed: Sequence[_Listed]) -> list[Spell]:
    """Stays in the index by permanent identity."""
    begin = min((one.start for one in listed), default=date.min)
    ordered = sorted(listed, key=lambda one: (one.start, one.ticker))
    chains: list[list[_Listed]] = []
    for one in ordered:
        for chain in chains:
            if _is_rename(chain[-1], one):
                chain.append(one)
                break
        else:
            chains.append([one])
    made = [_spell(chain, begin) for chain in chains]
    return sorted(made, key=lambda spell: (spell.start, spell.identity))


def _is_rename(before: _Listed, after: _Listed) -> bool:
    near = timedelta(days=SLACK_DAYS)
    return before.end == after.start and any(
        (old, new) == (before.ticker, after.ticker) and abs(day - after.start) <= near
        for old, new, day in RENAMES
    )


def _spell(chain: list[_Listed], begin: date) -> Spell:
    first, last = chain[0], chain[-1]
    end = last.end or date.max
    told: list[tuple[date, str]] = []
    for one in chain:
        told += _tickers(one)
    identity = _identity(chain)
    own = [(n.valid_from, n.ticker) for n in NAMINGS if n.identity == identity]
    before = [ticker for day, ticker in own if day <= first.start]
    if own and before:  # the embedded reference names it: those days hold
        told = [(first.start, before[-1]), *((day, t) for day, t in own if first.start < day < end)]
    kept: list[tuple[date, str]] = []
    for day, ticker in told:
        if not kept or kept[-1][1] != ticker:
            kept.append((max(day, first.start), ticker))
    return Spell(identity, first.start, last.end, tuple(kept), first.start == begin)


def _tickers(one: _Listed) -> list[tuple[date, str]]:
    """The tickers of a line of the list, from its first day on."""
    earlier = EARLIER.get(one.ticker)
    if earlier is None or (earlier.until is not None and earlier.until <= one.start):
        return [(one.start, one.ticker)]
    days = [*earlier.tickers, *([(earlier.until, one.ticker)] if earlier.until else [])]
    in_force = [pair for pair in days if pair[0] <= one.start][-1]
    end = one.end or date.max
    return [(one.start, in_force[1]), *(pair for pair in days if one.start < pair[0] < end)]


def _identity(chain: list[_Listed]) -> str:
    """The permanent name: of another company of that ticker, of the embedded reference, of the facts carried
    here, or else of the first ticker of the chain of renames."""
    for one in chain:
        for other in OTHERS:
            if (other.ticker, other.start) == (one.ticker, one.start):
                return other.identity
    for one in chain:
        held = [n for n in NAMINGS if n.ticker == one.ticker and n.identity.startswith(_US)]
        if held:
            return held[0].identity
    earlier = EARLIER.get(chain[0].ticker)
    if earlier is not None:
        return earlier.identity
    return _US + _first_name(chain[0].ticker, chain[0].start)


def _first_name(ticker: str, day: date) -> str:
    """The ticker before all the renames that led to ``ticker`` by ``day``: a member that left and came back under
    a later name is the same one."""
    before = [old for old, new, when in RENAMES if new == ticker and when <= day]
    return _first_name(before[-1], day) if before and before[-1] != "FI" else ticker
