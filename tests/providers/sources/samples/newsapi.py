"""NewsAPI in its documented form: articles with publishedAt, and one that its publisher has removed."""

import json

from providers.source import Request, Subject
from tests.providers.sources.loopback import Sample, day

APPLE = Subject("us-equity:AAPL", "AAPL", name="Apple Inc.")
BUSINESS = Subject("channel:business", "NEWS.BUSINESS", "MACRO", "channel", "Business headlines", calendar="")


def article(number: int, published: str, title: str = "") -> dict[str, object]:
    return {
        "source": {"id": None, "name": "The Example Times"},
        "author": "A. Writer",
        "title": title or f"Apple does thing {number}",
        "description": "What it did,\r\nand why.",
        "url": f"https://example.com/{number}",
        "urlToImage": None,
        "publishedAt": published,
        "content": "It did [+12 chars]",
    }


def page(articles: list[dict[str, object]], total: int | None = None) -> bytes:
    total = len(articles) if total is None else total
    return json.dumps({"status": "ok", "totalResults": total, "articles": articles}).encode()


SAMPLES = (
    Sample(
        "newsapi",
        Request("news", APPLE, day("2026-11-17"), day("2026-11-20")),
        {"/everything": page([article(1, "2026-11-19T02:30:00Z"), article(2, "2026-11-18T21:05:09Z")])},
        {"headlines": 2},
        rows_of=("articles",),
    ),
    Sample(
        "newsapi",
        Request("news", BUSINESS),
        {"/top-headlines": page([article(3, "2026-11-20T11:00:00Z", "Markets open higher")])},
        {"headlines": 1},
        rows_of=("articles",),
    ),
)
