"""OANDA v20: FX and metals, mid prices of candles, daily to the close in New York and intraday.

Metals are quoted and traded as pairs (XAU and XAG are ISO 4217 currency codes), so that they stand in the
market CURNCY beside the others; their asset class is commodity, since that is what moves them.

An OANDA candle counts price updates, not trades: there is no volume to store.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from providers.base import answer_hash
from providers.errors import Kind, SourceError, malformed, not_found
from providers.parsing import INTERVALS, frame_of, midnight, number, set_aside
from providers.source import Answer, KeyNeed, Limit, Reply, Service, SourceInfo

if TYPE_CHECKING:
    import polars as pl

    from providers.source import Access, Request

METALS = frozenset({"XAU", "XAG", "XPT", "XPD", "XCU"})
GRANULARITIES = {"1m": "M1", "5m": "M5", "15m": "M15", "30m": "M30", "1h": "H1"}
HOSTS = ("practice", "live")
PER_PAGE = 5_000  # candles in one answer at most
FIRST_DAY = date(2002, 1, 1)  # before any OANDA history
RULES = "oanda 1"

INFO = SourceInfo(
    name="oanda",
    title="OANDA",
    base_urls={"": "https://api-fxpractice.oanda.com", "live": "https://api-fxtrade.oanda.com"},
    services=(
        Service(
            "bars", ("currency", "commodity"), "from about 2005", note="mid prices, 17:00 New York to 17:00"
        ),
        Service("intraday", ("currency", "commodity"), "from about 2005", note="mid prices"),
        Service("lookup", ("currency", "commodity")),
    ),
    limits=(Limit(50, 1.0),),
    terms="For holders of an OANDA account, practice accounts included, for their own use.",
    terms_url="https://developer.oanda.com/rest-live-v20/introduction/",
    key=KeyNeed(
        ("key", "environment"),
        (("OANDA_TOKEN", "OANDA_API_KEY", "OANDA_ACCESS_TOKEN"), ("OANDA_ENVIRONMENT",)),
        "https://www.oanda.com/account/tpa/personal_token",
    ),
)


@dataclass(frozen=True, slots=True)
class Oanda:
    """The source. The key's part ``environment`` says which host knows the token: practice or live."""

    info: SourceInfo = INFO

    def fetch(self, request: Request, access: Access) -> Answer:
        if request.dataset == "lookup":
            return _lookup(request, access)
        if request.dataset == "bars":
            return _bars(request, access)
        if request.dataset == "intraday":
            return _intraday(request, access)
        raise SourceError(Kind.NOT_SERVED, f"OANDA does not serve {request.dataset}")


SOURCE = Oanda()


def _bars(request: Request, access: Access) -> Answer:
    """A session runs from 17:00 New York to 17:00 of the day that names it, Sunday evening's is Monday's."""
    import polars as pl

    candles, hashes, aside = _candles(request, access, "D", timedelta(days=1))
    day = pl.col("start_at").dt.convert_time_zone("America/New_York").dt.date() + pl.duration(days=1)
    close = (day.dt.combine(pl.time(17))).dt.replace_time_zone("America/New_York")
    frame = (
        candles.with_columns(session_date=day, known_at=close.dt.convert_time_zone("UTC"))
        .filter(pl.col("known_at") <= access.now)
        .select(
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
        .filter(_asked(pl.col("session_date"), request))
        .sort("session_date", maintain_order=True)
    )
    return Answer({"bars": frame}, answer_hash(RULES, *hashes), quarantined=aside)


def _intraday(request: Request, access: Access) -> Answer:
    import polars as pl

    step = INTERVALS.get(request.detail)
    if step is None:
        raise SourceError(
            Kind.NOT_SERVED,
            f"OANDA has intraday bars of {', '.join(GRANULARITIES)}, not of {request.detail!r}",
        )
    candles, hashes, aside = _candles(request, access, GRANULARITIES[request.detail], step)
    local = pl.col("start_at").dt.convert_time_zone("America/New_York").dt.replace_time_zone(None)
    frame = (
        candles.with_columns(
            known_at=pl.col("start_at") + step, session_date=local.dt.offset_by("7h").dt.date()
        )
        .filter(pl.col("known_at") <= access.now)
        .select(
            pl.lit(request.subject.identity).alias("identity"),
            "session_date",
            pl.lit(request.detail).alias("interval"),
            "start_at",
            "open",
            "high",
            "low",
            "close",
            pl.lit(None, pl.Int64).alias("volume"),
            "known_at",
            pl.lit("exact").alias("known_basis"),
        )
        .filter(_asked(pl.col("session_date"), request))
        .sort("start_at", maintain_order=True)
    )
    return Answer({"bars_intraday": frame}, answer_hash(RULES, *hashes), quarantined=aside)


def _asked(day: pl.Expr, request: Request) -> pl.Expr:
    """Days within what was asked for."""
    import polars as pl

    inside = pl.lit(value=True)
    if request.start is not None:
        inside &= day >= request.start
    if request.end is not None:
        inside &= day <= request.end
    return inside


def _candles(
    request: Request, access: Access, granularity: str, step: timedelta
) -> tuple[pl.DataFrame, list[bytes], tuple[Any, ...]]:
    """Complete candles, page by page: columns start_at, open, high, low, close."""
    import polars as pl

    instrument = _instrument(request)
    rows: list[dict[str, Any]] = []
    bodies: list[bytes] = []
    odd: list[Any] = []
    pages = list(_pages(request, access.now, step))
    for done, (start, end) in enumerate(pages):
        access.check_cancelled()
        access.progress(done, len(pages), f"{instrument} {granularity}")
        reply = _get(
            access,
            f"/v3/instruments/{instrument}/candles",
            {
                "granularity": granularity,
                "price": "M",
                "from": f"{start:%Y-%m-%dT%H:%M:%S}Z",
                "to": f"{end:%Y-%m-%dT%H:%M:%S}Z",
                "dailyAlignment": 17,
                "alignmentTimezone": "America/New_York",
            },
        )
        bodies.append(reply.content)
        found = reply.json()
        if not isinstance(found, dict) or not isinstance(found.get("candles"), list):
            raise malformed(f"{reply.url} answered no list of candles")
        if found.get("granularity", granularity) != granularity:
            raise malformed(f"{reply.url} answered candles of {found['granularity']}, not of {granularity}")
        for candle in found["candles"]:
            row = _row(candle)
            if row is None:
                odd.append(candle)
            elif candle.get("complete") is not False:
                rows.append(row)
    prices = dict.fromkeys(("open", "high", "low", "close"), pl.Float64())
    frame = frame_of(rows, {"start_at": pl.Datetime("us", "UTC"), **prices})
    return frame, bodies, set_aside("bars", "a candle without a time in UTC or without mid prices", odd)


def _pages(request: Request, now: datetime, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """Stretches of time that hold no more candles than one answer may."""
    first = midnight(request.start or FIRST_DAY) - timedelta(days=3)
    last = now if request.end is None else min(now, midnight(request.end) + timedelta(days=1))
    while first < last:
        until = min(last, first + step * PER_PAGE)
        yield first, until
        first = until


def _row(candle: Any) -> dict[str, Any] | None:
    if not isinstance(candle, dict) or not isinstance(candle.get("mid"), dict):
        return None
    text = str(candle.get("time"))
    if not text.endswith("Z"):  # UTC is what was asked for; another zone is not guessed at
        return None
    try:
        start = datetime.fromisoformat(text.partition(".")[0].rstrip("Z") + "+00:00")
    except ValueError:
        return None
    mid = candle["mid"]
    return {
        "start_at": start,
        "open": number(mid.get("o")),
        "high": number(mid.get("h")),
        "low": number(mid.get("l")),
        "close": number(mid.get("c")),
    }


def _instrument(request: Request) -> str:
    """``EUR_USD`` of fx:EURUSD."""
    pair = (
        request.subject.identity.removeprefix("fx:") if request.subject.identity else request.subject.ticker
    )
    pair = pair.replace("/", "").replace("_", "").upper()
    if len(pair) != 6 or not pair.isalpha():
        raise not_found(f"OANDA has currency pairs of two ISO codes, such as EURUSD or XAUUSD, not {pair}")
    return f"{pair[:3]}_{pair[3:]}"


def _get(access: Access, path: str, params: dict[str, str | int | float]) -> Reply:
    """From the host that knows the token."""
    host = access.secret("environment").strip().lower()
    if host not in HOSTS:
        raise SourceError(Kind.NEEDS_KEY, f"OANDA_ENVIRONMENT is practice or live, not {host!r}")
    header = {"Authorization": f"Bearer {access.secret()}"}
    role = "live" if host == "live" else ""
    reply = access.get(path, params, role=role, secret_headers=header, accept=(200, 400, 401, 404))
    if reply.status != 200:
        raise _fault(reply, host)
    return reply


def _fault(reply: Reply, host: str) -> SourceError:
    try:
        told = reply.json()
        said = str(told.get("errorMessage", "")) if isinstance(told, dict) else ""
    except SourceError:
        said = ""
    if reply.status == 401:
        return SourceError(
            Kind.NEEDS_KEY,
            f"OANDA refused the token ({said or '401'}); asked was the {host} host. A token belongs to practice or "
            "live: set OANDA_ENVIRONMENT (or KEYS SET OANDA) to the one that it is of, or make a new token",
        )
    if reply.status == 404 or "instrument" in said.lower():
        return not_found(f"OANDA does not know the instrument: {said or reply.url}")
    return SourceError(Kind.REFUSED, f"OANDA refused {reply.url}: {said or reply.status}")


def _lookup(request: Request, access: Access) -> Answer:
    """Whether the account trades the pair, and what it is called."""
    import polars as pl

    instrument = _instrument(request)
    listed = _get(access, "/v3/accounts", {})
    accounts = listed.json()
    if not isinstance(accounts, dict) or not isinstance(accounts.get("accounts"), list):
        raise malformed(f"{listed.url} answered no list of accounts")
    names = [str(each.get("id")) for each in accounts["accounts"] if isinstance(each, dict)]
    if not names:
        raise SourceError(
            Kind.FORBIDDEN, "the OANDA token opens no account, and instruments are an account's"
        )
    reply = _get(access, f"/v3/accounts/{names[0]}/instruments", {"instruments": instrument})
    found = reply.json()
    if not isinstance(found, dict) or not isinstance(found.get("instruments"), list):
        raise malformed(f"{reply.url} answered no list of instruments")
    if not any(isinstance(each, dict) and each.get("name") == instrument for each in found["instruments"]):
        raise not_found(f"OANDA's account does not trade {instrument}")
    base, quote = instrument.split("_")
    metal = base in METALS
    row = {
        "identity": f"fx:{base}{quote}",
        "valid_from": FIRST_DAY,
        "ticker": f"{base}{quote}",
        "name": f"{base} / {quote}",
        "market": "CURNCY",
        "asset_class": "commodity" if metal else "currency",
        "exchange": "",
        "currency": quote,
        "calendar": "24/5",
        "unit": f"{quote} per {'ounce of ' if metal else ''}{base}",
        "note": "Over the counter: OANDA's mid prices, sessions from 17:00 to 17:00 New York, no volume.",
        "known_at": midnight(FIRST_DAY),
        "known_basis": "estimated: the pair was quoted before its first candle here",
    }
    frame = pl.DataFrame([row])
    return Answer({"securities": frame}, answer_hash(RULES, listed.content, reply.content))
