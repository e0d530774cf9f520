"""Massive's reference data: who a ticker is and was, where it is listed, what the company is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from providers.clocks import EXACT, NEW_YORK
from providers.errors import Kind, SourceError, not_found
from providers.massive_bars import RULES, ticker_of
from providers.massive_paging import body_of, pages
from providers.source import Access, Answer, Request
from providers.vendor_securities import ANOTHERS, Listing, Since, of_one_company, since_rows, ticker_on
from providers.vendor_values import Gathered, Row, day_of, instant_of, number, segment, told, whole, words

TICKER_SINCE = "estimated: 09:30 New York of the day from which the vendor lists the ticker"
LISTED_FROM = "estimated: 09:30 New York of the first day of listing; the exchange is the one told today"
_WHO = ("cik", "composite_figi", "name")  # what tells one company from another, the surest first
DELISTED_AT = "estimated: end of the day in New York on which the vendor says that it was delisted"


def fetch_lookup(request: Request, access: Access) -> Answer:
    """Today's name, the tickers it had before, and where it is listed."""
    gathered = Gathered(request, access, RULES)
    ticker = ticker_of(request.subject)
    found = _details(gathered, ticker)
    first = day_of(found.get("list_date"))
    currency = (words(found.get("currency_name")) or "usd").upper()
    calendar = request.subject.calendar
    said = Since(
        ticker=request.subject.ticker, name=words(found.get("name")) or ticker,
        exchange=words(found.get("primary_exchange")) or "", calendar=calendar,
        currency="USD" if len(currency) != 3 else currency, listed=first,
    )  # fmt: skip
    kind = "fund" if found.get("type") in ("ETF", "ETV", "ETN", "FUND") else None
    rows = since_rows(said, request, access, kind)
    gathered.add_rows("securities", _renamings(gathered, ticker, rows[-1]) + rows, clip=False)
    gathered.add_rows("profiles", [_profile(found, request, access)], clip=False)
    return gathered.answer()


def fetch_profile(request: Request, access: Access) -> Answer:
    """What the company is, as told today."""
    gathered = Gathered(request, access, RULES)
    found = _details(gathered, ticker_of(request.subject))
    gathered.add_rows("profiles", [_profile(found, request, access)], clip=False)
    return gathered.answer()


def fetch_listings(request: Request, access: Access) -> Answer:
    """The listings of a ticker, ended ones too. Where the ticker was another's before, ``first_day`` of the
    subject says whose: a listing that ended before it is not this security's."""
    gathered = Gathered(request, access, RULES)
    ticker = ticker_of(request.subject)
    found: list[Listing] = []
    unknown: list[Row] = []
    for active in ("true", "false"):
        for each in pages(gathered, "/v3/reference/tickers", {"ticker": ticker, "active": active}, ticker):
            row = _listing(told(each, "a ticker"), gathered, ticker)
            if row is None:
                unknown.append(dict(each))
            elif _is_ours(row, request):
                who = next((str(each[name]) for name in _WHO if each.get(name)), "")
                found.append(Listing(who, row["delisting_date"] is None, (row,)))
    rows, others = of_one_company(found)
    gathered.add_rows("listings", rows, clip=False)
    gathered.set_aside("listings", ANOTHERS, others)
    gathered.set_aside("listings", "no day of listing, or no exchange", unknown)
    return gathered.answer()


def _details(gathered: Gathered, ticker: str) -> Mapping[str, Any]:
    body, reply = body_of(gathered, f"/v3/reference/tickers/{segment(ticker)}", {})
    if "results" not in body:
        raise not_found(f"Massive does not know {ticker}")
    return told(body["results"], f"results of {reply.url}")


def _renamings(gathered: Gathered, ticker: str, today: Row) -> list[Row]:
    """The tickers that it had, each from its day on. Names of those times are not told: the ticker stands for
    them, since today's name could not be known then."""
    if gathered.request.subject.market != "US EQUITY":
        return []
    try:
        body, _ = body_of(
            gathered, f"/vX/reference/tickers/{segment(ticker)}/events", {"types": "ticker_change"}
        )
    except SourceError as error:
        if error.kind is Kind.NOT_FOUND:  # Massive has no events of this ticker
            return []
        raise
    events = told(body.get("results") or {}, "events").get("events") or []
    rows: list[Row] = []
    for event in events:
        changed = told(event, "an event").get("ticker_change")
        since = day_of(event.get("date"))
        if not isinstance(changed, dict) or since is None or words(changed.get("ticker")) is None:
            gathered.set_aside("securities", "a change of ticker without its day or ticker", [dict(event)])
            continue
        rows.append(
            {
                **today, "ticker": changed["ticker"], "name": changed["ticker"], "valid_from": since,
                "exchange": "", "known_at": _opening(since), "known_basis": TICKER_SINCE,
                "note": "the name of that time is not in the source",
            }
        )  # fmt: skip
    return rows


def _profile(found: Mapping[str, Any], request: Request, access: Access) -> Row:
    address = told(found.get("address") or {}, "address")
    return {
        "identity": request.subject.identity, "valid_from": access.now.astimezone(ZoneInfo(NEW_YORK)).date(),
        "industry": words(found.get("sic_description")), "sic": words(found.get("sic_code")),
        "cik": words(found.get("cik")), "city": words(address.get("city")),
        "country": "United States" if found.get("locale") == "us" else None,
        "website": words(found.get("homepage_url")), "summary": words(found.get("description")),
        "employees": whole(found.get("total_employees")),
        "shares_outstanding": number(found.get("share_class_shares_outstanding")),
        "known_at": access.now, "known_basis": EXACT,
    }  # fmt: skip


def _listing(each: Mapping[str, Any], gathered: Gathered, ticker: str) -> Row | None:
    """A listing. Lists do not tell the first day of one: a ticker that still trades is asked for in detail."""
    gone = instant_of(each.get("delisted_utc")) or None
    first = day_of(each.get("list_date"))
    if first is None and gone is None:
        first = day_of(_details(gathered, ticker).get("list_date"))
    left = None if gone is None else gone.astimezone(ZoneInfo(NEW_YORK)).date()
    exchange = words(each.get("primary_exchange"))
    if exchange is None or (first is None and left is None):
        return None
    note = (
        None
        if first is not None
        else "first day of listing not in the source: the day it ended stands for it"
    )
    subject, named = gathered.request.subject, words(each.get("ticker"))
    known_at = _day_end(left or date.max)
    if left is None and first is not None:
        known_at, named = _opening(first), ticker_on(subject, first)
    return {
        "identity": subject.identity, "listing_date": first or left, "exchange": exchange,
        "ticker": named, "delisting_date": left, "note": note, "known_at": known_at,
        "known_basis": LISTED_FROM if left is None else DELISTED_AT,
    }  # fmt: skip


def _is_ours(row: Row, request: Request) -> bool:
    first = request.subject.first_day
    return first is None or row["delisting_date"] is None or row["delisting_date"] >= first


def _opening(day: date) -> datetime:
    return datetime.combine(day, time(9, 30), ZoneInfo(NEW_YORK))


def _day_end(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59, 999999), ZoneInfo(NEW_YORK))
