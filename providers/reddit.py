"""Reddit: how often a ticker is named in posts of a day, and in what tone. Counts only; no names, no texts."""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from providers.base import answer_hash
from providers.clocks import NEW_YORK
from providers.errors import Kind, SourceError, malformed
from providers.lexicon import score
from providers.series import set_aside
from providers.source import Access, Answer, KeyNeed, Limit, Reply, Request, Service, SourceInfo

if TYPE_CHECKING:
    import polars as pl

_SUBS = ("stocks", "investing", "wallstreetbets")
_SUB = re.compile(r"^[A-Za-z0-9_]{2,21}$")
_LIMIT = 100
_SPANS = ((1, "day"), (7, "week"), (30, "month"), (365, "year"))
BASIS = (
    "estimated: end of the day in New York; posts are counted as the search shows them at the fetch, without those "
    "deleted since"
)
NOTE = "own word list, crude"
RULES = "reddit 1"

INFO = SourceInfo(
    "reddit",
    "Reddit",
    {"": "https://oauth.reddit.com", "token": "https://www.reddit.com"},
    (
        Service(
            "sentiment", ("equity", "fund", "crypto"), "about the last 1,000 posts that name the ticker",
            note="detail: a subreddit, else stocks, investing and wallstreetbets",
        ),
    ),
    (Limit(100, 60.0),),
    "For approved API clients under the Data API Terms; no user data may be kept or sold.",
    "https://www.redditinc.com/policies/data-api-terms",
    key=KeyNeed(
        ("id", "secret"), (("REDDIT_CLIENT_ID",), ("REDDIT_CLIENT_SECRET",)),
        "https://www.reddit.com/prefs/apps",
    ),
    consent=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Post:
    """What is kept of a post while its day is counted."""

    name: str
    created: datetime
    text: str

    @property
    def day(self) -> date:
        return self.created.astimezone(ZoneInfo(NEW_YORK)).date()


class Reddit:
    """Mentions and tone of a ticker a day and subreddit."""

    info = INFO

    def fetch(self, request: Request, access: Access) -> Answer:
        if request.dataset != "sentiment":
            raise SourceError(Kind.NOT_SERVED, f"Reddit serves sentiment, not {request.dataset}")
        subs = (request.detail,) if request.detail else _SUBS
        if not all(_SUB.match(sub) for sub in subs):
            raise SourceError(
                Kind.NOT_SERVED, f"{request.detail} is no name of a subreddit: stocks, investing"
            )
        today = access.now.astimezone(ZoneInfo(NEW_YORK)).date()
        headers = {"Authorization": f"Bearer {_token(access)}"}
        rows: list[dict[str, Any]] = []
        bad: list[tuple[str, dict[str, object]]] = []
        contents: list[bytes] = []
        for done, sub in enumerate(subs):
            access.progress(done, len(subs), f"r/{sub}")
            posts, since = _search(sub, request, today, headers, access, contents, bad)
            rows += _days(posts, since, sub, request, today)
        access.progress(len(subs), len(subs), "subreddits")
        return Answer(
            {"sentiment": _frame(rows)}, answer_hash(RULES, *contents),
            note="posts that name the ticker, scored by a small word list",
            quarantined=tuple(set_aside("sentiment", bad)),
        )  # fmt: skip


def _token(access: Access) -> str:
    """An application's token (client credentials); an error may stand inside a 200."""
    pair = f"{access.secret('id')}:{access.secret('secret')}".encode()
    reply = access.post(
        "api/v1/access_token",
        {"grant_type": "client_credentials"},
        role="token",
        secret_headers={"Authorization": "Basic " + base64.b64encode(pair).decode()},
    )
    body = reply.json()
    if not isinstance(body, dict):
        raise malformed(f"{reply.url} answered something else than a token")
    if "error" in body:
        raise SourceError(
            Kind.NEEDS_KEY, "Reddit refuses the client's id and secret: check them with KEYS SET reddit"
        )
    token = body.get("access_token")
    if not isinstance(token, str) or not token:
        raise malformed(f"{reply.url} answered without a token")
    return token


def _search(
    sub: str,
    request: Request,
    today: date,
    headers: dict[str, str],
    access: Access,
    contents: list[bytes],
    bad: list[tuple[str, dict[str, object]]],
) -> tuple[dict[str, Post], date | None]:
    """Posts that name the ticker, newest first, and the first day that they cover wholly (None: every day)."""
    ticker = request.subject.ticker
    back = (today - request.start).days + 1 if request.start else None
    span = next((word for days, word in _SPANS if back is not None and back <= days), "all")
    params: dict[str, str | int | float] = {
        "q": ticker, "restrict_sr": 1, "sort": "new", "t": span, "limit": _LIMIT, "raw_json": 1,
    }  # fmt: skip
    posts: dict[str, Post] = {}
    after, last, seen = "", None, set()
    while True:
        access.check_cancelled()
        reply = access.get(
            f"r/{sub}/search", {**params, **({"after": after} if after else {})}, secret_headers=headers
        )
        contents.append(reply.content)
        children, after = _listing(reply)
        for child in children:
            post = _post(child)
            if post is None:
                bad.append(("a post without an instant or a title", {"subreddit": sub}))
                continue
            last = min(last, post.created) if last else post.created
            if names(ticker, post.text):
                posts[post.name] = post
        access.progress(len(posts), len(posts), f"posts of r/{sub}")
        early = request.start and last and last.astimezone(ZoneInfo(NEW_YORK)).date() < request.start
        if early or not after or after in seen:
            break
        seen.add(after)
    # The search ends after about 1,000 posts: the day on which it broke off is not whole.
    cut = not early and len(children) >= _LIMIT
    since = last.astimezone(ZoneInfo(NEW_YORK)).date() + timedelta(days=1) if cut and last else None
    return posts, since


def _listing(reply: Reply) -> tuple[list[Any], str]:
    body = reply.json()
    if isinstance(body, dict) and "error" in body:
        raise SourceError(
            Kind.REFUSED,
            f"Reddit will not answer {reply.url}: {str(body.get('message') or body['error'])[:200]}",
        )
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("children"), list):
        raise malformed(f"{reply.url} answered something else than a listing")
    return data["children"], str(data.get("after") or "")


def _post(child: Any) -> Post | None:
    data = child.get("data") if isinstance(child, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("title"), str):
        return None
    created = data.get("created_utc")
    if isinstance(created, bool) or not isinstance(created, int | float) or not 0 < created < 1e11:
        return None
    name = str(data.get("name") or data.get("id") or f"{created}{data['title']}")
    return Post(name, datetime.fromtimestamp(created, UTC), f"{data['title']}\n{data.get('selftext') or ''}")


def names(ticker: str, text: str) -> bool:
    """Whether a text names the ticker: ``$aapl`` in any case, or ``AAPL`` as a word in capitals. One or two letters
    count with the dollar sign only, since they are words and initials."""
    mark = re.escape(ticker)
    if re.search(rf"\${mark}(?![A-Za-z0-9])", text, re.IGNORECASE):
        return True
    return len(ticker) > 2 and re.search(rf"(?<![A-Za-z0-9$]){mark.upper()}(?![A-Za-z0-9])", text) is not None


def _days(
    posts: dict[str, Post], since: date | None, sub: str, request: Request, today: date
) -> list[dict[str, Any]]:
    """A row a day that is over and wholly covered; days asked for without a mention say so with 0."""
    by_day: dict[date, list[float]] = defaultdict(list)
    for post in posts.values():
        by_day[post.day].append(score(post.text))
    first = request.start or (min(by_day) if by_day else None)
    if first is None:
        return []
    first = max(first, since) if since else first
    last = min(request.end or today, today - timedelta(days=1))  # the day still running is not written
    rows = []
    for place in range((last - first).days + 1):
        day = first + timedelta(days=place)
        scores = by_day.get(day, [])
        rows.append(
            {
                "identity": request.subject.identity,
                "session_date": day,
                "channel": f"reddit:{sub.lower()}",
                "mentions": len(scores),
                "positive": sum(each > 0 for each in scores),
                "negative": sum(each < 0 for each in scores),
                "score": sum(scores) / len(scores) if scores else None,
                "note": NOTE,
            }
        )
    return rows


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    import polars as pl

    from providers.clocks import end_of_day

    schema = {
        "identity": pl.String, "session_date": pl.Date, "channel": pl.String, "mentions": pl.Int64,
        "positive": pl.Int64, "negative": pl.Int64, "score": pl.Float64, "note": pl.String,
    }  # fmt: skip
    frame = pl.DataFrame(rows, schema).sort("session_date", "channel")
    return frame.with_columns(known_at=end_of_day("session_date", NEW_YORK), known_basis=pl.lit(BASIS))


SOURCE: Reddit = Reddit()
