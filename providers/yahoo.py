"""Yahoo Finance, the unofficial source that most people's charts come from.

It wants a browser: its cookies, its crumb and a browser's way to speak TLS. That is yfinance's art, which
carries the bytes (``yahoo_transport.py``); what they say is read here, so that adjustments can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from providers.errors import Kind, SourceError
from providers.source import Access, Answer, Limit, Request, Service, SourceInfo
from providers.yahoo_chart import fetch_actions, fetch_bars, fetch_intraday
from providers.yahoo_pages import fetch_lookup, fetch_news, fetch_options, fetch_profile

_TRADED = ("equity", "fund", "index", "currency", "crypto", "future")
_FETCH: Mapping[str, Callable[[Request, Access], Answer]] = {
    "bars": fetch_bars,
    "intraday": fetch_intraday,
    "actions": fetch_actions,
    "options": fetch_options,
    "profile": fetch_profile,
    "news": fetch_news,
    "lookup": fetch_lookup,
}


class Yahoo:
    """Bars, actions, option chains, profiles and news, without a key."""

    info = SourceInfo(
        name="yahoo",
        title="Yahoo Finance",
        base_urls={"": "https://query2.finance.yahoo.com"},
        services=(
            Service("lookup", _TRADED, note="name, exchange and currency of today"),
            Service(
                "bars", _TRADED, history="as far back as Yahoo has it",
                note="split adjustment undone with the splits of the same answer; futures are the front month, "
                "strung together, rolls not marked",
            ),
            Service(
                "intraday", ("equity", "fund", "index", "currency", "crypto"),
                history="1m a month, 5m to 30m two months, 1h two years", history_days=728,
            ),
            Service("actions", ("equity", "fund"), note="without announcement, record and pay dates"),
            Service("options", ("equity", "fund", "index"), history="now only", history_days=0),
            Service("profile", ("equity", "fund"), history="today's", history_days=0),
            Service("news", ("equity", "fund", "index", "crypto"), history="some days", history_days=7),
        ),
        limits=(Limit(2, 1.0), Limit(60, 60.0), Limit(1800, 3600.0)),
        terms="For personal use; the interface is not documented or offered, and Yahoo may stop answering.",
        terms_url="https://legal.yahoo.com/us/en/yahoo/terms/otos/index.html",
        consent=True,
        max_bytes=32 << 20,
        carrier="providers.yahoo_transport",
    )  # fmt: skip

    def fetch(self, request: Request, access: Access) -> Answer:
        fetch = _FETCH.get(request.dataset)
        if fetch is None:
            raise SourceError(Kind.NOT_SERVED, f"Yahoo Finance does not serve {request.dataset}")
        return fetch(request, access)


SOURCE = Yahoo()
