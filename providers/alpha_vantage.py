"""Alpha Vantage: stocks, currencies and crypto, option chains of the past, news with its sentiment."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from providers.alpha_vantage_pages import (
    fetch_listings,
    fetch_lookup,
    fetch_news,
    fetch_options,
    fetch_profile,
    fetch_sentiment,
)
from providers.alpha_vantage_series import fetch_actions, fetch_bars, fetch_intraday
from providers.errors import Kind, SourceError
from providers.source import Access, Answer, KeyNeed, Limit, Request, Service, SourceInfo

_STOCKS = ("equity", "fund")
_PREMIUM = "premium plans only"
_FETCH: Mapping[str, Callable[[Request, Access], Answer]] = {
    "bars": fetch_bars,
    "intraday": fetch_intraday,
    "actions": fetch_actions,
    "options": fetch_options,
    "profile": fetch_profile,
    "lookup": fetch_lookup,
    "listings": fetch_listings,
    "news": fetch_news,
    "sentiment": fetch_sentiment,
}


class AlphaVantage:
    """Much of everything, 25 questions a day without paying."""

    info = SourceInfo(
        name="alpha_vantage",
        title="Alpha Vantage",
        base_urls={"": "https://www.alphavantage.co"},
        services=(
            Service("bars", (*_STOCKS, "currency", "crypto"),
                    history="the last 100 sessions; twenty years and more on premium plans",
                    note="as traded; what is older than 100 sessions is for premium plans"),
            Service("intraday", _STOCKS, history="from 2000, a month an answer", note=_PREMIUM),
            Service("actions", _STOCKS, note="dividends with their declaration"),
            Service("options", _STOCKS, history="from 2008, a session an answer", note=_PREMIUM),
            Service("profile", _STOCKS, history="today's", history_days=0),
            Service("lookup", _STOCKS),
            Service("listings", _STOCKS, history="delistings from 2010", note="no reason of delisting"),
            Service("news", (*_STOCKS, "crypto"), history="from March 2022"),
            Service("sentiment", (*_STOCKS, "crypto"), history="from March 2022",
                    note="as Alpha Vantage judges headlines"),
        ),
        limits=(Limit(1, 1.0), Limit(25, 86_400.0)),
        terms="Free for personal use at 25 questions a day; other use wants a plan.",
        terms_url="https://www.alphavantage.co/terms_of_service/",
        key=KeyNeed(
            fields=("key",),
            variables=(("ALPHA_VANTAGE_API_KEY", "ALPHAVANTAGE_API_KEY"),),
            where="https://www.alphavantage.co/support/#api-key",
        ),
    )  # fmt: skip

    def fetch(self, request: Request, access: Access) -> Answer:
        fetch = _FETCH.get(request.dataset)
        if fetch is None:
            raise SourceError(Kind.NOT_SERVED, f"Alpha Vantage does not serve {request.dataset}")
        return fetch(request, access)


SOURCE = AlphaVantage()
