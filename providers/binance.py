"""Binance spot: candles of crypto pairs, a session a UTC day, and intraday.

A pair is what the exchange trades: BTCUSDT is against the Tether token, which is not the dollar, and stays a
security of its own beside BTCUSD. ``volume`` is the turnover in whole units of the quote currency (USDT of
BTCUSDT): amounts of the base come in fractions, which a volume in whole numbers cannot hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from providers.base import answer_hash
from providers.errors import Kind, SourceError, malformed, not_found
from providers.parsing import INTERVALS, frame_of, from_millis, midnight, number, set_aside, to_millis, whole
from providers.source import Answer, Limit, Reply, Request, Service, SourceInfo, Subject

if TYPE_CHECKING:
    import polars as pl

    from providers.source import Access

PER_PAGE = 1_000
OPENED = date(2017, 7, 14)  # the exchange's first day
DAY = timedelta(days=1)
RULES = "binance 1"
TURNOVER = "Volume is turnover in whole units of {}; sessions are UTC days."

INFO = SourceInfo(
    name="binance",
    title="Binance",
    base_urls={"": "https://api.binance.com"},
    services=(
        Service("bars", ("crypto",), "from the pair's listing", note="UTC days; volume is quote turnover"),
        Service("intraday", ("crypto",), "from the pair's listing", note="volume is quote turnover"),
        Service("lookup", ("crypto",)),
    ),
    limits=(
        Limit(1_200, 60.0),
    ),  # a call weighs 2 of 6,000 a minute; half of what is allowed is left to others
    terms="Public market data for personal use under Binance's terms; not served in the United States.",
    terms_url="https://www.binance.com/en/terms",
)

TEST = Request("lookup", Subject("crypto:BTCUSDT", "BTCUSDT", "CRYPTO", "crypto", calendar="24/7"))


@dataclass(frozen=True, slots=True)
class Binance:
    """The source."""

    info: SourceInfo = INFO
    test_request: Request = TEST

    def fetch(self, request: Request, access: Access) -> Answer:
        if request.dataset == "lookup":
            return _lookup(request, access)
        if request.dataset == "bars":
            return _bars(request, access)
        if request.dataset == "intraday":
            return _intraday(request, access)
        raise SourceError(Kind.NOT_SERVED, f"Binance does not serve {request.dataset}")


SOURCE = Binance()


def symbol_of(request: Request) -> str:
    """``BTCUSDT`` of crypto:BTCUSDT."""
    told = request.subject.identity.removeprefix("crypto:") or request.subject.ticker
    return told.replace("-", "").replace("/", "").upper()


def _bars(request: Request, access: Access) -> Answer:
    """A day's candle is known when the UTC day is over: the instant at which the next one begins."""
    import polars as pl

    candles, bodies, aside = _klines(request, access, "1d", DAY)
    frame = candles.select(
        pl.lit(request.subject.identity).alias("identity"),
        pl.col("start_at").dt.date().alias("session_date"),
        "open",
        "high",
        "low",
        "close",
        "volume",
        (pl.col("start_at") + DAY).alias("known_at"),
        pl.lit("exact").alias("known_basis"),
    )
    return Answer({"bars": frame}, answer_hash(RULES, *bodies), quarantined=aside)


def _intraday(request: Request, access: Access) -> Answer:
    import polars as pl

    step = INTERVALS.get(request.detail)
    if step is None:
        raise SourceError(
            Kind.NOT_SERVED, f"Binance has intraday bars of {', '.join(INTERVALS)}, not of {request.detail!r}"
        )
    candles, bodies, aside = _klines(request, access, request.detail, step)
    frame = candles.select(
        pl.lit(request.subject.identity).alias("identity"),
        pl.col("start_at").dt.date().alias("session_date"),
        pl.lit(request.detail).alias("interval"),
        "start_at",
        "open",
        "high",
        "low",
        "close",
        "volume",
        (pl.col("start_at") + step).alias("known_at"),
        pl.lit("exact").alias("known_basis"),
    )
    return Answer({"bars_intraday": frame}, answer_hash(RULES, *bodies), quarantined=aside)


def _klines(
    request: Request, access: Access, interval: str, step: timedelta
) -> tuple[pl.DataFrame, list[bytes], tuple[Any, ...]]:
    """Candles that are over: columns start_at, open, high, low, close, volume."""
    import polars as pl

    symbol = symbol_of(request)
    rows: list[dict[str, Any]] = []
    odd: list[Any] = []
    bodies: list[bytes] = []
    for reply, page in _pages(request, access, symbol, interval, step):
        bodies.append(reply.content)
        for kline in page:
            row = _row(kline, step)
            if row is None:
                odd.append(kline)
            elif row["start_at"] + step <= access.now:
                rows.append(row)
    prices = dict.fromkeys(("open", "high", "low", "close"), pl.Float64())
    schema = {"start_at": pl.Datetime("us", "UTC"), **prices, "volume": pl.Int64()}
    frame = frame_of(rows, schema).sort("start_at", maintain_order=True)
    table = "bars" if interval == "1d" else "bars_intraday"
    return frame, bodies, set_aside(table, f"a candle that is no {interval} of UTC", odd)


def _pages(
    request: Request, access: Access, symbol: str, interval: str, step: timedelta
) -> Iterator[tuple[Reply, list[Any]]]:
    """Answers of up to a thousand candles, each from where the one before ended."""
    first = midnight(request.start or OPENED)
    end = access.now if request.end is None else min(access.now, midnight(request.end) + DAY)
    begun, total = first, max(1, int((end - first) / step))
    while first < end:
        access.check_cancelled()
        access.progress(int((first - begun) / step), total, f"{symbol} {interval}")
        reply = _get(
            access,
            "/api/v3/klines",
            {
                "symbol": symbol,
                "interval": interval,
                "startTime": to_millis(first),
                "endTime": to_millis(end) - 1,
                "limit": PER_PAGE,
            },
        )
        page = reply.json()
        if not isinstance(page, list):
            raise malformed(f"{reply.url} answered no list of candles")
        starts = [row["start_at"] for row in (_row(kline, step) for kline in page) if row is not None]
        if page and not starts:
            raise malformed(f"{reply.url} answered a list in which nothing is a candle: {page[0]!r:.80}")
        yield reply, page
        if len(page) < PER_PAGE or not starts or max(starts) < first:
            return
        first = max(starts) + step


def _row(kline: Any, step: timedelta) -> dict[str, Any] | None:
    """One candle; None where it has not the documented parts or does not start on its UTC interval."""
    if not isinstance(kline, list) or len(kline) < 8:
        return None
    start = from_millis(kline[0])
    if start is None or (start - midnight(start.date())) % step:
        return None
    names = ("open", "high", "low", "close")
    prices = {name: number(kline[at]) for at, name in enumerate(names, start=1)}
    return {"start_at": start, **prices, "volume": whole(kline[7])}


def _get(access: Access, path: str, params: dict[str, str | int | float]) -> Reply:
    reply = access.get(path, params, accept=(200, 400, 418, 451))
    if reply.status == 200:
        return reply
    if reply.status == 418:
        wait = number(reply.headers.get("retry-after"))
        raise SourceError(
            Kind.RATE_LIMIT,
            "Binance has banned this address for a while after too many calls; nothing is asked until it is over",
            retry_after=wait,
        )
    if reply.status == 451:
        raise SourceError(
            Kind.FORBIDDEN,
            "Binance does not serve this country (451); another source of crypto prices is CoinGecko",
        )
    told = reply.json()
    code, said = (told.get("code"), told.get("msg", "")) if isinstance(told, dict) else (None, "")
    if code == -1121:
        symbol = str(params.get("symbol", ""))
        hint = f". It trades {symbol}T, against the Tether token" if symbol.endswith("USD") else ""
        raise not_found(f"Binance does not trade {symbol}{hint}")
    if code == -1003:
        raise SourceError(Kind.RATE_LIMIT, f"Binance: {said}")
    raise SourceError(Kind.REFUSED, f"Binance refused {reply.url}: {said} ({code})")


def _lookup(request: Request, access: Access) -> Answer:
    """The pair, and the day of its first candle."""
    import polars as pl

    symbol = symbol_of(request)
    reply = _get(access, "/api/v3/exchangeInfo", {"symbol": symbol})
    found = reply.json()
    if not isinstance(found, dict) or not isinstance(found.get("symbols"), list):
        raise malformed(f"{reply.url} answered no list of symbols")
    pairs = [each for each in found["symbols"] if isinstance(each, dict) and each.get("symbol") == symbol]
    if not pairs:
        raise not_found(f"Binance does not trade {symbol}")
    base, quote = str(pairs[0].get("baseAsset", "")), str(pairs[0].get("quoteAsset", ""))
    if not base or not quote:
        raise malformed(f"{reply.url} does not say what {symbol} is made of")
    opened = _get(access, "/api/v3/klines", {"symbol": symbol, "interval": "1d", "startTime": 0, "limit": 1})
    first = _first_start(opened)
    if first is None or first > access.now:
        raise not_found(f"Binance lists {symbol}, but it has not traded yet")
    row = {
        "identity": f"crypto:{symbol}",
        "valid_from": first.date(),
        "ticker": symbol,
        "name": f"{base} / {quote}, Binance spot",
        "market": "CRYPTO",
        "asset_class": "crypto",
        "exchange": "",
        "currency": quote,
        "calendar": "24/7",
        "unit": f"{quote} per {base}",
        "listing_date": first.date(),
        "note": TURNOVER.format(quote),
        "known_at": first,
        "known_basis": "estimated: the start of the pair's first day of trading on Binance",
    }
    return Answer({"securities": pl.DataFrame([row])}, answer_hash(RULES, reply.content, opened.content))


def _first_start(reply: Reply) -> datetime | None:
    page = reply.json()
    if not isinstance(page, list):
        raise malformed(f"{reply.url} answered no list of candles")
    row = _row(page[0], DAY) if page else None
    return None if row is None else row["start_at"]
