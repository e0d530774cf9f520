"""Rows of ``securities`` from a vendor that knows a security as it is today."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from providers.clocks import EXACT, NEW_YORK
from providers.source import Access, Request, Subject
from providers.vendor_values import Row

FIRST_TRADE = (
    "estimated: 09:30 New York of the first day that the vendor has; ticker and name of then are not told"
)
_UNTIL = re.compile(r"-\d{4}$")
ANOTHERS = "a listing of that ticker under another name, which may be another company's"


@dataclass(frozen=True, slots=True)
class Since:
    """What a vendor says a security is called, and since when it knows it."""

    ticker: str
    name: str
    exchange: str = ""
    calendar: str = ""
    currency: str = "USD"
    first: date | None = None
    listed: date | None = None


def since_rows(said: Since, request: Request, access: Access, asset_class: str | None = None) -> list[Row]:
    """Today's naming, known by this very answer. Where the vendor tells a first day also a row of that day
    under a ticker alone: today's name would tell that day what it could not know."""
    subject = request.subject
    ticker = ticker_on(subject, said.first) if said.first is not None else said.ticker
    unit = f"{said.currency} a share" if subject.market == "US EQUITY" else ""
    base: Row = {
        "identity": subject.identity, "ticker": said.ticker, "market": subject.market,
        "asset_class": asset_class or subject.asset_class, "exchange": said.exchange, "currency": said.currency,
        "unit": unit, "calendar": said.calendar, "listing_date": said.listed,
    }  # fmt: skip
    rows: list[Row] = []
    today = access.now.astimezone(ZoneInfo(NEW_YORK)).date()
    if said.first is not None and said.first < today:
        opening = datetime.combine(said.first, time(9, 30), ZoneInfo(NEW_YORK))
        rows.append(
            {
                **base, "ticker": ticker, "name": ticker, "exchange": "", "valid_from": said.first,
                "known_at": opening, "known_basis": FIRST_TRADE, "note": "the name of that time is not in the source",
            }
        )  # fmt: skip
    rows.append(
        {**base, "name": said.name, "valid_from": today, "known_at": access.now, "known_basis": EXACT}
    )
    return rows


def ticker_on(subject: Subject, day: date) -> str:
    """What a row dated ``day`` may call a US security: today's ticker where it is known to have held by then, else
    the one of its identity, under which it was first known (FB, and not META, in 2012). Identities of those that
    share a ticker have something hung on (us-equity:GOOG-C, us-equity:DELL-2013), which is no part of it."""
    held = subject.first_day is not None and subject.first_day <= day
    first = subject.identity.rpartition(":")[2]
    if subject.market != "US EQUITY" or held or first.startswith(f"{subject.ticker}-"):
        return subject.ticker
    return _UNTIL.sub("", first) or subject.ticker


@dataclass(frozen=True, slots=True)
class Listing:
    """A vendor's entry of a ticker: whose it is by the vendor's own word (a name or number), and its rows."""

    who: str
    active: bool
    rows: tuple[Row, ...]


def of_one_company(found: Sequence[Listing]) -> tuple[list[Row], list[Row]]:
    """Rows of the company that has the ticker today, or of the only one that ever had it; and the others, since a
    ticker is given away again."""
    owners = {each.who for each in found if each.active} or {each.who for each in found}
    if len(owners) > 1:
        owners = set()
    ours = [row for each in found if each.who in owners for row in each.rows]
    return ours, [row for each in found if each.who not in owners for row in each.rows]
