"""Alpha Vantage's series: daily and intraday bars, splits and dividends.

Times are the market's own (US/Eastern for stocks, UTC for crypto and currencies), figures come as text,
newest first. Prices are as traded.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from providers.alpha_vantage_query import RULES, query, series_of
from providers.errors import Kind, SourceError
from providers.source import Access, Answer, Request, Subject
from providers.vendor_bars import interval_of, known_actions, known_daily, known_intraday, one_dividend_a_day
from providers.vendor_values import Gathered, Row, day_of, frame_of, listed, number, told, whole

_INTERVALS = {"1m": "1min", "5m": "5min", "15m": "15min", "30m": "30min", "1h": "60min"}
_COMPACT = timedelta(days=135)  # 100 sessions back, holidays counted in: what the free plan answers
_MONTHS_BACK = date(2000, 1, 1)


def symbol_of(subject: Subject) -> str:
    """Alpha Vantage's symbol of a US stock or fund: classes of shares with a hyphen."""
    if subject.asset_class in ("equity", "fund") and subject.market == "US EQUITY":
        return subject.ticker.replace("/", "-").replace(".", "-")
    raise SourceError(
        Kind.NOT_SERVED, f"Alpha Vantage does not carry {subject.ticker} {subject.market}: ask another source"
    )


def pair_of(subject: Subject) -> tuple[str, str]:
    """EUR and USD of fx:EURUSD, BTC and USD of crypto:BTCUSD."""
    name = subject.identity.partition(":")[2]
    if len(name) < 6:
        raise SourceError(Kind.NOT_SERVED, f"{subject.ticker} is no pair that Alpha Vantage carries")
    return name[:-3], name[-3:]


def fetch_bars(request: Request, access: Access) -> Answer:
    """Daily bars: of stocks as traded, of currencies and crypto by days in UTC."""
    gathered, subject = Gathered(request, access, RULES), request.subject
    if subject.asset_class == "currency":
        base, quote = pair_of(subject)
        body = query(
            gathered, "FX_DAILY", from_symbol=base, to_symbol=quote, outputsize=_size(request, access)
        )
    elif subject.asset_class == "crypto":
        base, quote = pair_of(subject)
        body = query(gathered, "DIGITAL_CURRENCY_DAILY", symbol=base, market=quote)
    else:
        body = query(
            gathered, "TIME_SERIES_DAILY", symbol=symbol_of(subject), outputsize=_size(request, access)
        )
    series, zone = series_of(body, gathered)
    rows: list[Row] = []
    astray: list[Row] = []
    for text, figures in series.items():
        day = day_of(text)
        if day is None or len(text) > 10:
            astray.append({"time": text, **told(figures, "a bar")})
            continue
        rows.append({"identity": subject.identity, "session_date": day, **_figures(told(figures, "a bar"))})
    stock = subject.asset_class not in ("currency", "crypto")
    bars = known_daily(
        frame_of("bars", rows), access.calendars, asset_class=subject.asset_class,
        calendar=(subject.calendar or "XNYS") if stock else "", zone=str(zone),
    )  # fmt: skip
    days = [row["session_date"] for row in rows]
    if days and (subject.asset_class == "crypto" or _is_cut(body)):
        gathered.reaches(min(days))
    gathered.add("bars", bars)
    gathered.set_aside("bars", "a day's bar whose time is no day", astray)
    return gathered.answer()


def fetch_intraday(request: Request, access: Access) -> Answer:
    """Bars of minutes as traded, a month an answer."""
    interval = interval_of(request)
    gathered, subject = Gathered(request, access, RULES), request.subject
    today = access.now.date()
    months = _months(request.start or today.replace(day=1), min(request.end or today, today))
    for done, month in enumerate(months):
        access.progress(done, len(months), f"{subject.ticker} {interval} {month}")
        body = query(
            gathered, "TIME_SERIES_INTRADAY", symbol=symbol_of(subject), interval=_INTERVALS[interval],
            adjusted="false", extended_hours="false", outputsize="full", month=month,
        )  # fmt: skip
        series, zone = series_of(body, gathered)
        rows: list[Row] = []
        astray: list[Row] = []
        for text, figures in series.items():
            local = _local(text, zone)
            if local is None:
                astray.append({"time": text, **told(figures, "a bar")})
                continue
            rows.append(
                {
                    "identity": subject.identity, "session_date": local.date(), "start_at": local.astimezone(UTC),
                    **_figures(told(figures, "a bar")),
                }
            )  # fmt: skip
        gathered.add_rows("bars_intraday", known_intraday(rows, interval))
        gathered.set_aside("bars_intraday", "a bar whose time is no minute", astray)
    return gathered.answer()


def fetch_actions(request: Request, access: Access) -> Answer:
    """Dividends with their dates, and splits."""
    gathered, subject = Gathered(request, access, RULES), request.subject
    symbol, identity = symbol_of(subject), subject.identity
    dividends = [
        {
            "identity": identity, "kind": "dividend", "ex_date": day_of(each.get("ex_dividend_date")),
            "amount": number(each.get("amount")), "currency": subject.currency or "USD",
            "announced_date": day_of(each.get("declaration_date")),
            "record_date": day_of(each.get("record_date")), "pay_date": day_of(each.get("payment_date")),
            "note": None,
        }
        for each in map(_told, listed(query(gathered, "DIVIDENDS", symbol=symbol).get("data"), "data"))
    ]  # fmt: skip
    splits = [
        {
            "identity": identity, "kind": "split", "ex_date": day_of(each.get("effective_date")),
            "ratio": number(each.get("split_factor")),
        }
        for each in map(_told, listed(query(gathered, "SPLITS", symbol=symbol).get("data"), "data"))
    ]  # fmt: skip
    rows = [*one_dividend_a_day(dividends), *splits]
    gathered.set_aside("actions", "no ex-date", [row for row in rows if row["ex_date"] is None])
    frame = frame_of("actions", [row for row in rows if row["ex_date"] is not None])
    gathered.add("actions", known_actions(frame, access.calendars, subject.calendar or "XNYS"))
    return gathered.answer()


def _size(request: Request, access: Access) -> str:
    """Whether the last hundred bars are enough: the rest is for paying users."""
    near = access.now.date() - _COMPACT
    return "compact" if request.start is not None and request.start >= near else "full"


def _is_cut(body: Mapping[str, Any]) -> bool:
    """Whether the answer holds the last hundred bars only, by its own word (of currencies it has others)."""
    meta = told(body.get("Meta Data"), "Meta Data")
    return any("Output Size" in name and "Compact" in str(value) for name, value in meta.items())


def _told(each: Any) -> Mapping[str, Any]:
    return told(each, "an entry of data")


def _figures(figures: Mapping[str, Any]) -> Row:
    """Open to volume, by the last word of their names: "1. open", "1a. open (USD)"."""
    found: Row = {"volume": None}
    for name, value in figures.items():
        word = name.partition(" ")[2].partition(" (")[0]
        if word == "volume":
            found["volume"] = whole(value)
        elif word in ("open", "high", "low", "close"):
            found.setdefault(word, number(value))  # the first: older answers tell the price in USD once more
    return found


def _local(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        told_time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if told_time.tzinfo is not None or len(text) <= 10 else told_time.replace(tzinfo=zone)


def _months(start: date, end: date) -> list[str]:
    months, day = [], max(start, _MONTHS_BACK).replace(day=1)
    while day <= end:
        months.append(f"{day:%Y-%m}")
        day = (day + timedelta(days=32)).replace(day=1)
    return months
