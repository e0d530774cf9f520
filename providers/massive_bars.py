"""Massive's aggregates and corporate actions: bars as traded, splits, dividends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from providers.clocks import NEW_YORK
from providers.errors import Kind, SourceError
from providers.massive_paging import pages
from providers.source import Access, Answer, Request, Subject
from providers.vendor_bars import interval_of, known_actions, known_daily, known_intraday, one_dividend_a_day
from providers.vendor_values import (
    Gathered,
    Row,
    day_of,
    frame_of,
    from_epoch,
    number,
    segment,
    told,
    whole,
    words,
)

RULES = "massive 1"
_SPANS = {
    "1m": (1, "minute"), "5m": (5, "minute"), "15m": (15, "minute"), "30m": (30, "minute"), "1h": (1, "hour"),
}  # fmt: skip
_FIRST = date(2003, 9, 10)  # the first day that the vendor has at all
_DIVIDENDS = {"CD": "regular", "SC": "special", "LT": "long-term gain", "ST": "short-term gain"}


def ticker_of(subject: Subject) -> str:
    """What Massive calls it: a prefix tells currencies, crypto and indices from stocks."""
    kind, _, name = subject.identity.partition(":")
    if subject.asset_class == "index":
        return f"I:{subject.ticker}"
    if kind == "fx":
        return f"C:{name}"
    if kind == "crypto":
        return f"X:{name}"
    if subject.asset_class in ("equity", "fund") and subject.market == "US EQUITY":
        return subject.ticker.replace("/", ".")
    raise SourceError(
        Kind.NOT_SERVED, f"Massive does not carry {subject.ticker} {subject.market}: ask another source"
    )


def day_zone(subject: Subject) -> str:
    """Where a day's bar begins at midnight."""
    return "UTC" if subject.asset_class in ("crypto", "currency") else NEW_YORK


def fetch_bars(request: Request, access: Access) -> Answer:
    """Daily bars as traded (``adjusted=false``)."""
    subject, gathered = request.subject, Gathered.by_ticker(request, access, RULES)
    zone = ZoneInfo(day_zone(subject))
    rows: list[Row] = []
    astray: list[Row] = []
    for each in _aggregates(gathered, 1, "day"):
        start = from_epoch(each.get("t"), 1000)
        local = None if start is None else start.astimezone(zone)
        if local is None or (local.hour, local.minute) != (0, 0):
            astray.append(dict(each))
            continue
        rows.append({"identity": subject.identity, "session_date": local.date(), **_prices(each)})
    bars = known_daily(
        frame_of("bars", rows), access.calendars, asset_class=subject.asset_class,
        calendar="" if subject.asset_class == "currency" else subject.calendar or "XNYS", zone=str(zone),
    )  # fmt: skip
    gathered.add("bars", bars)
    gathered.set_aside("bars", f"a day's bar that does not begin at midnight, {zone}", astray)
    return gathered.answer()


def fetch_intraday(request: Request, access: Access) -> Answer:
    """Bars of minutes as traded. There is none where nothing was traded; trading before and after the session
    is told too."""
    interval = interval_of(request)
    subject, gathered = request.subject, Gathered.by_ticker(request, access, RULES)
    zone = ZoneInfo(day_zone(subject))
    rows: list[Row] = []
    astray: list[Row] = []
    for each in _aggregates(gathered, *_SPANS[interval]):
        start = from_epoch(each.get("t"), 1000)
        if start is None:
            astray.append(dict(each))
            continue
        day = start.astimezone(zone).date()
        rows.append({"identity": subject.identity, "session_date": day, "start_at": start, **_prices(each)})
    gathered.add_rows("bars_intraday", known_intraday(rows, interval))
    gathered.set_aside("bars_intraday", "a bar without its time", astray)
    return gathered.answer()


def fetch_actions(request: Request, access: Access) -> Answer:
    """Splits and cash dividends. A dividend is known when it was declared; for splits only the day on which
    they are carried out is told."""
    subject, gathered = request.subject, Gathered.by_ticker(request, access, RULES)
    base: Row = {"identity": subject.identity}
    rows: list[Row] = []
    for each in _listing(gathered, "/v3/reference/splits", "execution_date"):
        new, old = number(each.get("split_to")), number(each.get("split_from"))
        rows.append(
            {
                **base, "kind": "split", "ex_date": day_of(each.get("execution_date")),
                "ratio": new / old if new and old else None,
            }
        )  # fmt: skip
    dividends = [
        {
            **base, "kind": "dividend", "ex_date": day_of(each.get("ex_dividend_date")),
            "amount": number(each.get("cash_amount")), "currency": words(each.get("currency")) or "USD",
            "announced_date": day_of(each.get("declaration_date")),
            "record_date": day_of(each.get("record_date")), "pay_date": day_of(each.get("pay_date")),
            "note": _DIVIDENDS.get(str(each.get("dividend_type"))),
        }
        for each in _listing(gathered, "/v3/reference/dividends", "ex_dividend_date")
    ]  # fmt: skip
    rows += one_dividend_a_day(dividends)
    dated = [row for row in rows if row["ex_date"] is not None]
    gathered.set_aside("actions", "no ex-date", [row for row in rows if row["ex_date"] is None])
    frame = frame_of("actions", dated)
    gathered.add("actions", known_actions(frame, access.calendars, subject.calendar or "XNYS"))
    return gathered.answer()


def _aggregates(gathered: Gathered, multiplier: int, span: str) -> list[Any]:
    request, access = gathered.request, gathered.access
    ticker = ticker_of(request.subject)
    gathered.reaches(_FIRST)
    start = max(request.start or _FIRST, _FIRST)
    # A day more: bars are asked for by days in UTC or New York, whichever the vendor takes them for.
    end = min(request.end or access.now.date(), access.now.date()) + timedelta(days=1)
    path = f"/v2/aggs/ticker/{segment(ticker)}/range/{multiplier}/{span}/{start}/{end}"
    params: dict[str, str | int | float] = {"adjusted": "false", "sort": "asc", "limit": 50_000}
    return [told(each, "a bar") for each in pages(gathered, path, params, ticker)]


def _listing(gathered: Gathered, path: str, day: str) -> list[Any]:
    request = gathered.request
    ticker = ticker_of(request.subject)
    params: dict[str, str | int | float] = {"ticker": ticker, "limit": 1000, "order": "asc", "sort": day}
    if request.start is not None:
        params[f"{day}.gte"] = str(request.start)
    if request.end is not None:
        params[f"{day}.lte"] = str(request.end)
    found = [told(each, path) for each in pages(gathered, path, params, ticker)]
    return [each for each in found if each.get("ticker") in (None, ticker)]


def _prices(each: Any) -> Row:
    return {
        "open": number(each.get("o")), "high": number(each.get("h")), "low": number(each.get("l")),
        "close": number(each.get("c")), "volume": whole(each.get("v")),
    }  # fmt: skip
