"""Massive's option chains and news."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from providers.clocks import EXACT, NEW_YORK
from providers.errors import Kind, SourceError
from providers.massive_bars import RULES, ticker_of
from providers.massive_paging import pages
from providers.source import Access, Answer, Request
from providers.vendor_sentiment import Opinion, sentiment_rows
from providers.vendor_values import (
    SNAPSHOT,
    Gathered,
    Row,
    day_of,
    from_epoch,
    instant_of,
    listed,
    number,
    segment,
    told,
    whole,
    words,
)

NANO = 1_000_000_000
CHANNEL = "news:massive"
_SCORES = {"positive": 1.0, "neutral": 0.0, "negative": -1.0}


def fetch_options(request: Request, access: Access) -> Answer:
    """The chain as it stands now (15 minutes ago on lesser plans). ``detail`` names one expiry."""
    zone = ZoneInfo(NEW_YORK)
    if request.end is not None and request.end < access.now.astimezone(zone).date():
        raise SourceError(Kind.NOT_SERVED, "Massive tells the option chain of now only, none of the past")
    gathered = Gathered(request, access, RULES)
    ticker = ticker_of(request.subject)
    params: dict[str, str | int | float] = {"limit": 250}
    if request.detail:
        params["expiration_date"] = request.detail
    rows: list[Row] = []
    silent: list[Row] = []
    for each in pages(gathered, f"/v3/snapshot/options/{segment(ticker)}", params, f"{ticker} options"):
        row = _quote(told(each, "a contract"), request, access.now)
        (silent if row["quoted_at"] is None else rows).append(row)
    # Without a start: a quote of Friday is what stands on Sunday.
    gathered.add_rows("option_quotes", rows, clip=False)
    gathered.set_aside("option_quotes", "never quoted or traded: no time", silent)
    return gathered.answer()


def _quote(each: Mapping[str, Any], request: Request, now: datetime) -> Row:
    details = told(each.get("details") or {}, "details")
    quote = told(each.get("last_quote") or {}, "last_quote")
    trade = told(each.get("last_trade") or {}, "last_trade")
    day = told(each.get("day") or {}, "day")
    under = told(each.get("underlying_asset") or {}, "underlying_asset")
    greeks = told(each.get("greeks") or {}, "greeks")
    traded = from_epoch(trade.get("sip_timestamp"), NANO)
    times = (from_epoch(quote.get("last_updated"), NANO), traded, from_epoch(day.get("last_updated"), NANO))
    at: datetime | None = next((each for each in times if each is not None), None)
    empty = not number(quote.get("bid")) and not number(quote.get("ask"))
    last = number(trade.get("price"))
    return {
        "identity": request.subject.identity,
        "session_date": None if at is None else at.astimezone(ZoneInfo(NEW_YORK)).date(),
        "quoted_at": at, "contract": str(details.get("ticker") or "").removeprefix("O:") or None,
        "expiry": day_of(details.get("expiration_date")), "strike": number(details.get("strike_price")),
        "right": words(details.get("contract_type")),
        "bid": None if empty else number(quote.get("bid")), "ask": None if empty else number(quote.get("ask")),
        "bid_size": whole(quote.get("bid_size")), "ask_size": whole(quote.get("ask_size")),
        "last": number(day.get("close")) if last is None else last, "volume": whole(day.get("volume")),
        "open_interest": whole(each.get("open_interest")), "underlying_price": number(under.get("price")),
        "implied_volatility": number(each.get("implied_volatility")),
        **{name: number(greeks.get(name)) for name in ("delta", "gamma", "vega", "theta")},
        "multiplier": number(details.get("shares_per_contract")),
        "exercise": words(details.get("exercise_style")), "last_traded_at": traded, "currency": "USD",
        "known_at": now if at is None else max(at, now), "known_basis": SNAPSHOT,
    }  # fmt: skip


def fetch_news(request: Request, access: Access) -> Answer:
    """Headlines about a ticker."""
    gathered = Gathered.by_ticker(request, access, RULES)
    zone = ZoneInfo(NEW_YORK)
    rows: list[Row] = []
    aside: list[Row] = []
    for item in _items(gathered):
        published = instant_of(item.get("published_utc"))
        if published is None or words(item.get("id")) is None:
            aside.append(dict(item))
            continue
        rows.append(
            {
                "identity": request.subject.identity, "session_date": published.astimezone(zone).date(),
                "headline_id": words(item.get("id")), "published_at": published,
                "title": words(item.get("title")),
                "publisher": words(told(item.get("publisher") or {}, "publisher").get("name")),
                "url": words(item.get("article_url")), "summary": words(item.get("description")),
                "language": "en", "known_at": published, "known_basis": EXACT,
            }
        )  # fmt: skip
    gathered.add_rows("headlines", rows)
    gathered.set_aside("headlines", "no name, or no time of publication", aside)
    return gathered.answer()


def fetch_sentiment(request: Request, access: Access) -> Answer:
    """Of each day the mean of what Massive makes of the headlines about a ticker (1, 0 or -1 each)."""
    gathered = Gathered.by_ticker(request, access, RULES)
    ticker = ticker_of(request.subject)
    opinions = [
        Opinion(published, _SCORES[str(insight["sentiment"])])
        for item in _items(gathered)
        if (published := instant_of(item.get("published_utc"))) is not None
        for insight in listed(item.get("insights"), "insights")
        if told(insight, "an insight").get("ticker") == ticker and insight.get("sentiment") in _SCORES
    ]
    gathered.add_rows("sentiment", sentiment_rows(opinions, request, CHANNEL))
    return gathered.answer()


def _items(gathered: Gathered) -> list[Mapping[str, Any]]:
    request = gathered.request
    ticker = ticker_of(request.subject)
    params: dict[str, str | int | float] = {
        "ticker": ticker, "limit": 1000, "order": "asc", "sort": "published_utc",
    }  # fmt: skip
    if request.start is not None:
        params["published_utc.gte"] = f"{request.start}T00:00:00Z"
    if request.end is not None:  # the day ends later in New York
        params["published_utc.lte"] = f"{request.end}T23:59:59-05:00"
    found = pages(gathered, "/v2/reference/news", params, f"{ticker} news")
    return [told(each, "a headline") for each in found]
