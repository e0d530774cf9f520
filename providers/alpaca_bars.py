"""Alpaca's bars and corporate actions: the IEX feed's present home.

Bars are asked for as traded (``adjustment=raw``) of ``feed=iex``: trades on one exchange, two to three in a
hundred of all shares. Its open, high, low and close are that exchange's and can differ from the tape's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from providers.alpaca_mergers import KINDS, fetched_mergers, until
from providers.clocks import NEW_YORK
from providers.errors import Kind, SourceError, malformed, refused
from providers.source import Access, Answer, Reply, Request, Subject
from providers.vendor_bars import interval_of, known_actions, known_daily, known_intraday, one_dividend_a_day
from providers.vendor_values import Gathered, Row, day_of, frame_of, instant_of, listed, number, told, whole

RULES = "alpaca 2"
MOST_PAGES = 2_000
_FIRST = date(2016, 1, 1)  # the first day of the vendor's history
_FIRST_COINS = date(2021, 1, 1)
_FRAMES = {"1m": "1Min", "5m": "5Min", "15m": "15Min", "30m": "30Min", "1h": "1Hour"}


def keys(access: Access) -> dict[str, str]:
    """Both parts of the key, as headers."""
    return {"apca-api-key-id": access.secret("id"), "apca-api-secret-key": access.secret("secret")}


def ask(access: Access, path: str, params: Mapping[str, str | int | float], role: str = "") -> Reply:
    """GET with the key. 422 is Alpaca's word for a symbol or parameter that it does not take."""
    reply = access.get(path, params, role=role, secret_headers=keys(access), accept=(200, 403, 404, 422))
    if reply.status == 200:
        return reply
    try:
        why = str(told(reply.json(), reply.url).get("message") or "no reason given")
    except SourceError:
        why = "no reason given"
    text = f"Alpaca answers {reply.status} to {reply.url}: {why}"
    if "invalid symbol" in why.lower():
        raise SourceError(Kind.NOT_FOUND, text)
    kinds = {403: Kind.FORBIDDEN, 404: Kind.NOT_FOUND}
    raise SourceError(kinds.get(reply.status, Kind.REFUSED), text)


def pages(
    gathered: Gathered, path: str, params: Mapping[str, str | int | float], label: str, key: str
) -> Iterator[Mapping[str, Any]]:
    """The objects of every page; each has ``key``, though it may be null where there is nothing."""
    token, seen = "", set()
    for page in range(MOST_PAGES):
        gathered.access.check_cancelled()
        reply = ask(gathered.access, path, {**params, "page_token": token} if token else params)
        body = told(gathered.read(reply), reply.url)
        if key not in body:
            why = body.get("message") or body.get("error") or f"an answer without {key!r}"
            raise refused(f"Alpaca, asked for {label}, answers: {why}")
        gathered.access.progress(page + 1, 0, f"{label}: page {page + 1}")
        yield body
        token = str(body.get("next_page_token") or "")
        if not token:
            return
        if token in seen:
            raise malformed(f"{reply.url} names a page that was read already as the next one")
        seen.add(token)
    raise malformed(f"Alpaca names more than {MOST_PAGES:,} pages for {label}: not followed any further")


def symbol_of(subject: Subject) -> str:
    """Alpaca's symbol: classes of shares with a point, crypto as BTC/USD."""
    kind, _, name = subject.identity.partition(":")
    if kind == "crypto" and len(name) > 3:
        return f"{name[:-3]}/{name[-3:]}"
    if subject.asset_class in ("equity", "fund") and subject.market == "US EQUITY":
        return subject.ticker.replace("/", ".")
    raise SourceError(
        Kind.NOT_SERVED, f"Alpaca does not carry {subject.ticker} {subject.market}: ask another source"
    )


def fetch_bars(request: Request, access: Access) -> Answer:
    """Daily bars. Crypto days are put together from hours: where Alpaca's own day of crypto begins has changed,
    ours begins at midnight UTC."""
    gathered, subject = Gathered(request, access, RULES), request.subject
    crypto = subject.asset_class == "crypto"
    zone = ZoneInfo("UTC" if crypto else NEW_YORK)
    rows: list[Row] = []
    astray: list[Row] = []
    for each in _bars(gathered, "1Hour" if crypto else "1Day"):
        start = instant_of(each.get("t"))
        local = None if start is None else start.astimezone(zone)
        if local is None or (not crypto and (local.hour, local.minute) != (0, 0)):
            astray.append(dict(each))
            continue
        row: Row = {"identity": subject.identity, "session_date": local.date(), **_prices(each)}
        rows.append({**row, "at": local, "shares": number(each.get("v"))} if crypto else row)
    gathered.set_aside(
        "bars", f"a bar without its time, or a day's that does not begin at midnight, {zone}", astray
    )
    frame = frame_of("bars", _days(rows) if crypto else rows)
    gathered.add(
        "bars",
        known_daily(
            frame, access.calendars, asset_class=subject.asset_class,
            calendar="" if crypto else subject.calendar or "XNYS", zone=str(zone),
        ),
    )  # fmt: skip
    return gathered.answer(
        note="" if crypto else "trades on IEX only: two to three in a hundred of all shares"
    )


def fetch_intraday(request: Request, access: Access) -> Answer:
    """Bars of minutes."""
    interval = interval_of(request)
    gathered, subject = Gathered(request, access, RULES), request.subject
    zone = ZoneInfo("UTC" if subject.asset_class == "crypto" else NEW_YORK)
    rows: list[Row] = []
    astray: list[Row] = []
    for each in _bars(gathered, _FRAMES[interval]):
        start = instant_of(each.get("t"))
        if start is None:
            astray.append(dict(each))
            continue
        day = start.astimezone(zone).date()
        rows.append({"identity": subject.identity, "session_date": day, "start_at": start, **_prices(each)})
    gathered.add_rows("bars_intraday", known_intraday(rows, interval))
    gathered.set_aside("bars_intraday", "a bar without its time, or of no time zone", astray)
    return gathered.answer()


def fetch_actions(request: Request, access: Access) -> Answer:
    """Splits, cash dividends, and mergers whose shares the symbol's became. Days of announcement are not told."""
    gathered, subject = Gathered.by_ticker(request, access, RULES), request.subject
    symbol = symbol_of(subject)
    params: dict[str, str | int | float] = {
        "symbols": symbol, "types": f"forward_split,reverse_split,cash_dividend,{','.join(KINDS.values())}",
        "limit": 1000, "sort": "asc",
        "start": str(gathered.request.start or _FIRST),
        "end": str(until(request.end) or access.now.date() + timedelta(days=90)),
    }  # fmt: skip
    rows: list[Row] = []
    dividends: list[Row] = []
    merged: list[tuple[str, Mapping[str, Any]]] = []
    for body in pages(gathered, "/v1/corporate-actions", params, f"{symbol} actions", "corporate_actions"):
        kinds = told(body.get("corporate_actions") or {}, "corporate_actions")
        for kind in ("forward_splits", "reverse_splits", "cash_dividends"):
            for each in map(_told, listed(kinds.get(kind), kind)):
                if each.get("symbol") != symbol:
                    continue
                (dividends if kind == "cash_dividends" else rows).append(_action(each, kind, subject))
        merged += [(kind, _told(each)) for kind in KINDS for each in listed(kinds.get(kind), kind)]
    fetched_mergers(gathered, symbol, merged)
    rows += one_dividend_a_day(dividends)
    gathered.set_aside("actions", "no ex-date", [row for row in rows if row["ex_date"] is None])
    frame = frame_of("actions", [row for row in rows if row["ex_date"] is not None])
    gathered.add("actions", known_actions(frame, access.calendars, subject.calendar or "XNYS"))
    return gathered.answer()


def _told(each: Any) -> Mapping[str, Any]:
    return told(each, "an action")


def _action(each: Mapping[str, Any], kind: str, subject: Subject) -> Row:
    row: Row = {
        "identity": subject.identity, "kind": "split", "ex_date": day_of(each.get("ex_date")), "ratio": None,
        "amount": None, "currency": None, "announced_date": None,
        "record_date": day_of(each.get("record_date")), "pay_date": day_of(each.get("payable_date")), "note": None,
    }  # fmt: skip
    if kind == "cash_dividends":
        note = "special" if each.get("special") else None
        return {
            **row, "kind": "dividend", "amount": number(each.get("rate")), "currency": subject.currency or "USD",
            "note": note,
        }  # fmt: skip
    new, old = number(each.get("new_rate")), number(each.get("old_rate"))
    return {**row, "ratio": new / old if new and old else None}


def _bars(gathered: Gathered, timeframe: str) -> Iterator[Mapping[str, Any]]:
    request, access = gathered.request, gathered.access
    symbol = symbol_of(request.subject)
    crypto = request.subject.asset_class == "crypto"
    first = _FIRST_COINS if crypto else _FIRST
    gathered.reaches(first)
    # Days in UTC: one more at the end, since a session's evening is the next day there.
    end = min(request.end or access.now.date(), access.now.date()) + timedelta(days=1)
    params: dict[str, str | int | float] = {
        "symbols": symbol, "timeframe": timeframe, "start": f"{max(request.start or first, first)}T00:00:00Z",
        "end": f"{end}T12:00:00Z", "limit": 10_000, "sort": "asc",
    }  # fmt: skip
    if not crypto:
        params |= {"adjustment": "raw", "feed": "iex"}
    path = "/v1beta3/crypto/us/bars" if crypto else "/v2/stocks/bars"
    for body in pages(gathered, path, params, f"{symbol} {timeframe}", "bars"):
        series = told(body.get("bars") or {}, "bars")
        yield from (told(each, "a bar") for each in listed(series.get(symbol), f"bars of {symbol}"))


def _days(hours: list[Row]) -> list[Row]:
    """Days out of hours. A day's open and close are its first and last hour's; what an hour lacks, its day lacks
    and is found by the checks."""
    days: dict[date, dict[Any, Row]] = {}
    for row in hours:
        days.setdefault(row["session_date"], {})[row["at"]] = row
    made: list[Row] = []
    for day, by_hour in sorted(days.items()):
        rows = [by_hour[at] for at in sorted(by_hour)]
        whole_row: Row = {"identity": rows[0]["identity"], "session_date": day}
        whole_row |= {"open": rows[0]["open"], "close": rows[-1]["close"]}
        for name, choose in (("high", max), ("low", min)):
            values = [row[name] for row in rows]
            whole_row[name] = None if None in values else choose(values)
        shares = [row["shares"] for row in rows]
        whole_row["volume"] = None if None in shares else whole(sum(shares))
        made.append(whole_row)
    return made


def _prices(each: Mapping[str, Any]) -> Row:
    return {
        "open": number(each.get("o")), "high": number(each.get("h")), "low": number(each.get("l")),
        "close": number(each.get("c")), "volume": whole(each.get("v")),
    }  # fmt: skip
