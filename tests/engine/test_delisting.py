"""DES of a share that is no longer listed: when and why it ended, and a final return that is never made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.page import Blank, Metric, Metrics, Page
from providers import files
from providers.embedded.loader import StoreCalendars
from providers.files_read import open_file
from providers.files_spec import ImportSpec, planned
from store import Batch, Store, open_store

PRESENT = datetime(2010, 6, 1, 20, tzinfo=UTC)
LAST, ENDED = date(2009, 3, 12), date(2009, 3, 13)
Given = Callable[..., Desk]


def at(day: date, hour: int = 21) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def known(day: date, **row: object) -> dict[str, Any]:
    return {"known_at": at(day), "known_basis": "exact", **row}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path / "home", clock=lambda: PRESENT)
    yield made
    made.close()


@pytest.fixture
def given(store: Store) -> Iterator[Given]:
    """A desk over one share whose last close was 10.00 and whose listing ended the next day."""
    desks: list[Desk] = []
    number = store.identify(["us-equity:OLD"])["us-equity:OLD"]

    def make(**tables: list[dict[str, Any]]) -> Desk:
        naming = {"valid_from": date(2000, 1, 3), "ticker": "OLD", "name": "Old Mills", "market": "US EQUITY",
                  "asset_class": "equity", "exchange": "XNYS", "currency": "USD", "calendar": "XNYS",
                  "listing_date": date(2000, 1, 3)}  # fmt: skip
        bars = [
            known(day, session_date=day, open=close, high=close, low=close, close=close, volume=100)
            for day, close in ((date(2009, 3, 11), 8.0), (LAST, 10.0))
        ]
        end = known(ENDED, **naming) | {"delisting_date": ENDED}
        rows = {"securities": [known(date(2000, 1, 3), **naming), end], "bars": bars} | tables
        frames = {
            name: pl.DataFrame([{"security_id": number, **row} for row in each], infer_schema_length=None)
            for name, each in rows.items()
        }
        store.append(Batch("a test", "market", "1", frames))
        desks.append(Desk(store, "tester", clock=lambda: PRESENT))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


def told(page: Page) -> dict[str, Metric]:
    panel = page.panel("delisting")
    assert panel is not None
    assert isinstance(panel.figure, Metrics)
    return {item.label: item for item in panel.figure.items}


def listing(**more: object) -> dict[str, Any]:
    row = {"listing_date": date(2000, 1, 3), "exchange": "XNYS", "ticker": "OLD", "delisting_date": ENDED}
    return known(date(2009, 3, 20), **row) | more


def test_a_final_return_that_no_source_tells_is_a_blank_that_says_so(given: Given) -> None:
    page = given(listings=[listing()]).run("OLD")
    items = told(page)
    assert (items["listed"].value, items["delisted"].value) == (date(2000, 1, 3), ENDED)
    assert items["last traded close"].value == 10.0
    final = items["final return"]
    assert (final.value, final.blank, final.note) == (None, Blank.NEVER_EXISTED, "not told by any source")
    assert items["reason"].note == "not told by any source"
    assert "not told by any source" in encode(page, "text")


def test_a_told_final_return_stands_with_its_row_and_from_its_day_on(given: Given) -> None:
    ended = listing(delisting_reason="bankruptcy", final_return=-0.65, successor="us-equity:NEW")
    desk = given(listings=[ended])
    items = told(desk.run("OLD"))
    assert (items["final return"].value, items["reason"].value) == (-0.65, "bankruptcy")
    assert items["successor"].value == "us-equity:NEW"
    why = encode(desk.run('WHY "final return"'), "text")
    assert "listings.final_return" in why
    assert "after the last trade" in why
    desk.run("ASOF 2009-03-16")
    before = told(desk.run("OLD DES"))
    assert (before["final return"].value, before["reason"].value) == (None, None)
    desk.run("ASOF 2009-03-12")
    assert desk.run("OLD DES").panel("delisting") is None


def test_cash_paid_as_the_listing_ended_gives_an_estimate_that_says_what_it_is(given: Given) -> None:
    action = known(LAST, kind="dividend", ex_date=ENDED, amount=12.5, currency="USD")
    earlier = known(date(2009, 3, 1), kind="dividend", ex_date=LAST, amount=3.0, currency="USD")
    desk = given(actions=[action, earlier])
    page = desk.run("OLD")
    final = told(page)["final return"]
    assert final.value == pytest.approx(0.25)
    assert "12.5 / 10 - 1" in final.formula
    assert final.note.startswith("estimated")
    assert any("final return is estimated" in note.text for note in page.notes)


@pytest.mark.parametrize(
    "action",
    [
        known(LAST, kind="dividend", ex_date=ENDED, amount=12.5, currency="EUR"),
        known(date(2009, 3, 1), kind="dividend", ex_date=LAST, amount=3.0, currency="USD"),
        known(LAST, kind="dividend", ex_date=date(2011, 1, 3), amount=3.0, currency="USD"),
    ],
    ids=["another currency", "while it traded", "after the clock"],
)
def test_what_is_no_final_payment_gives_no_final_return(given: Given, action: dict[str, Any]) -> None:
    assert told(given(actions=[action]).run("OLD"))["final return"].value is None


def test_closes_that_end_long_before_the_delisting_tell_nothing(given: Given) -> None:
    late = date(2009, 9, 1)
    action = known(LAST, kind="dividend", ex_date=late, amount=12.5, currency="USD")
    items = told(given(listings=[listing(delisting_date=late)], actions=[action]).run("OLD"))
    assert (items["delisted"].value, items["final return"].value) == (late, None)


def test_a_file_of_ones_own_tells_reason_and_final_return(given: Given, store: Store, tmp_path: Path) -> None:
    desk = given()
    path = tmp_path / "gone.csv"
    path.write_text(
        "ticker,listing_date,exchange,delisting_date,delisting_reason,final_return,told\n"
        "OLD,2000-01-03,XNYS,2009-03-13,liquidation,-30.0,2009-04-01\n"
        "OLD,2000-01-04,XNYS,2009-03-13,liquidation,-130.0,2009-04-01\n"
    )
    spec = ImportSpec(
        "listings", "our desk", percent=("final_return",), known_at="told", zone="America/New_York"
    )
    file = open_file(path)
    calendars = StoreCalendars(store.reader(PRESENT).calendars.get)
    done = files.run(store, file, planned(spec, (), file), calendars, PRESENT)
    assert (done.rows, sum(done.aside.values())) == ({"listings": 1}, 1)
    assert any("all that was invested" in reason for reason in done.aside)
    items = told(desk.run("OLD"))
    assert (items["reason"].value, items["final return"].value) == ("liquidation", pytest.approx(-0.3))
    assert "as the imported file says" in items["final return"].note
    desk.run("ASOF 2009-03-20")
    assert told(desk.run("OLD DES"))["final return"].value is None


def test_what_traded_on_after_the_listing_is_not_its_last_close(given: Given) -> None:
    rows = [
        known(day, session_date=day, open=close, high=close, low=close, close=close, volume=100)
        for day, close in ((LAST, 10.0), (date(2009, 4, 1), 0.5))
    ]
    item = told(given(bars=rows).run("OLD"))["last traded close"]
    assert (item.value, item.note) == (10.0, str(LAST))


def merger(**more: object) -> dict[str, Any]:
    row = {"effective_date": ENDED, "successor_id": None, "successor": None, "exchange_ratio": None,
           "cash_per_share": None, "currency": "USD", "note": "stock and cash merger"}  # fmt: skip
    return known(LAST, **row) | more


def test_the_terms_of_a_merger_tell_what_holders_got(given: Given, store: Store) -> None:
    (buyer,) = store.identify(["us-equity:BUY"]).values()
    bar = known(
        LAST, security_id=buyer, session_date=LAST, open=80.0, high=80.0, low=80.0, close=80.0, volume=1
    )
    store.append(Batch("a test", "buyer", "1", {"bars": pl.DataFrame([bar])}))
    desk = given(mergers=[merger(successor_id=buyer, successor="BUY", exchange_ratio=0.1, cash_per_share=3.5)],
                 listings=[listing(final_return=0.3)])  # fmt: skip
    items = told(desk.run("OLD"))
    assert items["holders got"].value == "0.1 shares of BUY and 3.5 USD in cash"
    assert items["final return"].value == pytest.approx((0.1 * 80 + 3.5) / 10 - 1)
    assert "(0.1 x 80 + 3.5) / 10 - 1" in items["final return"].formula
    assert "mergers.exchange_ratio" in encode(desk.run('WHY "holders got"'), "text")
    page = encode(desk.run("OLD CACS"), "text")
    assert "0.1 shares of BUY and 3.5 USD in cash" in page
    assert "effective" in page
    desk.run("ASOF 2009-03-11")
    assert "shares of BUY" not in encode(desk.run("OLD CACS"), "text")


@pytest.mark.parametrize(
    ("terms", "got", "final"),
    [
        ({"cash_per_share": 12.0}, "12 USD in cash", 0.2),
        ({"cash_per_share": 0.0, "note": "removed as worthless"}, "nothing", -1.0),
        ({"successor": "BUY", "exchange_ratio": 0.5}, "0.5 shares of BUY", None),
        ({"cash_per_share": 12.0, "currency": "EUR"}, "12 EUR in cash", None),
    ],
)
def test_cash_alone_and_nothing_left_are_exact_and_what_nobody_knows_is_a_blank(
    given: Given, terms: dict[str, Any], got: str, final: float | None
) -> None:
    items = told(given(mergers=[merger(**terms)]).run("OLD"))
    assert (items["holders got"].value, items["final return"].value) == (got, pytest.approx(final))
