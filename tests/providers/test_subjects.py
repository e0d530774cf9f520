"""Words that name the same thing wherever they are typed, whether a store knows it yet or not."""

from __future__ import annotations

import pytest

from providers.backfill_plan import tasks_for
from providers.sources import sources
from providers.subjects import stranger, well_known


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
