"""Yahoo's chart answers: bars, intraday bars, splits and dividends.

Prices, volumes and dividends come adjusted for every split up to the day of the fetch, but an answer tells
only the splits of its own range. So the range asked for always ends today: then the answer holds every split
that its figures are adjusted for, and they are undone. ``adjclose`` is not read: it folds dividends into the
price as of the day of the fetch, so that old rows change with each new dividend; adjustment is the reader's,
from the actions known at its clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import prod
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from providers.clocks import end_of_day
from providers.errors import Kind, SourceError, malformed, not_found
from providers.source import Access, Answer, Reply, Request
from providers.vendor_bars import (
    INTERVALS,
    PRICES,
    interval_of,
    known_actions,
    known_daily,
    known_intraday,
    later_ratio,
    one_dividend_a_day,
    undo_splits,
)
from providers.vendor_values import Gathered, Row, frame_of, from_epoch, listed, number, segment, told, whole
from providers.yahoo_symbols import VENUES, money, symbol_of

if TYPE_CHECKING:
    import polars as pl

RULES = "yahoo 1"
CHART = "/v8/finance/chart/"
ANSWERED = (200, 400, 404, 422)  # these say in their body what is wrong
AFTER_CLOSE = "estimated: end of the day at the exchange; a mutual fund's value is worked out in the evening"
SPLIT_NOTE = "as Yahoo tells it; a spin-off may stand as a split"
_FIRST = date(1900, 1, 1)
# How far back bars of an interval are asked for, and how many days an answer spans: less than Yahoo allows (30 and 8
# days, 60, 730), since a day more is asked for at either end.
_REACH = {"1m": (28, 6), "5m": (58, 58), "15m": (58, 58), "30m": (58, 58), "1h": (728, 728)}


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart answer, taken apart."""

    meta: Mapping[str, Any]
    zone: ZoneInfo
    stamps: Sequence[Any]
    quote: Mapping[str, Any]
    splits: tuple[tuple[date, float], ...]
    dividends: tuple[Mapping[str, Any], ...]

    def day(self, stamp: object) -> date | None:
        """The date at the exchange of a time stamp."""
        instant = from_epoch(stamp)
        return None if instant is None else instant.astimezone(self.zone).date()

    def calendar(self, request: Request) -> str:
        """The exchange's calendar of sessions; empty for what trades around the clock."""
        if request.subject.asset_class in ("crypto", "currency", "future", "commodity"):
            return ""
        venue = VENUES.get(str(self.meta.get("exchangeName")))
        return venue.calendar if venue else request.subject.calendar

    @property
    def scale(self) -> float:
        return money(str(self.meta.get("currency") or ""))[1]

    @property
    def currency(self) -> str:
        return money(str(self.meta.get("currency") or ""))[0]


def results(reply: Reply, root: str, what: str) -> list[Any]:
    """The ``result`` list under ``root``; SourceError where Yahoo says in words that it has none."""
    if reply.content.strip() == b"Too Many Requests":
        raise SourceError(Kind.RATE_LIMIT, "Yahoo Finance answers: Too Many Requests; wait some minutes")
    try:
        body = told(reply.json(), reply.url)
    except SourceError:
        if reply.status == 404:
            raise not_found(f"Yahoo Finance does not know {what}") from None
        raise
    part = told(body.get(root) or body.get("finance") or {}, f"{root} of {reply.url}")
    error = part.get("error")
    if error:
        said = told(error, f"the error of {reply.url}")
        text = f"Yahoo Finance, asked for {what}, answers: {said.get('description') or said.get('code')}"
        code = str(said.get("code"))
        if "Data doesn't exist" in text:  # no bar in that range: an answer without rows
            return []
        kinds = {"Not Found": Kind.NOT_FOUND, "Unauthorized": Kind.FORBIDDEN}
        raise SourceError(kinds.get(code, Kind.REFUSED), text)
    if reply.status != 200:
        raise SourceError(
            Kind.NOT_FOUND if reply.status == 404 else Kind.REFUSED,
            f"Yahoo Finance answers {reply.status} when asked for {what}",
        )
    if root not in body:
        raise malformed(f"{reply.url} answers without {root!r}")
    return listed(part.get("result"), f"{root}.result of {reply.url}")


def ask_chart(gathered: Gathered, start: date, end: date, interval: str) -> Chart | None:
    """The chart from ``start`` to ``end``; None where Yahoo has nothing of that range.

    Its range is in UTC, where a day of London's summer or of Sydney begins the evening before: a day more is asked
    for, and what was not wanted is left out again with the rows of other days.
    """
    symbol = symbol_of(gathered.request.subject)
    reply = gathered.access.get(
        CHART + segment(symbol),
        {
            "period1": _seconds(start - timedelta(days=1)), "period2": _seconds(end + timedelta(days=1)),
            "interval": interval, "events": "div,splits", "includePrePost": "false",
        },
        accept=ANSWERED,
    )  # fmt: skip
    gathered.contents.append(reply.content)
    found = results(reply, "chart", symbol)
    return take_apart(found[0], reply.url) if found else None


def take_apart(result: object, url: str) -> Chart:
    """A chart result; SourceError (malformed) where it is not built as documented."""
    body = told(result, f"the chart of {url}")
    meta = told(body.get("meta"), f"meta of {url}")
    try:
        zone = ZoneInfo(str(meta.get("exchangeTimezoneName")))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise malformed(f"{url} names an unknown time zone: {meta.get('exchangeTimezoneName')!r}") from error
    quotes = listed(told(body.get("indicators", {}), "indicators").get("quote"), "quote") or [{}]
    events = told(body.get("events") or {}, f"events of {url}")
    splits = [told(each, "a split") for each in told(events.get("splits") or {}, "splits").values()]
    chart = Chart(
        meta=meta,
        zone=zone,
        stamps=listed(body.get("timestamp"), "timestamp"),
        quote=told(quotes[0], "quote"),
        splits=(),
        dividends=tuple(
            told(each, "a dividend") for each in told(events.get("dividends") or {}, "dividends").values()
        ),
    )
    ratios = [(chart.day(split.get("date")), _ratio(split)) for split in splits]
    sound = tuple((day, ratio) for day, ratio in ratios if day is not None and ratio is not None)
    if len(sound) < len(ratios):  # prices adjusted for a split that is not known cannot be undone
        raise malformed(f"{url} tells a split without its day or ratio: prices as traded cannot be had")
    return Chart(chart.meta, zone, chart.stamps, chart.quote, _one_a_day(sound), chart.dividends)


def _one_a_day(splits: Sequence[tuple[date, float]]) -> tuple[tuple[date, float], ...]:
    """One split an ex-date: one told twice is one, two of different ratios (a split beside a spin-off) are their
    product."""
    days: dict[date, list[float]] = {}
    for day, ratio in splits:
        if ratio not in days.setdefault(day, []):
            days[day].append(ratio)
    return tuple((day, prod(ratios)) for day, ratios in sorted(days.items()))


def fetch_bars(request: Request, access: Access) -> Answer:
    """Daily bars as traded, with the splits and dividends of the same answer."""
    gathered = Gathered(request, access, RULES)
    chart = ask_chart(gathered, request.start or _FIRST, access.now.date(), "1d")
    if chart is None:
        return gathered.answer(note="Yahoo Finance has no bars of that range")
    rows = bar_rows(gathered, chart, "bars")
    bars = to_the_digits(undo_splits(frame_of("bars", rows), chart.splits))
    gathered.add("bars", known(bars, chart, request, access))
    gathered.add("actions", action_frame(chart, request, access), clip=False)
    return gathered.answer(positive=request.subject.asset_class not in ("index", "future"))


def fetch_actions(request: Request, access: Access) -> Answer:
    """Splits and dividends of the range."""
    gathered = Gathered(request, access, RULES)
    chart = ask_chart(gathered, request.start or _FIRST, access.now.date(), "1d")
    if chart is not None:
        gathered.add("actions", action_frame(chart, request, access))
    return gathered.answer()


def fetch_intraday(request: Request, access: Access) -> Answer:
    """Bars of minutes, in as many answers as Yahoo's bounds make them."""
    interval = interval_of(request)
    reach, span = _REACH[interval]
    today = access.now.date()
    first = max(request.start or _FIRST, today - timedelta(days=reach))
    last = min(request.end or today, today)
    gathered = Gathered(request, access, RULES)
    if first > last:
        return gathered.answer(note=f"Yahoo Finance has bars of {interval} for the last {reach} days only")
    gathered.reaches(today - timedelta(days=reach))
    # Splits up to today, which the ranges below do not reach, are in the daily chart.
    daily = ask_chart(gathered, first, today, "1d")
    splits = daily.splits if daily else ()
    days = (last - first).days + 1
    for done in range(0, days, span):
        access.check_cancelled()
        access.progress(done, days, f"{request.subject.ticker} {interval}")
        begin = first + timedelta(days=done)
        until = min(begin + timedelta(days=span - 1), last)
        chart = ask_chart(gathered, begin, until, "60m" if interval == "1h" else interval)
        if chart is not None:
            rows = bar_rows(gathered, chart, "bars_intraday", INTERVALS[interval])
            frame = frame_of("bars_intraday", known_intraday(rows, interval))
            gathered.add("bars_intraday", to_the_digits(undo_splits(frame, splits)))
    return gathered.answer()


def bar_rows(gathered: Gathered, chart: Chart, table: str, seconds: int = 0) -> list[Row]:
    """Rows of bars as Yahoo tells them (in the currency itself, not its hundredths). What has no price, no
    time, or is the running quote among the bars, is set aside."""
    subject = gathered.request.subject
    columns = [listed(chart.quote.get(name), name) for name in (*PRICES, "volume")]
    length = max((len(column) for column in columns), default=0)
    if length and not chart.stamps:
        gathered.set_aside(table, "a bar without its time", [dict(chart.quote)])
        return []
    if any(len(column) not in (0, len(chart.stamps)) for column in columns):
        raise malformed(
            f"Yahoo Finance tells {len(chart.stamps)} times for {length} prices of {subject.ticker}"
        )
    rows: list[Row] = []
    empty, running = [], []
    for place, stamp in enumerate(chart.stamps):
        told_row = [column[place] if column else None for column in columns]
        start, day = from_epoch(stamp), chart.day(stamp)
        prices = [None if (p := number(value)) is None else p * chart.scale for value in told_row[:4]]
        row = {
            "identity": subject.identity, "session_date": day, **dict(zip(PRICES, prices, strict=True)),
            "volume": whole(told_row[4]),
        }  # fmt: skip
        if seconds:
            row["start_at"] = start
        if start is None or any(price is None for price in prices):
            empty.append({"stamp": stamp, **row})
        elif int(stamp) % min(seconds, 900) if seconds else _is_running(chart, stamp, rows, day):
            running.append({"stamp": stamp, **row})
        else:
            rows.append(row)
    gathered.set_aside(table, "no price, or not all four, or no time", empty)
    gathered.set_aside(table, "the running quote, told as if it were a bar", running)
    return rows


def to_the_digits(frame: pl.DataFrame) -> pl.DataFrame:
    """Prices come as 32-bit floats (129.0399932861328 for 129.04), which hold seven digits, and those in the
    hundred thousands cents at least. Rounded once splits are undone, which would multiply what rounding does."""
    import polars as pl

    price = pl.col(*PRICES)
    return frame.with_columns(
        pl.when(price < 100_000).then(price.round_sig_figs(7)).otherwise(price.round(2))
    )


def known(bars: pl.DataFrame, chart: Chart, request: Request, access: Access) -> pl.DataFrame:
    """Known at the close; what a mutual fund is worth is worked out after it."""
    import polars as pl

    if chart.meta.get("instrumentType") == "MUTUALFUND":
        return bars.with_columns(
            known_at=end_of_day("session_date", str(chart.zone)), known_basis=pl.lit(AFTER_CLOSE)
        )
    return known_daily(
        bars, access.calendars, asset_class=request.subject.asset_class,
        calendar=chart.calendar(request), zone=str(chart.zone),
    )  # fmt: skip


def action_frame(chart: Chart, request: Request, access: Access) -> pl.DataFrame:
    """Splits as told, dividends with the splits after them undone (they come in today's shares)."""
    import polars as pl

    identity = request.subject.identity
    splits: list[Row] = [
        {"identity": identity, "kind": "split", "ex_date": day, "ratio": ratio, "note": SPLIT_NOTE}
        for day, ratio in chart.splits
    ]
    rows: list[Row] = []
    for dividend in chart.dividends:
        currency, scale = money(str(dividend.get("currency") or chart.meta.get("currency") or ""))
        amount = number(dividend.get("amount"))
        rows.append(
            {
                "identity": identity, "kind": "dividend", "ex_date": chart.day(dividend.get("date")),
                "amount": None if amount is None else amount * scale, "currency": currency, "note": None,
                "announced_date": None,
            }
        )  # fmt: skip
    frame = frame_of("actions", [*splits, *one_dividend_a_day(rows)])
    dated = frame.filter(pl.col("ex_date").is_not_null())
    # Told to a ten-thousandth of today's share: what is undone has no more digits than that.
    dated = dated.with_columns(
        amount=(pl.col("amount") * later_ratio(dated["ex_date"], chart.splits)).round_sig_figs(7)
    )
    return known_actions(dated, access.calendars, chart.calendar(request))


def _is_running(chart: Chart, stamp: object, rows: Sequence[Row], day: date | None) -> bool:
    """A last row at the time of the last trade, of a day that has its bar already."""
    last = stamp == chart.stamps[-1] and stamp == chart.meta.get("regularMarketTime")
    return last and bool(rows) and rows[-1]["session_date"] == day


def _ratio(split: Mapping[str, Any]) -> float | None:
    new, old = number(split.get("numerator")), number(split.get("denominator"))
    return new / old if new and old and new > 0 and old > 0 else None


def _seconds(day: date) -> int:
    return int((datetime(day.year, day.month, day.day) - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001
