"""Alpaca: where the IEX feed is had now that IEX Cloud is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from providers.alpaca_bars import fetch_actions, fetch_bars, fetch_intraday
from providers.alpaca_pages import fetch_lookup, fetch_news, fetch_options
from providers.errors import Kind, SourceError
from providers.source import Access, Answer, KeyNeed, Limit, Request, Service, SourceInfo

_STOCKS = ("equity", "fund")
_IEX = "the IEX feed: trades on one exchange, whose volume is 2 to 3% of the tape's"
_FETCH: Mapping[str, Callable[[Request, Access], Answer]] = {
    "bars": fetch_bars,
    "intraday": fetch_intraday,
    "actions": fetch_actions,
    "options": fetch_options,
    "news": fetch_news,
    "lookup": fetch_lookup,
}


class Alpaca:
    """Bars of the IEX feed, option chains, corporate actions, news, crypto."""

    info = SourceInfo(
        name="alpaca",
        title="Alpaca (IEX feed)",
        base_urls={
            "": "https://data.alpaca.markets",
            "paper": "https://paper-api.alpaca.markets",
            "live": "https://api.alpaca.markets",
        },
        services=(
            Service("bars", _STOCKS, history="from 2016 where IEX had the symbol", note=f"{_IEX}; as traded"),
            Service("bars", ("crypto",), history="from 2021", note="days put together from hours"),
            Service("intraday", (*_STOCKS, "crypto"), history="from 2016", note=_IEX),
            Service(
                "actions", _STOCKS, history="from 2016", note="mergers too; without the day of announcement"
            ),
            Service("options", _STOCKS, history="now only", history_days=0, note="indicative quotes"),
            Service("news", (*_STOCKS, "crypto"), history="from 2015"),
            Service("lookup", (*_STOCKS, "crypto"), note="name and exchange of today"),
        ),
        limits=(Limit(200, 60.0),),
        terms="For the account's own use; what it answers may not be passed on.",
        terms_url="https://alpaca.markets/disclosures",
        key=KeyNeed(
            fields=("id", "secret"),
            variables=(
                ("APCA_API_KEY_ID", "ALPACA_API_KEY_ID", "ALPACA_API_KEY"),
                ("APCA_API_SECRET_KEY", "ALPACA_API_SECRET_KEY", "ALPACA_SECRET_KEY"),
            ),
            where="https://app.alpaca.markets (API keys, also of a paper account)",
        ),
    )

    def fetch(self, request: Request, access: Access) -> Answer:
        fetch = _FETCH.get(request.dataset)
        if fetch is None:
            raise SourceError(Kind.NOT_SERVED, f"Alpaca does not serve {request.dataset}")
        return fetch(request, access)


SOURCE = Alpaca()
