"""Answers that come on two pages, of sources whose pages name the next one: the first routes are of second pages."""

from __future__ import annotations

import json

from providers.source import Request
from providers.worldbank import subject as country_series
from tests.providers.sources.loopback import Sample, day
from tests.providers.sources.samples import alpaca, fred, massive, newsapi, reddit, worldbank

_MASSIVE = "/v2/aggs/ticker/ZZZ/range/1/day/2026-11-16/2026-11-20"
_CHAIN = "/v3/snapshot/options/ZZZ"
_REDDIT = "/r/stocks/search"


def following(path: str) -> str:
    return f"https://api.massive.com{path}?cursor=two"


def observed(offset: int) -> bytes:
    """One row of two."""
    page = json.loads(fred.observations(*fred.ROWS[3:5]))
    row = page["observations"][offset]
    return json.dumps({**page, "count": 2, "offset": offset, "limit": 1, "observations": [row]}).encode()


SAMPLES: tuple[Sample, ...] = (
    Sample(
        "massive", massive.asked("bars"),
        {
            f"{_MASSIVE}?cursor=two": massive.answer([massive.bar(massive.millis(18), 102)]),
            _MASSIVE: massive.answer(
                [massive.bar(massive.millis(16), 100), massive.bar(massive.millis(17), 101)],
                next_url=following(_MASSIVE),
            ),
        },
        {"bars": 3}, rows_of=("results",), now=massive.NOW,
    ),
    Sample(
        "massive", massive.asked("options"),
        {
            f"{_CHAIN}?cursor=two": massive.answer([massive.PUT]),
            _CHAIN: massive.answer([massive.CONTRACT], next_url=following(_CHAIN)),
        },
        {"option_quotes": 2}, rows_of=("results",), now=massive.NOW,
    ),
    Sample(
        "alpaca", alpaca.asked("bars"),
        {
            "/v2/stocks/bars?page_token=two": alpaca.bars("ZZZ", alpaca.bar("2026-11-18T05:00:00Z", 102)),
            "/v2/stocks/bars": alpaca.bars("ZZZ", alpaca.bar("2026-11-17T05:00:00Z", 101), token="two"),
        },
        {"bars": 2}, alpaca.KEY, ("bars", "ZZZ"), alpaca.NOW,
    ),
    Sample(
        "newsapi", Request("news", newsapi.APPLE, day("2026-11-17"), day("2026-11-20")),
        {
            "/everything?page=2": newsapi.page([newsapi.article(2, "2026-11-18T21:05:09Z")], total=101),
            "/everything": newsapi.page([newsapi.article(1, "2026-11-19T02:30:00Z")], total=101),
        },
        {"headlines": 2}, rows_of=("articles",),
    ),
    Sample(
        "reddit", Request("sentiment", reddit.NVDA, day("2026-11-17"), day("2026-11-20"), "stocks"),
        {
            "/api/v1/access_token": json.dumps(reddit.TOKEN).encode(),
            f"{_REDDIT}?after=t3_b": reddit.listing([reddit.post("t3_a", "2026-11-17T12:00", "Holding NVDA")]),
            _REDDIT: reddit.listing([reddit.post("t3_b", "2026-11-18T09:00", "NVDA will fall")], after="t3_b"),
        },
        {"sentiment": 3}, reddit.SECRETS, ("data", "children"),
    ),
    Sample(
        "worldbank", Request("observations", country_series("NY.GDP.MKTP.CD", "USA")),
        {
            f"{worldbank.PATH}?page=2": worldbank.page([worldbank.row("2022", 26.0e12)], 2, 2),
            worldbank.PATH: worldbank.page([worldbank.row("2024", 29.2e12), worldbank.row("2023", 27.7e12)], 1, 2),
        },
        {"observations": 3, "securities": 1}, {}, (1,),
    ),
    Sample(
        "fred", Request("observations", fred.UNRATE),
        {
            "/fred/series": fred.series(),
            "/fred/series/vintagedates": fred.vintages("1990-02-02"),
            "/fred/series/observations?offset=1": observed(1),
            "/fred/series/observations": observed(0),
        },
        {"observations": 1, "securities": 1}, rows_of=("observations",),
    ),
)  # fmt: skip
