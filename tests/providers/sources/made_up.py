"""A source that is none, written by the rules that hold for all: what the fault matrix is tried on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from providers.base import answer_hash
from providers.errors import malformed, refused
from providers.source import Access, Answer, KeyNeed, Limit, Request, Service, SourceInfo, Subject
from store.batch import Quarantined
from tests.providers.sources.loopback import Sample


@dataclass(frozen=True)
class MadeUp:
    """One closing value a day, as ``{"rows": [{"day": ..., "value": ...}]}``."""

    info: SourceInfo

    def fetch(self, request: Request, access: Access) -> Answer:
        reply = access.get(
            "/values", {"symbol": request.subject.ticker}, secret_params={"key": access.secret()}
        )
        body = reply.json()
        if not isinstance(body, dict) or not isinstance(body.get("rows"), list):
            said = body.get("error") if isinstance(body, dict) else None
            raise refused(f"Made Up says: {said}") if said else malformed(f"{reply.url} answers no rows")
        kept: dict[date, dict[str, Any]] = {}
        for row in body["rows"]:
            day, value = date.fromisoformat(row["day"]), row["value"]
            if isinstance(value, float) and value > 0:
                kept[day] = {
                    "identity": request.subject.identity,
                    "session_date": day,
                    "basis": "close",
                    "close": value,
                    "known_at": datetime(day.year, day.month, day.day, 21, tzinfo=UTC),
                    "known_basis": "exact",
                }
        import polars as pl

        left_out: tuple[Quarantined, ...] = ()
        frame = pl.DataFrame([kept[day] for day in sorted(kept)])
        return Answer({"closes": frame}, answer_hash("made-1", reply.content), quarantined=left_out)


MADE_UP = MadeUp(
    SourceInfo(
        "made", "Made Up", {"": "https://api.made.example"}, (Service("closes"),), (Limit(100, 1.0),),
        "No terms.", key=KeyNeed(("key",), (("MADE_KEY",),), "https://made.example"),
    )
)  # fmt: skip

_DAYS = [date(2026, 3, 2) + timedelta(days=n) for n in range(4)]
MADE_UP_SAMPLES = (
    Sample(
        "made",
        Request("closes", Subject("us-equity:ZZZ", "ZZZ"), _DAYS[0], _DAYS[-1]),
        {"/values": json.dumps({"rows": [{"day": str(day), "value": 10.5} for day in _DAYS]}).encode()},
        {"closes": 4},
        rows_of=("rows",),
    ),
)
