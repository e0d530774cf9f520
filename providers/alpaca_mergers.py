"""Mergers and worthless removals out of Alpaca's corporate actions: what a share became when it ceased to be one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from providers.clocks import IN_USE, known_at_open
from providers.vendor_values import Gathered, Row, day_of, frame_of, number, words

SETTLING = timedelta(days=10)
# What is asked for, by the name that answers have it under.
KINDS: Mapping[str, str] = {
    "stock_mergers": "stock_merger",
    "cash_mergers": "cash_merger",
    "stock_and_cash_mergers": "stock_and_cash_merger",
    "worthless_removals": "worthless_removal",
}


def fetched_mergers(gathered: Gathered, symbol: str, told: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Rows of ``mergers`` of whoever ceased to be ``symbol``; those that it took over are not its own.

    Shares are told as ``acquirer_rate`` for ``acquiree_rate``. Whether cash beside them is for one share or for
    ``acquiree_rate`` of them is not documented: where that is not 1 the row is set aside.
    """
    own = [
        (kind, each) for kind, each in told if (each.get("acquiree_symbol") or each.get("symbol")) == symbol
    ]
    unclear = [dict(each) for kind, each in own if _unclear(kind, each)]
    rows = [
        row
        for kind, each in own
        if not _unclear(kind, each) and _asked(row := _row(gathered, kind, each), gathered)
    ]
    gathered.set_aside("mergers", "cash for other than one share", unclear)
    gathered.set_aside("mergers", "no effective date", [row for row in rows if row["effective_date"] is None])
    dated = [row for row in rows if row["effective_date"] is not None]
    if dated:
        calendars, calendar = gathered.access.calendars, gathered.request.subject.calendar or "XNYS"
        frame = frame_of("mergers", dated).drop("known_at", "known_basis", strict=False)
        known = known_at_open(frame, "effective_date", IN_USE, calendars, calendar)
        gathered.add("mergers", known, clip=False)


def _asked(row: Row, gathered: Gathered) -> bool:
    """Whether a row is about the days that were asked for, and those in which the last of them settles."""
    day, request = row["effective_date"], gathered.request
    if day is None:
        return True
    return bool(day >= (request.start or date.min)) and bool(day <= (until(request.end) or date.max))


def until(end: date | None) -> date | None:
    """The last day that is asked about: a share that left the market on its last day became another's after it."""
    return None if end is None else end + SETTLING


def _unclear(kind: str, each: Mapping[str, Any]) -> bool:
    return kind == "stock_and_cash_mergers" and number(each.get("acquiree_rate")) != 1.0


def _row(gathered: Gathered, kind: str, each: Mapping[str, Any]) -> Row:
    """A merger holds from its effective date, a removal from the day on which it was processed."""
    subject = gathered.request.subject
    new, old = number(each.get("acquirer_rate")), number(each.get("acquiree_rate"))
    cash = {
        "cash_mergers": number(each.get("rate")),
        "stock_and_cash_mergers": number(each.get("cash_rate")),
        "worthless_removals": 0.0,
    }.get(kind)
    day = each.get("process_date") if kind == "worthless_removals" else each.get("effective_date")
    return {
        "identity": subject.identity, "effective_date": day_of(day), "successor": words(each.get("acquirer_symbol")),
        "exchange_ratio": new / old if new and old else None, "cash_per_share": cash,
        "currency": subject.currency or "USD", "announced_date": None,
        "note": "removed as worthless" if kind == "worthless_removals" else KINDS[kind].replace("_", " "),
    }  # fmt: skip
