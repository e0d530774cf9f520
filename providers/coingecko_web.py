"""CoinGecko's declaration, hosts, keys and errors, and which coin a symbol names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from providers.errors import Kind, SourceError, malformed, not_found
from providers.source import KeyNeed, Limit, Reply, Service, SourceInfo

if TYPE_CHECKING:
    from providers.source import Access, Request

QUOTES = ("USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "BTC", "ETH")
PRO_KEY = 10010
ASKED_AT_ONCE = 100  # ids in one question for market values

INFO = SourceInfo(
    name="coingecko",
    title="CoinGecko",
    base_urls={
        "": "https://api.coingecko.com/api/v3",
        "pro": "https://pro-api.coingecko.com/api/v3",
    },
    services=(
        Service("closes", ("crypto",), "365 days, with a pro key from 2013", note="price at midnight UTC"),
        Service("bars", ("crypto",), "30 days", history_days=30, note="UTC days, without volume"),
        Service("lookup", ("crypto",)),
    ),
    limits=(Limit(30, 60.0),),
    terms="Free for personal use with a demo key, 30 calls a minute and 10,000 a month; CoinGecko is to be named.",
    terms_url="https://www.coingecko.com/en/api_terms",
    key=KeyNeed(
        ("key",),
        (("COINGECKO_API_KEY", "COINGECKO_DEMO_API_KEY", "COINGECKO_PRO_API_KEY"),),
        "https://www.coingecko.com/en/developers/dashboard",
        optional=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Coin:
    """The coin that a request is about. ``note`` says so where the symbol alone did not."""

    id: str
    symbol: str
    name: str
    quote: str
    note: str
    body: bytes  # what it was found in


@dataclass(slots=True)
class Web:
    """One request's way to CoinGecko. Demo and pro keys look alike and have hosts of their own: the first answer
    tells which kind it is (10010: a pro key at the host of demo keys)."""

    access: Access
    pro: bool = False

    def get(self, path: str, params: dict[str, str | int | float]) -> Reply:
        reply = self._asked(path, params)
        if not self.pro and self.access.has_secret() and _told(reply)[0] == PRO_KEY:
            self.pro = True
            reply = self._asked(path, params)
        return _checked(reply, path)

    def _asked(self, path: str, params: dict[str, str | int | float]) -> Reply:
        role, header = ("pro", "x-cg-pro-api-key") if self.pro else ("", "x-cg-demo-api-key")
        secret = {header: self.access.secret()} if self.access.has_secret() else {}
        accept = (200, 400, 401, 403, 404)
        return self.access.get(path, params, role=role, secret_headers=secret, accept=accept)


def _checked(reply: Reply, path: str) -> Reply:
    """The reply where it is no error; errors are told by their code, which also stands inside a 200."""
    code, said = _told(reply)
    if reply.status == 200 and not code:
        return reply
    if code == 429:
        raise SourceError(Kind.RATE_LIMIT, f"CoinGecko: {said}")
    if code in (PRO_KEY, 10011):
        raise SourceError(
            Kind.NEEDS_KEY, f"CoinGecko has demo and pro keys, and this one is of the other kind: {said}"
        )
    if code == 10012:
        raise SourceError(Kind.REFUSED, f"CoinGecko gives a key of this kind 365 days of history: {said}")
    if code in (10002, 10003) or reply.status == 401:
        raise SourceError(Kind.NEEDS_KEY, f"CoinGecko refused the key: {said or reply.status}")
    if reply.status == 404:
        raise not_found(f"CoinGecko does not know {path}: {said or 'not found'}")
    if reply.status == 403 or code in (403, 1020):
        raise SourceError(Kind.FORBIDDEN, f"CoinGecko refused {reply.url}: {said or reply.status}")
    raise SourceError(Kind.REFUSED, f"CoinGecko refused {reply.url}: {said or code or reply.status}")


def _told(reply: Reply) -> tuple[int, str]:
    """The error code and message of a body that is an error; 0 where it is none."""
    try:
        found = reply.json()
    except SourceError:
        if reply.status == 200:
            raise
        return reply.status, ""
    if not isinstance(found, dict):
        return 0, ""
    status = found.get("status")
    if isinstance(found.get("error"), dict):
        status = found["error"].get("status", found["error"])
    if isinstance(status, dict) and status.get("error_code"):
        code = status["error_code"]
        return code if isinstance(code, int) else reply.status, str(status.get("error_message", ""))
    if isinstance(found.get("error"), str):
        return reply.status, found["error"]
    return 0, ""


def coin_of(request: Request, web: Web) -> Coin:
    """The coin of the request's pair: the largest by market value where several share the symbol."""
    symbol, quote = _pair(request)
    listed = web.get("/coins/list", {})
    coins = listed.json()
    if not isinstance(coins, list):
        raise malformed(f"{listed.url} answered no list of coins")
    found = [c for c in coins if isinstance(c, dict) and str(c.get("symbol", "")).upper() == symbol]
    if not found:
        raise not_found(f"CoinGecko has no coin of the symbol {symbol}")
    if len(found) == 1:
        return _coin(found[0], symbol, quote, "", listed.content)
    ranked = _largest(web, [str(c.get("id")) for c in found])
    if ranked is None:
        raise not_found(
            f"CoinGecko has {len(found)} coins of the symbol {symbol}, and a market value of none"
        )
    note = (
        f"Of CoinGecko's {len(found)} coins of the symbol {symbol} the largest by market value is taken: "
        f"{ranked.get('name')} ({ranked.get('id')})."
    )
    return _coin(ranked, symbol, quote, note, listed.content)


def _largest(web: Web, ids: list[str]) -> dict[str, Any] | None:
    """Of some coins the one of the best market rank; None where none is ranked."""
    ranked: list[dict[str, Any]] = []
    for at in range(0, len(ids), ASKED_AT_ONCE):
        web.access.check_cancelled()
        some = ",".join(ids[at : at + ASKED_AT_ONCE])
        reply = web.get("/coins/markets", {"vs_currency": "usd", "ids": some, "per_page": 250})
        found = reply.json()
        if not isinstance(found, list):
            raise malformed(f"{reply.url} answered no list of coins")
        ranked += [c for c in found if isinstance(c, dict) and isinstance(c.get("market_cap_rank"), int)]
    return min(ranked, key=lambda coin: int(coin["market_cap_rank"]), default=None)


def _coin(told: dict[str, Any], symbol: str, quote: str, note: str, body: bytes) -> Coin:
    id_ = str(told.get("id", ""))
    if not id_ or "/" in id_:
        raise malformed(f"CoinGecko gives the coin {symbol} no usable id: {id_!r}")
    return Coin(id_, symbol, str(told.get("name", id_)), quote, note, body)


def _pair(request: Request) -> tuple[str, str]:
    """``("BTC", "USD")`` of crypto:BTCUSD."""
    told = request.subject.identity.removeprefix("crypto:") or request.subject.ticker
    text = told.replace("-", "").replace("/", "").upper()
    for quote in QUOTES:
        if text.endswith(quote) and len(text) > len(quote):
            return text.removesuffix(quote), quote
    raise not_found(f"CoinGecko prices coins in {', '.join(QUOTES)}; {text} is no such pair")
