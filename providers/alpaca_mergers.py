"""Mergers and worthless removals out of Alpaca's corporate actions: what a share became when it ceased to be one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from providers.clocks import IN_USE, known_at_open
from providers.vendor_values import Gathered, Row, day_of, frame_of, number, words

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
    rows = [_row(gathered, kind, each) for kind, each in own if not _unclear(kind, each)]
    gathered.set_aside("mergers", "cash for other than one share", unclear)
    gathered.set_aside("mergers", "no effective date", [row for row in rows if row["effective_date"] is None])
    dated = [row for row in rows if row["effective_date"] is not None]
    if dated:
        calendars, calendar = gathered.access.calendars, gathered.request.subject.calendar or "XNYS"
        frame = frame_of("mergers", dated).drop("known_at", "known_basis", strict=False)
        gathered.add("mergers", known_at_open(frame, "effective_date", IN_USE, calendars, calendar))


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
