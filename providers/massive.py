"""Massive, which was Polygon.io until October 2025: US stocks, options, indices, currencies, crypto."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from providers.errors import Kind, SourceError
from providers.massive_bars import fetch_actions, fetch_bars, fetch_intraday
from providers.massive_quotes import fetch_news, fetch_options, fetch_sentiment
from providers.massive_reference import fetch_listings, fetch_lookup, fetch_profile
from providers.source import Access, Answer, KeyNeed, Limit, Request, Service, SourceInfo

_TRADED = ("equity", "fund", "index", "currency", "crypto")
_FREE = "two years on the free plan, from September 2003 on paid ones"
_FETCH: Mapping[str, Callable[[Request, Access], Answer]] = {
    "bars": fetch_bars,
    "intraday": fetch_intraday,
    "actions": fetch_actions,
    "options": fetch_options,
    "lookup": fetch_lookup,
    "listings": fetch_listings,
    "profile": fetch_profile,
    "news": fetch_news,
    "sentiment": fetch_sentiment,
}


class Massive:
    """Bars as traded, corporate actions with their announcement, reference data with delisted tickers."""

    info = SourceInfo(
        name="massive",
        title="Massive (Polygon.io)",
        base_urls={"": "https://api.massive.com"},
        services=(
            Service("lookup", _TRADED, note="with the tickers it had before"),
            Service("bars", _TRADED, history=_FREE, note="as traded; the free plan has them after the close"),
            Service("intraday", _TRADED, history=_FREE, note="before and after the session too"),
            Service("actions", ("equity", "fund"), note="dividends by their declaration"),
            Service("options", ("equity", "fund", "index"), history="now only", history_days=0,
                    note="not on the free plan"),
            Service("listings", ("equity", "fund"), note="delisted tickers too; no reason of delisting"),
            Service("profile", ("equity", "fund"), history="today's", history_days=0),
            Service("news", ("equity", "fund"), history="from 2021"),
            Service("sentiment", ("equity", "fund"), history="from 2024", note="as Massive judges headlines"),
        ),
        # The free plan's limit: a key of a paid plan is only asked more slowly than it might be.
        limits=(Limit(5, 60.0),),
        terms="For the account's own use; what it answers may not be passed on without a licence.",
        terms_url="https://massive.com/terms",
        key=KeyNeed(
            fields=("key",),
            variables=(("MASSIVE_API_KEY", "POLYGON_API_KEY"),),
            where="https://massive.com/dashboard/keys",
        ),
    )  # fmt: skip

    def fetch(self, request: Request, access: Access) -> Answer:
        fetch = _FETCH.get(request.dataset)
        if fetch is None:
            raise SourceError(Kind.NOT_SERVED, f"Massive does not serve {request.dataset}")
        return fetch(request, access)


SOURCE = Massive()
