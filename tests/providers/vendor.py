"""A source of made-up bars over a loopback server, and the server: what the router and the backfill are tried on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from providers.base import answer_hash
from providers.clocks import known_at_close, known_at_open
from providers.errors import not_found
from providers.router import Router
from providers.source import Access, Answer, KeyNeed, Limit, Request, Service, SourceInfo, Subject
from store import Store
from tests.providers.sources.loopback import Asked, Said

UNKNOWN = "NONE"


@dataclass(frozen=True)
class Vendor:
    """GET /bars/<ticker>?from=&to= answers rows of day and close; GET /values/<ticker> observations."""

    info: SourceInfo

    def fetch(self, request: Request, access: Access) -> Answer:
        path = "values" if request.dataset == "observations" else "bars"
        reply = access.get(
            f"/{path}/{request.subject.ticker}",
            {"from": str(request.start or ""), "to": str(request.end or "")},
            accept=(200, 404),
        )
        if reply.status == 404:
            raise not_found(f"{self.info.title} does not know {request.subject.ticker}")
        body = reply.json()
        named = answer_hash(self.info.name, reply.content)
        if path == "values":
            return Answer({"observations": _values(body, request.subject, access.now)}, named)
        rows = [
            {
                "identity": request.subject.identity, "session_date": date.fromisoformat(day),
                "open": close, "high": close, "low": close, "close": close, "volume": 1000,
            }
            for day, close in body["rows"]
        ]  # fmt: skip
        if not rows:
            return Answer({}, named)
        bars = known_at_close(pl.DataFrame(rows), access.calendars, request.subject.calendar)
        frames = {"bars": bars}
        if body.get("splits"):
            splits = pl.DataFrame(
                {
                    "identity": [request.subject.identity] * len(body["splits"]),
                    "kind": ["split"] * len(body["splits"]),
                    "ex_date": [date.fromisoformat(day) for day, _ in body["splits"]],
                    "ratio": [float(ratio) for _, ratio in body["splits"]],
                }
            )
            frames["actions"] = known_at_open(splits, "ex_date", "estimated: by its day", access.calendars)
        return Answer(frames, named)


def _values(body: Any, subject: Subject, now: datetime) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "identity": [subject.identity] * len(body["rows"]),
            "period_date": [date.fromisoformat(day) for day, _ in body["rows"]],
            "value": [value for _, value in body["rows"]],
            "known_at": [now] * len(body["rows"]),
            "known_basis": ["estimated: known from this fetch"] * len(body["rows"]),
        },
        schema_overrides={"known_at": pl.Datetime("us", "UTC")},
    )


def vendor(
    name: str = "first", *, key: bool = False, history_days: int | None = None, limit: Limit | None = None
) -> Vendor:
    services = (
        Service("bars", ("equity",), history_days=history_days),
        Service("observations", ("macro",)),
    )
    need = KeyNeed(("key",), (("TEST_KEY",),), "here") if key else None
    limits = (limit,) if limit else ()
    return Vendor(
        SourceInfo(name, name.title(), {"": "http://127.0.0.1:9"}, services, limits, "made up", key=need)
    )


def close_of(ticker: str, day: date) -> float:
    """The same for ever: a walk that a ticker's name decides."""
    seed = int.from_bytes(hashlib.sha256(f"{ticker} {day}".encode()).digest()[:2], "big")
    return round(100.0 + (seed % 2000) / 100.0, 2)


def weekdays(start: date, end: date) -> list[date]:
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    return [day for day in days if day.weekday() < 5]


@dataclass
class Market:
    """What the server knows: every session of the calendar between two days, for every ticker but ``NONE``."""

    sessions: list[date]
    changed: dict[tuple[str, date], float] = field(default_factory=dict)
    fault: Callable[[Asked], Said | None] = lambda _: None

    def __call__(self, asked: Asked) -> Said:
        said = self.fault(asked)
        if said is not None:
            return said
        ticker = asked.path.rsplit("/", 1)[-1]
        if ticker == UNKNOWN:
            return Said(b"{}", 404)
        low, high = asked.query.get("from", ""), asked.query.get("to", "")
        rows = [
            [str(day), self.changed.get((ticker, day), close_of(ticker, day))]
            for day in self.sessions
            if (not low or str(day) >= low) and (not high or str(day) <= high)
        ]
        return Said(json.dumps({"rows": rows}).encode())


class NoKeys:
    """Nobody has set any."""

    def secrets(self, info: SourceInfo) -> Mapping[str, str]:
        return {}

    def origin(self, info: SourceInfo) -> str:
        return "environment TEST_KEY" if info.key else ""


class NoChoices:
    """Nothing was chosen."""

    order: tuple[str, ...] = ()
    allowed: frozenset[str] = frozenset()
    contact = ""


def router(store: Store, urls: Mapping[str, str], *sources: Vendor, now: datetime, **more: Any) -> Router:
    """A router over the given sources, each on its address."""
    from providers.http import Client

    known = {source.info.name: source for source in sources}
    options: dict[str, Any] = {
        "client": Client(user_agent="asof-tests/1.0 (tests@example.com)"),
        "keys": NoKeys(),
        "choices": NoChoices(),
        "clock": lambda: now,
        "base_urls": {name: {"": url} for name, url in urls.items()},
        "sources": lambda: known,
        "ready": lambda info: f"{info.title} needs a key: KEYS SET {info.name}" if info.key else "",
    }
    return Router(store, **(options | more))


def subject(ticker: str = "ACME") -> Subject:
    return Subject(f"us-equity:{ticker}", ticker)


def asked_ranges(asked: list[Asked]) -> list[tuple[str, str, str]]:
    return [(a.path.rsplit("/", 1)[-1], a.query.get("from", ""), a.query.get("to", "")) for a in asked]


def sessions_of(store: Store, start: date, end: date) -> list[date]:
    return list(store.reader(datetime.now().astimezone()).sessions(start, end).tolist())


def home_store(folder: Path, now: datetime) -> Store:
    from store import open_store

    return open_store(folder, clock=lambda: now)
