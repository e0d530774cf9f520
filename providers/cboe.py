"""Cboe's delayed option chains: every listed contract of a US equity or index, without a key.

Greeks stand as Cboe gives them: vega for one point of volatility, theta for one day, rho for one point of
rate. Where Cboe worked out no volatility it writes zero; that is no value here, and neither are the greeks
beside it.

Cboe's daily history is split-adjusted, rounded to cents after the adjustment and comes without the splits:
what was traded cannot be recovered from it, so that it is not served.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from providers.base import answer_hash
from providers.clocks import NEW_YORK
from providers.errors import Kind, SourceError, malformed, not_found
from providers.parsing import frame_of, number, set_aside, whole
from providers.source import Answer, Limit, Reply, Service, SourceInfo

if TYPE_CHECKING:
    import polars as pl

    from providers.source import Access, Request

DELAY = timedelta(minutes=15)
SKEW = timedelta(minutes=10)  # by how much Cboe's clock may be ahead of ours
OCC = re.compile(r"^([A-Z][A-Z0-9]*?)(\d?)(\d{6})([CP])(\d{8})$")
AMERICAN_INDICES = frozenset({"OEX"})
BASIS = "estimated: the time of Cboe's delayed file; the quotes stood in the market 15 minutes before"
NOTE = "Delayed by 15 minutes. Vega is for a point of volatility, theta for a day, rho for a point of rate."
RULES = "cboe 1"

INFO = SourceInfo(
    name="cboe",
    title="Cboe delayed quotes",
    base_urls={"": "https://cdn.cboe.com/api/global/delayed_quotes"},
    services=(Service("options", ("equity", "index", "fund"), "now only", 0, NOTE),),
    limits=(Limit(2, 1.0),),
    terms="Delayed quotes for personal use on Cboe's terms; not to be passed on. The address is not documented.",
    terms_url="https://www.cboe.com/us_disclaimers/",
    consent=True,
)


@dataclass(frozen=True, slots=True)
class Cboe:
    """The source."""

    info: SourceInfo = INFO

    def fetch(self, request: Request, access: Access) -> Answer:
        if request.dataset != "options":
            raise SourceError(Kind.NOT_SERVED, f"Cboe's delayed quotes have no {request.dataset}")
        return _chain(request, access)


SOURCE = Cboe()


def _chain(request: Request, access: Access) -> Answer:
    symbol = re.sub(r"[^A-Z0-9]", "", request.subject.ticker.upper())
    index = request.subject.asset_class == "index"
    reply = access.get(f"/options/{'_' if index else ''}{symbol}.json", accept=(200, 403, 404))
    if reply.status == 404 or (reply.status == 403 and b"AccessDenied" in reply.content):
        raise not_found(f"Cboe has no options of {request.subject.ticker}")
    if reply.status == 403:
        raise SourceError(Kind.FORBIDDEN, f"Cboe refuses this address: 403 to {reply.url}")
    found = reply.json()
    data = found.get("data") if isinstance(found, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("options"), list):
        raise malformed(f"{reply.url} answered no list of options")
    stamp = _stamp(reply, found.get("timestamp"), access.now)
    session, quoted = _quoted(stamp, access)
    style = "european" if index and symbol not in AMERICAN_INDICES else "american"
    told = {
        "identity": request.subject.identity,
        "session_date": session,
        "quoted_at": quoted,
        "underlying_price": number(data.get("current_price")),
        "exercise": style,
        "currency": "USD",
        "known_at": stamp,
        "known_basis": BASIS,
    }
    rows: list[dict[str, Any]] = []
    odd: list[Any] = []
    for option in data["options"]:
        row = _row(option, symbol)
        if row is None:
            odd.append(option)
        else:
            rows.append({**told, **row})
    aside = set_aside("option_quotes", "a contract without a readable OCC symbol", odd)
    frame = frame_of(rows, _schema()).sort("expiry", "strike", "right", "contract", maintain_order=True)
    return Answer(
        {"option_quotes": frame},
        answer_hash(RULES, reply.content),
        start=session,
        end=session,
        note=NOTE,
        quarantined=aside,
    )


def _stamp(reply: Reply, told: Any, now: datetime) -> datetime:
    """When the file was made; Cboe writes UTC without saying so."""
    try:
        stamp = datetime.strptime(str(told), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise malformed(f"{reply.url} does not say when it was made: {told!r}") from error
    if stamp > now + SKEW:
        raise malformed(f"{reply.url} says that it was made at {told} UTC, which is yet to come")
    return min(stamp, now)


def _quoted(stamp: datetime, access: Access) -> tuple[date, datetime]:
    """The session that the quotes are of, and when they stood in the market: at its close at the latest.

    After hours the file keeps the closing quotes and is stamped anew; so asked twice, it is one quote.
    """
    at = stamp - DELAY
    sessions = access.calendars.sessions("XNYS", at.date() - timedelta(days=10), at.date())
    begun = [row for row in sessions.iter_rows() if row[1] <= at]
    if not begun:
        raise malformed(
            f"no session of the New York Stock Exchange was open in the ten days before {at:%Y-%m-%d}"
        )
    day, _, close = begun[-1]
    return day, min(at, close)


def _row(option: Any, symbol: str) -> dict[str, Any] | None:
    """One contract. A digit after the root marks a contract adjusted for a corporate action: what it delivers
    is not in the file, so that its multiplier is not known."""
    name = str(option.get("option", "")) if isinstance(option, dict) else ""
    parts = OCC.match(name)
    if parts is None:
        return None
    root, digit, day, right, strike = parts.groups()
    try:
        expiry = datetime.strptime(day, "%y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    volatility = number(option.get("iv"))
    valued = volatility is not None and volatility > 0
    last_at = _traded(option.get("last_trade_time"))
    greeks = ("delta", "gamma", "vega", "theta", "rho")
    return {
        "contract": name,
        "expiry": expiry,
        "strike": int(strike) / 1000,
        "right": "call" if right == "C" else "put",
        "bid": number(option.get("bid")),
        "ask": number(option.get("ask")),
        "bid_size": whole(option.get("bid_size")),
        "ask_size": whole(option.get("ask_size")),
        "last": number(option.get("last_trade_price")) if last_at is not None else None,
        "volume": whole(option.get("volume")),
        "open_interest": whole(option.get("open_interest")),
        "implied_volatility": volatility if valued else None,
        **{greek: number(option.get(greek)) if valued else None for greek in greeks},
        "multiplier": None if digit and root + digit != symbol else 100.0,
        "last_traded_at": last_at,
    }


def _traded(told: Any) -> datetime | None:
    """The last trade, which Cboe tells in New York's time without saying so."""
    try:
        local = datetime.strptime(str(told), "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007  given its zone below
    except ValueError:
        return None
    return local.replace(tzinfo=ZoneInfo(NEW_YORK)).astimezone(UTC)


def _schema() -> dict[str, pl.DataType]:
    import polars as pl

    from store.schema import polars_schema

    schema = {n: t for n, t in polars_schema("option_quotes").items() if n not in ("security_id", "deleted")}
    return {"identity": pl.String(), **schema}
