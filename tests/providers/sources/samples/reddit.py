"""Reddit in its documented form: a token, then listings of posts with a cursor."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from providers.source import Request, Subject
from tests.providers.sources.loopback import Sample, day

NVDA = Subject("us-equity:NVDA", "NVDA", name="NVIDIA Corp")
TOKEN = {"access_token": "loopback-token", "token_type": "bearer", "expires_in": 86400, "scope": "*"}
SECRETS = {"id": "loopback-id", "secret": "loopback-secret"}


def post(name: str, when: str, title: str, text: str = "") -> dict[str, object]:
    created = datetime.fromisoformat(when).replace(tzinfo=ZoneInfo("America/New_York")).timestamp()
    data = {"name": name, "subreddit": "stocks", "title": title, "selftext": text, "created_utc": created}
    return {"kind": "t3", "data": {**data, "author": "somebody", "score": 12}}


def listing(posts: list[dict[str, object]], after: str | None = None) -> bytes:
    return json.dumps({"kind": "Listing", "data": {"children": posts, "after": after}}).encode()


SAMPLES = (
    Sample(
        "reddit",
        Request("sentiment", NVDA, day("2026-11-17"), day("2026-11-20"), "stocks"),
        {
            "/api/v1/access_token": json.dumps(TOKEN).encode(),
            "/r/stocks/search": listing(
                [
                    post("t3_e", "2026-11-20T10:00", "NVDA still going"),
                    post("t3_d", "2026-11-18T23:30", "NVDA beats, outlook strong"),
                    post("t3_c", "2026-11-18T09:00", "Why $nvda will crash", "Puts. It will fall."),
                    post("t3_b", "2026-11-18T08:00", "Is navidia spelled so?"),
                    post("t3_a", "2026-11-17T12:00", "Holding NVDA through earnings"),
                ]
            ),
        },
        {"sentiment": 3},
        SECRETS,
        rows_of=("data", "children"),
    ),
)
