"""NewsAPI: headlines about a company by its name and ticker, or of a channel for the whole market."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from providers.base import answer_hash
from providers.clocks import EXACT, NEW_YORK
from providers.errors import Kind, SourceError, malformed
from providers.series import one_a_key, set_aside
from providers.source import Access, Answer, KeyNeed, Limit, Reply, Request, Service, SourceInfo, Subject

if TYPE_CHECKING:
    import polars as pl

_PAGE = 100
_DAYS = 30  # of history on the free plan
_CATEGORIES = ("business", "entertainment", "general", "health", "science", "sports", "technology")
_SUFFIX = re.compile(
    r"[\s,]+(inc|incorporated|corp|corporation|co|company|plc|ltd|limited|holdings?|group|n\.?v|s\.?a|ag|se)\.?$",
    re.IGNORECASE,
)
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_KINDS = {
    "apiKeyInvalid": Kind.NEEDS_KEY,
    "apiKeyMissing": Kind.NEEDS_KEY,
    "apiKeyDisabled": Kind.FORBIDDEN,
    "apiKeyExhausted": Kind.RATE_LIMIT,
    "rateLimited": Kind.RATE_LIMIT,
    "sourceDoesNotExist": Kind.NOT_FOUND,
    "unexpectedError": Kind.SERVER,
}
RULES = "newsapi 1"

INFO = SourceInfo(
    "newsapi",
    "NewsAPI",
    {"": "https://newsapi.org/v2"},
    (
        Service(
            "news", (), "a month back, a day late, on the free plan", _DAYS,
            note="the free plan ends each answer after 100 headlines",
        ),
    ),
    (Limit(100, 86_400.0), Limit(5, 1.0)),
    "The free plan is for development only, not for use in production.",
    "https://newsapi.org/terms",
    key=KeyNeed(("key",), (("NEWSAPI_KEY", "NEWS_API_KEY"),), "https://newsapi.org/register"),
)  # fmt: skip


class NewsApi:
    """Headlines with the instant of their publication."""

    info = INFO

    def fetch(self, request: Request, access: Access) -> Answer:
        if request.dataset != "news":
            raise SourceError(Kind.NOT_SERVED, f"NewsAPI serves news, not {request.dataset}")
        path, params = _question(request, access.now)
        rows: list[dict[str, Any]] = []
        contents: list[bytes] = []
        note = ""
        page, total = 1, 1
        while (page - 1) * _PAGE < total:
            access.check_cancelled()
            reply = access.get(
                path,
                {**params, "pageSize": _PAGE, "page": page},
                secret_headers={"X-Api-Key": access.secret()},
                accept=(200, 400, 426),
            )
            body = _body(reply)
            if body.get("code") == "maximumResultsReached" and page > 1:
                note = f"the plan ends answers after {len(rows)} of {total} headlines"
                break
            if body.get("status") != "ok":
                raise _said(body)
            total, articles = _articles(body, reply.url)
            contents.append(reply.content)
            rows += articles
            access.progress(min(page * _PAGE, total), total, "headlines")
            if not articles:
                break
            page += 1
        good, bad = _mapped(rows, request.subject.identity, access.now)
        frame, twice = _frame(good)
        return Answer(
            {"headlines": frame}, answer_hash(RULES, *contents), note=note,
            quarantined=(*set_aside("headlines", bad), *twice),
        )  # fmt: skip


def _question(request: Request, now: datetime) -> tuple[str, dict[str, str | int | float]]:
    """The endpoint and what it is asked."""
    about = request.subject
    if about.identity.startswith("channel:") and about.identity.split(":", 1)[1].lower() in _CATEGORIES:
        category = about.identity.split(":", 1)[1].lower()
        return "top-headlines", {"category": category, "country": "us"}
    today = now.astimezone(ZoneInfo(NEW_YORK)).date()
    start = request.start or today - timedelta(days=_DAYS)
    end = request.end or today
    # a New York day ends on the next day in UTC
    until = min(end + timedelta(days=1), now.date())
    return "everything", {
        "q": search_words(about), "language": "en", "sortBy": "publishedAt",
        "from": start.isoformat(), "to": until.isoformat(),
    }  # fmt: skip


def search_words(about: Subject) -> str:
    """What a security is searched by: its name without Inc and the like; else its ticker, as a quotation."""
    name = about.name.strip() or about.identity.split(":", 1)[-1]
    while about.name and (shorter := _SUFFIX.sub("", name)) != name and shorter:
        name = shorter
    name = name.replace('"', "")
    if about.name and about.asset_class in ("equity", "fund") and len(about.ticker) > 2:
        return f'"{name}" OR "{about.ticker} stock"'
    return f'"{name}"'


def _body(reply: Reply) -> dict[str, Any]:
    body = reply.json()
    if not isinstance(body, dict):
        raise malformed(f"{reply.url} answered something else than headlines")
    return body


def _said(body: dict[str, Any]) -> SourceError:
    """An error by its code, also inside a 200."""
    code = str(body.get("code") or "")
    words = str(body.get("message") or code or "an error without words")
    return SourceError(_KINDS.get(code, Kind.REFUSED), f"NewsAPI says: {_clean(words)[:300]}")


def _articles(body: dict[str, Any], url: str) -> tuple[int, list[dict[str, Any]]]:
    total, articles = body.get("totalResults"), body.get("articles")
    if not isinstance(total, int) or not isinstance(articles, list):
        raise malformed(f"{url} answered without headlines or their number")
    if any(not isinstance(each, dict) for each in articles):
        raise malformed(f"{url} answered with headlines that are none")
    return total, articles


def _mapped(
    rows: list[dict[str, Any]], identity: str, now: datetime
) -> tuple[list[dict[str, Any]], list[tuple[str, dict[str, object]]]]:
    good: list[dict[str, Any]] = []
    bad: list[tuple[str, dict[str, object]]] = []
    for row in rows:
        title = _clean(row.get("title"))
        published = _instant(row.get("publishedAt"))
        url = _clean(row.get("url"))
        kept: dict[str, object] = {name: row.get(name) for name in ("title", "publishedAt", "url")}
        if title == "[Removed]":
            bad.append(("removed by the publisher", kept))
        elif not title:
            bad.append(("no title", kept))
        elif published is None:
            bad.append(("publishedAt is no instant with its time zone", kept))
        elif published > now:
            bad.append(("published after it was fetched", kept))
        else:
            source = row.get("source")
            good.append(
                {
                    "identity": identity,
                    "session_date": published.astimezone(ZoneInfo(NEW_YORK)).date(),
                    "headline_id": hashlib.sha256((url or title).encode()).hexdigest()[:16],
                    "published_at": published,
                    "title": title,
                    "publisher": _clean(source.get("name")) if isinstance(source, dict) else "",
                    "url": url if url.startswith(("https://", "http://")) else "",
                    "summary": _clean(row.get("description")),
                    "language": "en",
                    "known_at": published,
                    "known_basis": EXACT,
                }
            )
    return good, bad


def _clean(text: object) -> str:
    """Outside text on one line, without controls and marks that turn the direction of writing."""
    return " ".join(_CONTROLS.sub(" ", text).split()) if isinstance(text, str) else ""


def _instant(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant.astimezone(ZoneInfo("UTC")) if instant.tzinfo is not None else None


def _frame(good: list[dict[str, Any]]) -> tuple[pl.DataFrame, list[Any]]:
    """Headlines in order. One that moved between two pages while these were read comes twice."""
    import polars as pl

    instant, text = pl.Datetime("us", "UTC"), pl.String()
    schema: dict[str, pl.DataType] = {
        "identity": text, "session_date": pl.Date(), "headline_id": text, "published_at": instant,
        "title": text, "publisher": text, "url": text, "summary": text, "language": text,
        "known_at": instant, "known_basis": text,
    }  # fmt: skip
    return one_a_key(pl.DataFrame(good, schema), ["session_date", "headline_id"], "headlines")


SOURCE: NewsApi = NewsApi()
