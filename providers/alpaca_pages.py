"""Alpaca's other answers: option chains, news, and who a symbol is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from providers.alpaca_bars import RULES, ask, pages, symbol_of
from providers.clocks import EXACT, NEW_YORK
from providers.errors import Kind, SourceError
from providers.source import Access, Answer, Request
from providers.vendor_securities import Since, since_rows
from providers.vendor_values import (
    SNAPSHOT,
    Gathered,
    Row,
    day_of,
    instant_of,
    listed,
    number,
    segment,
    told,
    whole,
    words,
)

# root, yymmdd, C or P, strike in thousandths (OCC)
_CONTRACT = re.compile(r"^(?P<root>[A-Z0-9.]{1,6})(?P<day>\d{6})(?P<right>[CP])(?P<strike>\d{8})$")
_EXCHANGES = {
    "NYSE": "XNYS", "NASDAQ": "XNAS", "ARCA": "ARCX", "AMEX": "XASE", "BATS": "BATS", "OTC": "OTCM",
}  # fmt: skip
INDICATIVE = "indicative quotes: made by the vendor out of the market's, not the market's own"


def fetch_options(request: Request, access: Access) -> Answer:
    """The chain as it stands now, by the indicative feed. ``detail`` names one expiry."""
    if request.end is not None and request.end < access.now.astimezone(ZoneInfo(NEW_YORK)).date():
        raise SourceError(Kind.NOT_SERVED, "Alpaca tells the option chain of now only, none of the past")
    gathered = Gathered(request, access, RULES)
    symbol = symbol_of(request.subject)
    params: dict[str, str | int | float] = {"feed": "indicative", "limit": 1000}
    if request.detail:
        params["expiration_date"] = request.detail
    rows: list[Row] = []
    silent: list[Row] = []
    for body in pages(
        gathered, f"/v1beta1/options/snapshots/{segment(symbol)}", params, f"{symbol} options", "snapshots"
    ):
        for contract, each in told(body.get("snapshots") or {}, "snapshots").items():
            row = _quote(contract, told(each, contract), request, access.now)
            (silent if row["quoted_at"] is None or row["expiry"] is None else rows).append(row)
    gathered.add_rows("option_quotes", rows, clip=False)
    gathered.set_aside("option_quotes", "no time of a quote, or no contract that is known", silent)
    return gathered.answer(note=INDICATIVE)


def _quote(contract: str, each: Mapping[str, Any], request: Request, now: datetime) -> Row:
    quote = told(each.get("latestQuote") or {}, "latestQuote")
    trade = told(each.get("latestTrade") or {}, "latestTrade")
    greeks = told(each.get("greeks") or {}, "greeks")
    parts = _CONTRACT.match(contract)
    traded, at = instant_of(trade.get("t")), instant_of(quote.get("t"))
    at = at or traded
    empty = not number(quote.get("bp")) and not number(quote.get("ap"))
    return {
        "identity": request.subject.identity,
        "session_date": None if at is None else at.astimezone(ZoneInfo(NEW_YORK)).date(),
        "quoted_at": at, "contract": contract, "expiry": None if parts is None else _expiry(parts["day"]),
        "strike": None if parts is None else int(parts["strike"]) / 1000,
        "right": None if parts is None else {"C": "call", "P": "put"}[parts["right"]],
        "bid": None if empty else number(quote.get("bp")), "ask": None if empty else number(quote.get("ap")),
        "bid_size": whole(quote.get("bs")), "ask_size": whole(quote.get("as")), "last": number(trade.get("p")),
        "implied_volatility": number(each.get("impliedVolatility")),
        **{name: number(greeks.get(name)) for name in ("delta", "gamma", "vega", "theta", "rho")},
        "multiplier": 100.0, "last_traded_at": traded, "currency": "USD",
        "known_at": now if at is None else max(at, now), "known_basis": SNAPSHOT,
    }  # fmt: skip


def _expiry(digits: str) -> date | None:
    return day_of(f"20{digits[:2]}-{digits[2:4]}-{digits[4:]}")


def fetch_news(request: Request, access: Access) -> Answer:
    """Headlines about a symbol (Benzinga's)."""
    gathered = Gathered.by_ticker(request, access, RULES)
    symbol, zone = symbol_of(request.subject).replace("/", ""), ZoneInfo(NEW_YORK)
    params: dict[str, str | int | float] = {
        "symbols": symbol, "limit": 50, "sort": "asc", "include_content": "false",
        "start": f"{gathered.request.start or date(2015, 1, 1)}T00:00:00Z",
    }  # fmt: skip
    if request.end is not None:  # the day ends later in New York
        params["end"] = f"{request.end}T23:59:59-05:00"
    rows: list[Row] = []
    aside: list[Row] = []
    for body in pages(gathered, "/v1beta1/news", params, f"{symbol} news", "news"):
        for each in listed(body.get("news"), "news"):
            item = told(each, "a headline")
            published = instant_of(item.get("created_at"))
            updated = instant_of(item.get("updated_at")) or published  # the text is the one of then
            if published is None or item.get("id") is None:
                aside.append(dict(item))
                continue
            rows.append(
                {
                    "identity": request.subject.identity, "session_date": published.astimezone(zone).date(),
                    "headline_id": str(item["id"]), "published_at": published,
                    "title": words(item.get("headline")), "publisher": words(item.get("source")),
                    "url": words(item.get("url")), "summary": words(item.get("summary")), "language": "en",
                    "known_at": max(published, updated or published), "known_basis": EXACT,
                }
            )  # fmt: skip
    gathered.add_rows("headlines", rows)
    gathered.set_aside("headlines", "no name, or no time of publication", aside)
    return gathered.answer()


def fetch_lookup(request: Request, access: Access) -> Answer:
    """Today's name and exchange. Assets are told by the trading hosts: the key of a paper account fits one,
    that of a funded account the other."""
    gathered = Gathered(request, access, RULES)
    path = f"/v2/assets/{segment(symbol_of(request.subject).replace('/', ''))}"
    try:
        reply = ask(access, path, {}, role="paper")
    except SourceError as error:
        if error.kind not in (Kind.FORBIDDEN, Kind.NEEDS_KEY):
            raise
        reply = ask(access, path, {}, role="live")
    found = told(gathered.read(reply), reply.url)
    if words(found.get("symbol")) is None:
        raise SourceError(Kind.REFUSED, f"Alpaca answers: {found.get('message') or 'nothing'}")
    said = Since(
        ticker=request.subject.ticker, name=words(found.get("name")) or request.subject.ticker,
        exchange=_EXCHANGES.get(str(found.get("exchange")), ""), calendar=request.subject.calendar,
    )  # fmt: skip
    gathered.add_rows("securities", since_rows(said, request, access), clip=False)
    return gathered.answer()
