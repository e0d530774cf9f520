"""Rows of ``securities`` from a vendor that knows a security as it is today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from providers.clocks import EXACT, NEW_YORK
from providers.source import Access, Request
from providers.vendor_values import Row

FIRST_TRADE = (
    "estimated: 09:30 New York of the first day that the vendor has; the ticker is today's, and the name of"
    " that time is not in the source"
)


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
    under the ticker alone: today's name would tell that day what it could not know."""
    subject = request.subject
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
                **base, "name": said.ticker, "exchange": "", "valid_from": said.first, "known_at": opening,
                "known_basis": FIRST_TRADE, "note": "the name of that time is not in the source",
            }
        )  # fmt: skip
    rows.append(
        {**base, "name": said.name, "valid_from": today, "known_at": access.now, "known_basis": EXACT}
    )
    return rows
