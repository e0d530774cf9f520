"""Alpha Vantage's other answers: option chains of the past, company overviews, news, listings."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from providers.alpha_vantage_query import RULES, ask, query, spoken
from providers.alpha_vantage_series import symbol_of
from providers.clocks import EXACT, NEW_YORK
from providers.errors import malformed, not_found
from providers.source import Access, Answer, Request, Subject
from providers.vendor_securities import ANOTHERS, Listing, Since, of_one_company, since_rows, ticker_on
from providers.vendor_sentiment import Opinion, sentiment_rows
from providers.vendor_values import Gathered, Row, day_of, listed, number, told, whole, words

CHANNEL = "news:alpha_vantage"
_PAGE = 1000  # headlines an answer holds at most
AT_CLOSE = "estimated: the session's close; the source tells the day of a quote, not its time"
NEXT_OPEN = "estimated: the next session's open; open interest is counted overnight"
LISTED_FROM = "estimated: 09:30 New York of the first day of listing; the exchange is the one told today"
DELISTED_AT = "estimated: end of the day in New York on which the source says that it was delisted"
_EXCHANGES = {
    "NYSE": "XNYS", "NASDAQ": "XNAS", "NYSE ARCA": "ARCX", "NYSE MKT": "XASE", "AMEX": "XASE", "BATS": "BATS",
}  # fmt: skip


def fetch_options(request: Request, access: Access) -> Answer:
    """The chain at the close of each session asked for; of the last one where no day is named. Open interest is
    told the morning after: a second version of each row has it."""
    gathered, subject = Gathered(request, access, RULES), request.subject
    symbol, calendar = symbol_of(subject), subject.calendar or "XNYS"
    today = access.now.astimezone(ZoneInfo(NEW_YORK)).date()
    end = min(request.end or today, today)
    first = request.start or end - timedelta(days=7)
    sessions = list(access.calendars.sessions(calendar, first, end + timedelta(days=10)).iter_rows())
    follows = pairwise(sessions)
    closes = [(day, at, then) for (day, _, at), (_, then, _) in follows if day <= end and at <= access.now]
    if request.start is None:
        closes = closes[-1:]
    for done, (day, close, opening) in enumerate(closes):
        access.progress(done, len(closes), f"{subject.ticker} options of {day}")
        body = query(gathered, "HISTORICAL_OPTIONS", symbol=symbol, date=str(day))
        rows = [_quote(told(each, "a contract"), request, close) for each in listed(body.get("data"), "data")]
        if request.detail:
            rows = [row for row in rows if str(row["expiry"]) == request.detail]
        other = [row for row in rows if row["session_date"] not in (None, day)]
        gathered.set_aside("option_quotes", f"of another day than was asked for, {day}", other)
        own = [row for row in rows if row["session_date"] == day]
        gathered.add_rows("option_quotes", [{**row, "open_interest": None} for row in own], clip=False)
        counted = [row for row in own if row["open_interest"] is not None]
        later = {"known_at": opening, "known_basis": NEXT_OPEN}
        gathered.add_rows("option_quotes", [{**row, **later} for row in counted], clip=False)
    return gathered.answer()


def _quote(each: Mapping[str, Any], request: Request, close: datetime) -> Row:
    empty = not number(each.get("bid")) and not number(each.get("ask"))
    return {
        "identity": request.subject.identity, "session_date": day_of(each.get("date")), "quoted_at": close,
        "contract": words(each.get("contractID")), "expiry": day_of(each.get("expiration")),
        "strike": number(each.get("strike")), "right": words(each.get("type")),
        "bid": None if empty else number(each.get("bid")), "ask": None if empty else number(each.get("ask")),
        "last": number(each.get("last")) or None,
        **{name: whole(each.get(name)) for name in ("bid_size", "ask_size", "volume", "open_interest")},
        **{
            name: number(each.get(name))
            for name in ("implied_volatility", "delta", "gamma", "vega", "theta", "rho")
        },
        "multiplier": 100.0, "currency": "USD", "known_at": close, "known_basis": AT_CLOSE,
    }  # fmt: skip


def fetch_profile(request: Request, access: Access) -> Answer:
    """What the company is, as told today."""
    gathered = Gathered(request, access, RULES)
    found = query(gathered, "OVERVIEW", symbol=symbol_of(request.subject))
    if not found:
        raise not_found(f"Alpha Vantage does not know {request.subject.ticker}")
    row: Row = {
        "identity": request.subject.identity, "valid_from": access.now.astimezone(ZoneInfo(NEW_YORK)).date(),
        "sector": words(found.get("Sector")), "industry": words(found.get("Industry")),
        "country": words(found.get("Country")), "website": words(found.get("OfficialSite")),
        "summary": words(found.get("Description")), "cik": words(found.get("CIK")),
        "fiscal_year_end": words(found.get("FiscalYearEnd")),
        "employees": whole(found.get("FullTimeEmployees")),
        "shares_outstanding": number(found.get("SharesOutstanding")),
        "known_at": access.now, "known_basis": EXACT,
    }  # fmt: skip
    gathered.add_rows("profiles", [row], clip=False)
    return gathered.answer()


def fetch_lookup(request: Request, access: Access) -> Answer:
    """Today's name, exchange and first day of listing, from the list of what is listed."""
    gathered = Gathered(request, access, RULES)
    symbol = symbol_of(request.subject)
    found = [each for each in _status(gathered, "active") if each.get("symbol") == symbol]
    if not found:
        raise not_found(f"Alpha Vantage lists no {request.subject.ticker} that trades today")
    each = found[0]
    said = Since(
        ticker=request.subject.ticker, name=words(each.get("name")) or symbol,
        exchange=_EXCHANGES.get(str(each.get("exchange")), ""), calendar="XNYS",
        first=day_of(each.get("ipoDate")), listed=day_of(each.get("ipoDate")),
    )  # fmt: skip
    kind = "fund" if each.get("assetType") == "ETF" else None
    gathered.add_rows("securities", since_rows(said, request, access, kind), clip=False)
    return gathered.answer()


def fetch_listings(request: Request, access: Access) -> Answer:
    """The listings of a ticker, ended ones too: each known from its first day, its end from the day that it ended."""
    gathered = Gathered(request, access, RULES)
    symbol, first = symbol_of(request.subject), request.subject.first_day
    found: list[Listing] = []
    unknown: list[Row] = []
    for state in ("active", "delisted"):
        for each in _status(gathered, state):
            if each.get("symbol") != symbol:
                continue
            versions = _listing(each, request)
            if not versions:
                unknown.append(dict(each))
                continue
            gone = versions[-1]["delisting_date"]
            if first is None or gone is None or gone >= first:
                found.append(Listing(str(each.get("name")), state == "active", versions))
    rows, others = of_one_company(found)
    gathered.add_rows("listings", rows, clip=False)
    gathered.set_aside("listings", ANOTHERS, others)
    gathered.set_aside("listings", "no day of listing, or an unknown exchange", unknown)
    return gathered.answer()


def _listing(each: Mapping[str, Any], request: Request) -> tuple[Row, ...]:
    """A listing as it was known from its first day on, and from its last; none where a part is missing."""
    begun, gone = day_of(each.get("ipoDate")), day_of(each.get("delistingDate"))
    exchange = _EXCHANGES.get(str(each.get("exchange")))
    if begun is None or exchange is None:
        return ()
    zone = ZoneInfo(NEW_YORK)
    listed: Row = {
        "identity": request.subject.identity, "listing_date": begun, "exchange": exchange,
        "ticker": ticker_on(request.subject, begun), "delisting_date": None,
        "known_at": datetime.combine(begun, time(9, 30), zone), "known_basis": LISTED_FROM,
    }  # fmt: skip
    if gone is None:
        return (listed,)
    end = datetime.combine(gone, time(23, 59, 59, 999999), zone)
    ended = {
        "ticker": each.get("symbol"),
        "delisting_date": gone,
        "known_at": end,
        "known_basis": DELISTED_AT,
    }
    return listed, {**listed, **ended}


def _status(gathered: Gathered, state: str) -> list[dict[str, Any]]:
    """The list of listings: CSV, but JSON or HTML where it is refused."""
    reply = ask(gathered, "LISTING_STATUS", state=state)
    text = reply.text()
    if not text.startswith("symbol,"):
        body = told(reply.json(), reply.url)
        name, said = next(iter(body.items()), ("", "nothing"))
        raise spoken(name, str(said).replace(gathered.access.secret(), "(your key)"), gathered)
    found = list(csv.DictReader(io.StringIO(text)))
    if any(None in each or None in each.values() for each in found):
        raise malformed(f"{reply.url} answers with rows that are longer or shorter than its header")
    return found


def fetch_news(request: Request, access: Access) -> Answer:
    """Headlines about a security."""
    gathered = Gathered.by_ticker(request, access, RULES)
    zone = ZoneInfo(NEW_YORK)
    rows: list[Row] = []
    aside: list[Row] = []
    for item in _feed(gathered):
        published, url = _published(item), words(item.get("url"))
        if published is None or url is None:
            aside.append(dict(item))
            continue
        rows.append(
            {
                "identity": request.subject.identity, "session_date": published.astimezone(zone).date(),
                # items have no name of their own: the address stands for one
                "headline_id": hashlib.sha256(url.encode()).hexdigest()[:24], "published_at": published,
                "title": words(item.get("title")), "publisher": words(item.get("source")), "url": url,
                "summary": words(item.get("summary")), "language": "en", "known_at": published,
                "known_basis": EXACT,
            }
        )  # fmt: skip
    gathered.add_rows("headlines", rows)
    gathered.set_aside("headlines", "no address, or no time of publication", aside)
    return gathered.answer()


def fetch_sentiment(request: Request, access: Access) -> Answer:
    """Of each day the mean of what Alpha Vantage makes of the headlines about a security."""
    gathered = Gathered.by_ticker(request, access, RULES)
    ticker = _news_ticker(request.subject)
    opinions: list[Opinion] = []
    aside: list[Any] = []
    for item in _feed(gathered):
        published = _published(item)
        for each in listed(item.get("ticker_sentiment"), "ticker_sentiment"):
            if told(each, "a sentiment").get("ticker") != ticker:
                continue
            score = number(each.get("ticker_sentiment_score"))
            if published is not None and score is not None and abs(score) <= 1:
                opinions.append(Opinion(published, score))
            else:
                aside.append({**each, "time_published": item.get("time_published")})
    gathered.set_aside("sentiment", "no score from -1 to 1, or no time of publication", aside)
    gathered.add_rows("sentiment", sentiment_rows(opinions, request, CHANNEL))
    return gathered.answer()


def _news_ticker(subject: Subject) -> str:
    name = subject.identity.partition(":")[2]
    return f"CRYPTO:{name[:-3]}" if subject.asset_class == "crypto" else symbol_of(subject)


def _feed(gathered: Gathered) -> list[Mapping[str, Any]]:
    request = gathered.request
    start: date | None = request.start
    params = {"tickers": _news_ticker(request.subject), "limit": str(_PAGE), "sort": "LATEST"}
    if start is not None:
        params["time_from"] = f"{start:%Y%m%d}T0000"
    if request.end is not None:  # the day ends later in New York
        params["time_to"] = f"{request.end + timedelta(days=1):%Y%m%d}T0500"
    found: list[Mapping[str, Any]] = []
    while True:  # newest first, a thousand an answer: older ones are asked for by time
        body = query(gathered, "NEWS_SENTIMENT", **params)
        page = [told(each, "a headline") for each in listed(body.get("feed"), "feed")]
        found += [item for item in page if item not in found[-_PAGE:]]
        gathered.access.progress(len(found), 0, f"{params['tickers']}: {len(found):,} headlines")
        oldest = min((at for item in page if (at := _published(item)) is not None), default=None)
        until = params.get("time_to", "9")
        if (
            len(page) < _PAGE or oldest is None or f"{oldest:%Y%m%dT%H%M}" >= until
        ):  # or time_to is not heeded
            return found
        params["time_to"] = f"{oldest:%Y%m%dT%H%M}"


def _published(item: Mapping[str, Any]) -> datetime | None:
    """20231010T133000, which is UTC."""
    try:
        told_time = datetime.strptime(str(item.get("time_published")), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except ValueError:
        return None
    return told_time.replace(tzinfo=UTC)
