"""OMON: the newest quote of each contract by the clock, marked where it cannot be trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from engine.desk import Desk
from engine.errors import AsofError, CommandError
from engine.page import Page, Table
from providers.cboe import SOURCE
from providers.source import Request, Subject
from store import Batch, Store, open_store
from tests.providers.sources.loopback import Said, ask, recorded, serving

MakeDesk = Callable[..., Desk]
MONDAY = datetime(2026, 7, 20, 19, 0, tzinfo=UTC)


def quote(
    at: datetime, strike: float, right: str, bid: float | None, ask_: float | None, **more: object
) -> dict[str, object]:
    expiry = date(2026, 8, 21)
    row: dict[str, object] = {
        "session_date": at.date(), "quoted_at": at, "expiry": expiry, "strike": strike, "right": right,
        "contract": f"AAPL260821{right[0].upper()}{int(strike * 1000):08d}", "bid": bid, "ask": ask_,
        "open_interest": 10, "volume": 1, "underlying_price": 101.0, "implied_volatility": 0.3, "known_at": at,
        "last_traded_at": at - timedelta(hours=1),
    }  # fmt: skip
    return row | more


def kept(store: Store, rows: list[dict[str, object]]) -> None:
    number = store.identify(["us-equity:AAPL"])["us-equity:AAPL"]
    frame = pl.DataFrame([{"security_id": number, **row} for row in rows])
    store.append(Batch("a test", "chain", str(rows[0]["quoted_at"]), {"option_quotes": frame}, basis="exact"))


def strikes(page: Page) -> dict[float, Mapping[str, object]]:
    panel = page.panel("strikes")
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return {row["strike"]: row for row in panel.figure.frame.iter_rows(named=True)}


@pytest.fixture
def desk(make_desk: MakeDesk, home: Path) -> Desk:
    store = open_store(home)
    later = MONDAY + timedelta(hours=1)
    kept(
        store,
        [
            quote(MONDAY, 95.0, "call", 6.0, 6.4),
            quote(MONDAY, 100.0, "call", 3.0, 3.2),
            quote(MONDAY, 100.0, "put", 2.2, 2.0),
            quote(MONDAY, 105.0, "put", 0.0, 5.5),
            quote(MONDAY, 105.0, "call", 1.0, 1.2, last_traded_at=MONDAY - timedelta(days=9)),
        ],
    )
    kept(store, [quote(later, 100.0, "call", 4.0, 4.2)])
    return make_desk(store=store)


def test_each_contract_has_its_newest_quote_by_the_clock(desk: Desk) -> None:
    desk.run('ASOF "2026-07-20 15:30"')
    assert strikes(desk.run("AAPL OMON"))[100.0]["call_bid"] == 3.0
    desk.run('ASOF "2026-07-20 16:00"')
    rows = strikes(desk.run("AAPL OMON"))
    assert rows[100.0]["call_bid"] == 4.0
    assert rows[95.0]["call_bid"] == 6.0
    desk.run('ASOF "2026-07-20 14:59"')
    with pytest.raises(AsofError, match="No option chain"):
        desk.run("AAPL OMON")


def test_quotes_that_cannot_be_trusted_are_marked(desk: Desk) -> None:
    rows = strikes(desk.run("AAPL OMON"))
    assert rows[100.0]["remark"] == "put: crossed"
    assert rows[105.0]["remark"] == "call: last is old; put: no bid"
    assert rows[95.0]["remark"] == ""


def test_an_expiry_that_is_none_names_the_nearest(desk: Desk) -> None:
    with pytest.raises(CommandError, match="2026-08-21"):
        desk.run("AAPL OMON 2026-08-20")
    assert len(strikes(desk.run("AAPL OMON 2026-08-21 STRIKES=1"))) == 1


def test_cboes_recorded_chain(make_desk: MakeDesk, home: Path, tmp_path: Path) -> None:
    body = recorded("cboe", "delayed_quotes_options_AAPL.json.json.gz")
    now = datetime(2026, 7, 25, 4, 0, tzinfo=UTC)
    with serving(lambda asked: Said(body)) as server:
        request = Request("options", Subject("us-equity:AAPL", "AAPL"))
        answer = ask(SOURCE, request, server, tmp_path, now=now)
    store = open_store(home)
    number = store.identify(["us-equity:AAPL"])["us-equity:AAPL"]
    frame = answer.frames["option_quotes"].with_columns(security_id=pl.lit(number)).drop("identity")
    store.append(Batch("cboe", "AAPL options", answer.answer_hash, {"option_quotes": frame}))
    page = make_desk(store=store).run("AAPL OMON STRIKES=10")
    rows = strikes(page)
    assert len(rows) >= 10
    expiries = page.panel("expiries")
    assert expiries is not None
    assert isinstance(expiries.figure, Table)
    assert expiries.figure.frame.height == 24  # as the file's provenance counts them
    assert expiries.figure.frame["contracts"].sum() == frame.height
    calls = [row["call_bid"] for _, row in sorted(rows.items()) if row["call_bid"]]
    assert calls == sorted(calls, reverse=True)  # a call is worth less the higher its strike
