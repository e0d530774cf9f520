"""CoinGecko: closes and bars of coins over all exchanges, sessions that are UTC days.

A symbol names many coins (there are dozens of BTC): of those of one symbol the largest by market value today
is taken, and the answer says which it was. CoinGecko's ids are today's, so that its history has no coin that
it has since taken off its list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from providers.base import answer_hash
from providers.coingecko_web import INFO, Coin, Web, coin_of
from providers.errors import Kind, SourceError, malformed
from providers.parsing import frame_of, from_millis, midnight, number, set_aside
from providers.source import Answer, SourceInfo

if TYPE_CHECKING:
    from providers.source import Access, Request

RULES = "coingecko 1"
DAY = timedelta(days=1)
FIRST_DAY = date(2013, 4, 28)  # before CoinGecko's first price
DEMO_DAYS = 365  # how far back a demo key, or none, is answered
FINER = 91  # of a shorter range CoinGecko gives hours instead of days
SNAPSHOT = timedelta(minutes=10)  # the price at midnight is stamped within
FOUR_HOURS = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class CoinGecko:
    """The source."""

    info: SourceInfo = INFO

    def fetch(self, request: Request, access: Access) -> Answer:
        if request.dataset == "lookup":
            return _lookup(request, access)
        if request.dataset == "closes":
            return _closes(request, access)
        if request.dataset == "bars":
            return _bars(request, access)
        raise SourceError(Kind.NOT_SERVED, f"CoinGecko does not serve {request.dataset}")


SOURCE = CoinGecko()


def _closes(request: Request, access: Access) -> Answer:
    """The price stamped at midnight UTC closes the day before it. The last point, of now, closes nothing."""
    import polars as pl

    web = Web(access)
    coin = coin_of(request, web)
    end = access.now if request.end is None else min(access.now, midnight(request.end) + 2 * DAY)
    wanted = midnight(request.start or FIRST_DAY)
    start = min(wanted, end - FINER * DAY)
    reach = access.now - (DEMO_DAYS - 1) * DAY
    short = not web.pro and wanted < reach
    if not web.pro:
        start = max(start, reach)
    body, points = b"", list[Any]()
    if start < end:
        reply = web.get(
            f"/coins/{coin.id}/market_chart/range",
            {"vs_currency": coin.quote.lower(), "from": int(start.timestamp()), "to": int(end.timestamp())},
        )
        body, found = reply.content, reply.json()
        if not isinstance(found, dict) or not isinstance(found.get("prices"), list):
            raise malformed(f"{reply.url} answered no list of prices")
        points = found["prices"]
    rows: list[dict[str, Any]] = []
    odd: list[Any] = []
    for point in points:
        stamp = from_millis(point[0]) if isinstance(point, list) and len(point) == 2 else None
        if stamp is None:
            odd.append(point)
        elif stamp <= access.now and stamp - midnight(stamp.date()) <= SNAPSHOT:
            rows.append({"session_date": stamp.date() - DAY, "close": number(point[1]), "known_at": stamp})
    schema = {"session_date": pl.Date(), "close": pl.Float64(), "known_at": pl.Datetime("us", "UTC")}
    first, last = request.start or date.min, request.end or date.max
    frame = (
        frame_of(rows, schema)
        .sort("known_at", maintain_order=True)
        .filter(pl.col("session_date").is_between(first, last))
        # hours are stamped some seconds late: of several near midnight the first is the day's close
        .filter(pl.col("known_at") == pl.col("known_at").min().over("session_date"))
        .select(
            pl.lit(request.subject.identity).alias("identity"),
            "session_date",
            pl.lit("close").alias("basis"),
            "close",
            "known_at",
            pl.lit("exact").alias("known_basis"),
        )
    )
    note = coin.note
    if short:
        note = f"{note} A demo key reaches back {DEMO_DAYS} days; earlier ones need a pro key.".strip()
    return Answer(
        {"closes": frame},
        answer_hash(RULES, coin.body, body),
        start=(reach.date() + DAY) if short else None,
        note=note,
        quarantined=set_aside("closes", "a point that is no pair of time and price", odd),
    )


def _bars(request: Request, access: Access) -> Answer:
    """Days put together from candles of four hours, which CoinGecko has for thirty days back.

    A candle is stamped at its end. A day is whole with six of them, ended by midnight; others are left out.
    """
    import polars as pl

    web = Web(access)
    coin = coin_of(request, web)
    reply = web.get(f"/coins/{coin.id}/ohlc", {"vs_currency": coin.quote.lower(), "days": 30})
    found = reply.json()
    if not isinstance(found, list):
        raise malformed(f"{reply.url} answered no list of candles")
    rows: list[dict[str, Any]] = []
    odd: list[Any] = []
    for candle in found:
        end = from_millis(candle[0]) if isinstance(candle, list) and len(candle) == 5 else None
        if end is None or (end - midnight(end.date())) % FOUR_HOURS:
            odd.append(candle)
        elif end <= access.now:
            names = ("open", "high", "low", "close")
            prices = {name: number(candle[at]) for at, name in enumerate(names, start=1)}
            rows.append({"end_at": end, **prices})
    schema = {
        "end_at": pl.Datetime("us", "UTC"), **dict.fromkeys(("open", "high", "low", "close"), pl.Float64())
    }  # fmt: skip
    start, last = request.start or date.min, request.end or date.max
    frame = (
        frame_of(rows, schema)
        .sort("end_at", maintain_order=True)
        .with_columns(session_date=(pl.col("end_at") - FOUR_HOURS).dt.date())
        .group_by("session_date", maintain_order=True)
        .agg(
            pl.col("open").first(),
            # an odd number in one candle must show in the day, for the checks to find
            pl.when(pl.col("high").is_null().any()).then(None).otherwise(pl.col("high").max()).alias("high"),
            pl.when(pl.col("low").is_null().any()).then(None).otherwise(pl.col("low").min()).alias("low"),
            pl.col("close").last(),
            pl.col("end_at").n_unique().alias("candles"),
            pl.len().alias("told"),
            pl.col("end_at").max().alias("known_at"),
        )
    )
    doubtful = frame.filter(pl.col("told") != pl.col("candles"))
    whole_days = frame.filter(
        (pl.col("candles") == 6) & (pl.col("told") == 6) & pl.col("session_date").is_between(start, last)
    )
    bars = whole_days.select(
        pl.lit(request.subject.identity).alias("identity"),
        "session_date",
        "open",
        "high",
        "low",
        "close",
        pl.lit(None, pl.Int64).alias("volume"),
        "known_at",
        pl.lit("exact").alias("known_basis"),
    )
    aside = set_aside("bars", "a candle that is no four hours of UTC", odd) + set_aside(
        "bars", "a day whose candles contradict one another", doubtful.to_dicts()
    )
    return Answer(
        {"bars": bars},
        answer_hash(RULES, coin.body, reply.content),
        start=access.now.date() - 30 * DAY,
        note=coin.note,
        quarantined=aside,
    )


def _lookup(request: Request, access: Access) -> Answer:
    import polars as pl

    coin: Coin = coin_of(request, Web(access))
    row = {
        "identity": f"crypto:{coin.symbol}{coin.quote}",
        "valid_from": FIRST_DAY,
        "ticker": f"{coin.symbol}{coin.quote}",
        "name": f"{coin.name} / {coin.quote}",
        "market": "CRYPTO",
        "asset_class": "crypto",
        "exchange": "",
        "currency": coin.quote,
        "calendar": "24/7",
        "unit": f"{coin.quote} per {coin.symbol}",
        "note": f"Mean price over exchanges, sessions are UTC days. CoinGecko's {coin.id}.",
        "known_at": access.now,
        "known_basis": "estimated: the time of the lookup; CoinGecko does not say since when a coin is so called",
    }
    return Answer({"securities": pl.DataFrame([row])}, answer_hash(RULES, coin.body), note=coin.note)
