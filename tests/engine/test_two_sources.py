"""Two real sources in a row, the first under every fault: the page shows the second's rows and says why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engine.desk import Desk
from engine.errors import DataError
from engine.page import Page
from providers.breaker import Breaker
from providers.choices import Choices
from providers.http import Client
from providers.router import Router
from providers.source import SourceInfo
from providers.sources import sources
from store import Batch, Store, open_store
from store.vintages import spans_of
from tests.providers.net.raw import closed_port
from tests.providers.sources.faulty import FAULTS, HTML, PATIENCE, Fault
from tests.providers.sources.loopback import Behaviour, Said, serving
from tests.providers.sources.routed import AGENT, Bounded, contents, fetches, sound
from tests.providers.sources.samples import alpaca, massive

FIRST, SECOND = massive.SAMPLES[0], alpaca.SAMPLES[0]  # bars of one share on the same three days
NOW = FIRST.now
FAILING = [fault for fault in FAULTS if fault.rows == "no answer" and fault.fits(FIRST)]


class Keys:
    """Each sample's own."""

    def secrets(self, info: SourceInfo) -> Mapping[str, str]:
        return {sample.source: sample.secrets for sample in (FIRST, SECOND)}[info.name]

    def origin(self, info: SourceInfo) -> str:
        return "keyring" if self.secrets(info) else ""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that knows the share and nothing of its prices."""
    store = open_store(tmp_path / "home", clock=lambda: NOW)
    number = store.identify(["us-equity:ZZZ"])["us-equity:ZZZ"]
    name = {
        "security_id": number, "valid_from": date(2026, 1, 2), "ticker": "ZZZ", "name": "Zzz Corp.",
        "market": "US EQUITY", "asset_class": "equity", "exchange": "XNAS", "currency": "USD", "calendar": "XNYS",
        "identity": "us-equity:ZZZ", "known_at": NOW.replace(month=1), "known_basis": "exact",
    }  # fmt: skip
    store.append(Batch("test", "names", "1", {"securities": pl.DataFrame([name])}))
    return store


def page_of(store: Store, first: Behaviour | None, fault: str = "", second: Behaviour | None = None) -> Page:
    """ZZZ HP where the first source behaves so and the second answers; None: it cannot be reached."""
    with ExitStack() as open_now:
        urls = {
            sample.source: open_now.enter_context(serving(behaviour)).url
            for sample, behaviour in ((FIRST, first), (SECOND, second or sound(SECOND)))
            if behaviour is not None
        }
        urls.setdefault(FIRST.source, f"http://127.0.0.1:{closed_port()}")
        known = {name: Bounded(sources()[name]) for name in (FIRST.source, SECOND.source)}
        seconds = 0.1 if fault == "silence in the body" else 5.0
        client = open_now.enter_context(
            Client(user_agent=AGENT, patience=PATIENCE, connect_seconds=2.0, read_seconds=seconds)
        )
        router = Router(
            store, client=client, keys=Keys(),  # type: ignore[arg-type]
            choices=Choices(order=(FIRST.source, SECOND.source)), clock=lambda: NOW, breaker=Breaker(longest=0.0),
            base_urls={name: dict.fromkeys(known[name].info.base_urls, url) for name, url in urls.items()},
            sources=lambda: known, ready=lambda info: "",
        )  # fmt: skip
        desk = Desk(store, "tester", clock=lambda: NOW, router=router)
        try:
            return desk.run("ZZZ HP 2026-11-16 2026-11-18")
        finally:
            desk.close()


@pytest.mark.parametrize("fault", FAILING, ids=lambda fault: fault.name)
def test_the_second_answers_where_the_first_fails(fault: Fault, store: Store) -> None:
    refused = fault.name == "refused connection"
    page = page_of(store, None if refused else fault.apply(FIRST, sound(FIRST)), fault.name)

    lines = [line.facts for line in fetches(store)]
    assert [(line["source"], line["fallback"]) for line in lines] == [
        (FIRST.source, False),
        (SECOND.source, True),
    ]
    assert lines[0]["outcome"] in {kind.value for kind in fault.kinds}
    assert (lines[1]["outcome"], lines[1]["rows"]) == ("answered", 3)

    (told,) = [note for note in page.notes if "answered by" in note.text]
    assert re.fullmatch(r"ZZZ: .*Massive.*; answered by alpaca\.", told.text, re.DOTALL)
    assert told.text.startswith(f"ZZZ: {str(lines[0]['why']).rstrip('.')}")
    assert told.passing
    assert page.lineage is not None
    assert {name for read in page.lineage.reads if read.table == "bars" for name in read.sources} == {
        "alpaca"
    }

    number = store.identify(["us-equity:ZZZ"])["us-equity:ZZZ"]
    spans = spans_of(store.reader(NOW), "bars", number)
    assert [span[:3] for span in spans] == [(SECOND.source, date(2026, 11, 16), date(2026, 11, 18))]
    assert len(contents(store)["bars"]) == 3
    assert store.verify_audit() == []
    assert store.check() == []


def test_what_both_say_is_one_series_of_the_first(store: Store) -> None:
    page = page_of(store, sound(FIRST))
    assert [line.facts["source"] for line in fetches(store)] == [FIRST.source]
    assert not [note for note in page.notes if "answered by" in note.text]


def test_where_both_fail_the_error_tells_of_both(store: Store) -> None:
    with pytest.raises(DataError) as told:
        page_of(store, lambda asked: Said(b"oops", 500), second=lambda asked: HTML)
    assert "Massive" in str(told.value)
    assert "Alpaca" in str(told.value)
    assert not store.snapshot() > 1
