"""Words that name the same thing wherever they are typed, whether a store knows it yet or not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from providers.backfill_plan import tasks_for
from providers.sources import sources
from providers.subjects import stranger, subject_of, well_known
from store import Batch, open_store
from tests.providers.sources.loopback import Asked, Said, serving
from tests.providers.vendor import router, vendor


@pytest.mark.parametrize(
    ("word", "identity", "kind"),
    [
        ("UST", "curve:UST", "government"),
        ("mktrf", "factor:MKTRF", "factor"),
        ("EURUSD", "fx:EURUSD", "currency"),
        ("usdjpy", "fx:USDJPY", "currency"),
        ("XAUUSD", "fx:XAUUSD", "commodity"),
        ("BTCUSD", "crypto:BTCUSD", "crypto"),
        ("ETHUSDT", "crypto:ETHUSDT", "crypto"),
    ],
)
def test_well_known_words(word: str, identity: str, kind: str) -> None:
    subject = well_known(word)
    assert subject is not None
    assert (subject.identity, subject.asset_class, subject.ticker) == (identity, kind, word.upper())
    assert stranger(word) == subject


@pytest.mark.parametrize("word", ["AAPL", "GOOGLE", "EUREUR", "USD", "BTC", "CAT", "MOMO", "EURXYZ"])
def test_other_words_are_tickers(word: str) -> None:
    assert well_known(word) is None
    assert stranger(word).identity == f"us-equity:{word}"


def test_each_class_is_asked_for_its_own_history_and_somebody_has_it() -> None:
    words = ("UST", "SMB", "EURUSD", "XAUUSD", "BTCUSD", "NVDA")
    tasks = tasks_for([stranger(word) for word in words], ("bars",), None, None)
    assert [task.dataset for task in tasks] == ["curve", "factors", "bars", "bars", "bars", "bars"]
    for task in tasks:
        assert any(s.info.serves(task.dataset, task.subject.asset_class) for s in sources().values()), task


def test_who_left_the_market_is_not_asked_about_by_todays_ticker(tmp_path: Path) -> None:
    """DELL of 2013 and DELL of today are two; a ticker answers for whoever bears it now."""
    store = open_store(tmp_path / "home")
    number = store.identify(["us-equity:DELL-2013"])["us-equity:DELL-2013"]
    names = pl.DataFrame(
        {
            "security_id": [number], "valid_from": [date(1990, 1, 2)], "ticker": ["DELL"], "name": ["Dell Inc."],
            "market": ["US EQUITY"], "asset_class": ["equity"], "calendar": ["XNYS"],
            "known_at": [datetime(1990, 1, 2, 15, tzinfo=UTC)],
        }
    )  # fmt: skip
    store.append(Batch("a test", "names", "1", {"securities": names}, basis="exact"))
    now = datetime(2026, 11, 20, 22, tzinfo=UTC)
    subject = subject_of(store, number, now)
    assert subject is not None
    assert (subject.ticker, subject.last_day) == ("DELL", date(2013, 12, 31))
    asked: list[Asked] = []

    def market(question: Asked) -> Said:
        asked.append(question)
        return Said(b'{"rows": [["2013-10-28", 13.8]]}')

    with serving(market) as server:
        asking = router(store, {"first": server.url}, vendor(), now=now)
        bars = asking.ensure("bars", subject, date(2013, 1, 2), date(2026, 11, 20))
        facts = asking.ensure("facts", subject)
    assert bars.rows == 1
    assert [question.query["to"] for question in asked] == ["2013-12-31"]
    assert not facts.rows
    assert "another's" in facts.failures[0].message
    store.close()
