"""Yahoo's other answers: option chains, company profiles, news, and who a symbol is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from providers.clocks import EXACT, NEW_YORK
from providers.errors import Kind, SourceError, malformed
from providers.source import Access, Answer, Request
from providers.vendor_securities import Since, since_rows
from providers.vendor_values import Gathered, Row, from_epoch, listed, number, segment, told, whole, words
from providers.yahoo_chart import ANSWERED, CHART, RULES, results, take_apart
from providers.yahoo_symbols import VENUES, symbol_of

QUOTED_NOW = "estimated: the time of the fetch; Yahoo does not tell when a quote was made"


def fetch_options(request: Request, access: Access) -> Answer:
    """The chain as it stands now: each expiry is one answer. ``detail`` names one expiry (2026-12-18)."""
    if request.end is not None and request.end < access.now.astimezone(ZoneInfo(NEW_YORK)).date():
        raise SourceError(Kind.NOT_SERVED, "Yahoo Finance tells option quotes of now only, none of the past")
    gathered = Gathered(request, access, RULES)
    symbol = symbol_of(request.subject)
    first = _chain(gathered, symbol, None)
    expiries = [from_epoch(stamp) for stamp in listed(first.get("expirationDates"), "expirationDates")]
    dates = [instant.date() for instant in expiries if instant is not None]
    if request.detail:
        wanted = date.fromisoformat(request.detail)
        dates = [day for day in dates if day == wanted]
    for done, day in enumerate(dates):
        access.check_cancelled()
        access.progress(done, len(dates), f"{request.subject.ticker} options to {day}")
        have = {option_expiry(part) for part in listed(first.get("options"), "options")}
        chain = first if day in have else _chain(gathered, symbol, day)
        for part in listed(chain.get("options"), "options"):
            if option_expiry(part) == day:
                gathered.add_rows("option_quotes", _quotes(told(part, "options"), chain, request, access))
    return gathered.answer(note="" if dates else f"Yahoo Finance lists no options on {symbol}")


def option_expiry(part: Any) -> date | None:
    instant = from_epoch(told(part, "options").get("expirationDate"))
    return instant.date() if instant else None


def _chain(gathered: Gathered, symbol: str, expiry: date | None) -> Mapping[str, Any]:
    params = (
        {} if expiry is None else {"date": int(datetime(*expiry.timetuple()[:3], tzinfo=UTC).timestamp())}
    )
    reply = gathered.access.get(f"/v7/finance/options/{segment(symbol)}", params, accept=ANSWERED)
    gathered.contents.append(reply.content)
    found = results(reply, "optionChain", f"options on {symbol}")
    return told(found[0], f"the chain of {reply.url}") if found else {}


def _quotes(part: Mapping[str, Any], chain: Mapping[str, Any], request: Request, access: Access) -> list[Row]:
    """One expiry's contracts. Quotes carry no time of their own: they are of the fetch."""
    quote = told(chain.get("quote") or {}, "quote")
    rows: list[Row] = []
    for right in ("call", "put"):
        for each in listed(part.get(right + "s"), right + "s"):
            option = told(each, "a contract")
            bid, ask = number(option.get("bid")), number(option.get("ask"))
            empty = not bid and not ask  # both zero: no market, not a market at zero
            rows.append(
                {
                    "identity": request.subject.identity,
                    "session_date": access.now.astimezone(ZoneInfo(NEW_YORK)).date(),
                    "quoted_at": access.now, "contract": words(option.get("contractSymbol")),
                    "expiry": option_expiry({"expirationDate": option.get("expiration")}),
                    "strike": number(option.get("strike")), "right": right,
                    "bid": None if empty else bid, "ask": None if empty else ask,
                    "last": number(option.get("lastPrice")), "volume": whole(option.get("volume")),
                    "open_interest": whole(option.get("openInterest")),
                    "underlying_price": number(quote.get("regularMarketPrice")),
                    "implied_volatility": None if empty else number(option.get("impliedVolatility")),
                    "multiplier": 100.0 if option.get("contractSize") == "REGULAR" else None,
                    "last_traded_at": from_epoch(option.get("lastTradeDate")),
                    "currency": words(option.get("currency")), "known_at": access.now,
                    "known_basis": QUOTED_NOW,
                }
            )  # fmt: skip
    return rows


def fetch_profile(request: Request, access: Access) -> Answer:
    """What the company is, as Yahoo says it today."""
    gathered = Gathered(request, access, RULES)
    symbol = symbol_of(request.subject)
    reply = access.get(
        f"/v10/finance/quoteSummary/{segment(symbol)}",
        {"modules": "assetProfile,defaultKeyStatistics", "formatted": "false"},
        accept=ANSWERED,
    )
    gathered.contents.append(reply.content)
    found = results(reply, "quoteSummary", symbol)
    if not found:
        return gathered.answer(note=f"Yahoo Finance has no profile of {symbol}")
    body = told(found[0], f"the answer of {reply.url}")
    profile = told(body.get("assetProfile") or {}, "assetProfile")
    statistics = told(body.get("defaultKeyStatistics") or {}, "defaultKeyStatistics")
    row: Row = {
        "identity": request.subject.identity, "valid_from": access.now.astimezone(ZoneInfo(NEW_YORK)).date(),
        "sector": words(profile.get("sector")), "industry": words(profile.get("industry")),
        "country": words(profile.get("country")), "city": words(profile.get("city")),
        "website": words(profile.get("website")), "summary": words(profile.get("longBusinessSummary")),
        "employees": whole(profile.get("fullTimeEmployees")),
        "shares_outstanding": number(statistics.get("sharesOutstanding")),
        "known_at": access.now, "known_basis": EXACT,
    }  # fmt: skip
    gathered.add_rows("profiles", [row], clip=False)
    return gathered.answer()


def fetch_news(request: Request, access: Access) -> Answer:
    """The newest headlines about a symbol; Yahoo's search tells about fifty."""
    gathered = Gathered(request, access, RULES)
    symbol = symbol_of(request.subject)
    reply = access.get("/v1/finance/search", {"q": symbol, "quotesCount": 0, "newsCount": 50})
    body = told(gathered.read(reply), reply.url)
    if "news" not in body:
        results(reply, "news", symbol)  # an error in the body is told
        raise malformed(f"{reply.url} answers without news")
    rows, aside = [], []
    for each in listed(body.get("news"), "news"):
        item = told(each, "a headline")
        published = from_epoch(item.get("providerPublishTime"))
        if published is None or words(item.get("title")) is None or words(item.get("uuid")) is None:
            aside.append(dict(item))
            continue
        rows.append(
            {
                "identity": request.subject.identity,
                "session_date": published.astimezone(ZoneInfo(NEW_YORK)).date(),
                "headline_id": words(item.get("uuid")), "published_at": published, "title": words(item["title"]),
                "publisher": words(item.get("publisher")), "url": words(item.get("link")), "language": "en",
                "known_at": published, "known_basis": EXACT,
            }
        )  # fmt: skip
    gathered.add_rows("headlines", rows)
    gathered.set_aside("headlines", "no title, no name or no time of publication", aside)
    return gathered.answer()


def fetch_lookup(request: Request, access: Access) -> Answer:
    """Name, exchange and currency of a symbol, from the head of its chart."""
    gathered = Gathered(request, access, RULES)
    symbol = symbol_of(request.subject)
    reply = access.get(CHART + segment(symbol), {"range": "5d", "interval": "1d"}, accept=ANSWERED)
    gathered.contents.append(reply.content)
    found = results(reply, "chart", symbol)
    if not found:
        raise SourceError(Kind.NOT_FOUND, f"Yahoo Finance does not know {symbol}")
    chart = take_apart(found[0], reply.url)
    venue = VENUES.get(str(chart.meta.get("exchangeName")))
    trade = from_epoch(chart.meta.get("firstTradeDate"))
    said = Since(
        ticker=request.subject.ticker,
        name=words(chart.meta.get("longName"))
        or words(chart.meta.get("shortName"))
        or request.subject.ticker,
        exchange=venue.mic if venue else "",
        calendar=chart.calendar(request),
        currency=chart.currency,
        first=None if trade is None else trade.astimezone(chart.zone).date(),
    )
    gathered.add_rows(
        "securities", since_rows(said, request, access, _ASSET.get(_kind(chart.meta))), clip=False
    )
    return gathered.answer()


_ASSET = {"ETF": "fund", "MUTUALFUND": "fund"}


def _kind(meta: Mapping[str, Any]) -> str:
    return str(meta.get("instrumentType"))
