"""Looking securities up at a clock: tickers, former tickers, names, ties, and what is not known yet."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.securities import Directory, UnknownSecurity


def row(
    security_id: int, ticker: str, name: str, valid_from: str = "2000-01-03", market: str = "US EQUITY"
) -> dict:
    return {
        "security_id": security_id, "ticker": ticker, "name": name, "market": market, "asset_class": "equity",
        "valid_from": date.fromisoformat(valid_from), "currency": "USD", "exchange": "XNYS",
    }  # fmt: skip


ROWS = [
    row(1, "FB", "Facebook, Inc.", "2012-05-18"),
    row(1, "META", "Meta Platforms, Inc.", "2022-06-09"),
    row(2, "META", "Roundhill Ball Metaverse ETF", "2021-06-30"),
    row(2, "METV", "Roundhill Ball Metaverse ETF", "2022-01-31"),
    row(3, "W", "Wayfair Inc.", "2014-10-02"),
    row(4, "W", "Wheat front month", market="COMDTY"),
    row(5, "IBM", "International Business Machines Corporation"),
]


def at(day: str) -> Directory:
    return Directory(ROWS, date.fromisoformat(day))


def test_one_ticker_two_securities_over_time() -> None:
    """META was an exchange-traded fund before it was Facebook's new ticker."""
    assert at("2021-12-31").resolve("META").security.ref.security_id == 2
    assert at("2022-03-01").resolve("META").security.ref.security_id == 2  # its former ticker
    assert at("2022-06-09").resolve("META").security.ref.security_id == 1


def test_a_former_ticker_finds_its_security_and_says_so() -> None:
    found = at("2023-01-01").resolve("FB")
    assert found.security.ref.ticker == "META"
    assert "until 2022-06-09" in found.note
    assert not at("2022-06-08").resolve("FB").note


def test_a_later_naming_is_not_known() -> None:
    directory = at("2012-05-17")
    assert directory.by_id(1) is None
    with pytest.raises(UnknownSecurity):
        directory.resolve("FB")
    assert at("2013-01-01").search("META") == []


def test_a_tie_is_broken_by_the_market_and_only_needed_then() -> None:
    directory = at("2023-01-01")
    with pytest.raises(UnknownSecurity) as fault:
        directory.resolve("W")
    assert {ref.market for ref in fault.value.ties} == {"US EQUITY", "COMDTY"}
    assert directory.resolve("W", "COMDTY").security.ref.security_id == 4
    assert directory.resolve("W", "EQUITY").security.ref.security_id == 3
    assert not directory.unambiguous("W")
    assert directory.unambiguous("IBM")


def test_names_are_found_by_any_of_their_words() -> None:
    directory = at("2023-01-01")
    assert [r.ticker for r in directory.search("inter")] == ["IBM"]
    assert [r.ticker for r in directory.search("business mach")] == ["IBM"]
    assert directory.resolve("international business", quoted=True).security.ref.ticker == "IBM"
    assert directory.search("") != []


def test_what_is_unknown_offers_what_comes_near() -> None:
    with pytest.raises(UnknownSecurity) as fault:
        at("2023-01-01").resolve("IBMM")
    assert [ref.ticker for ref in fault.value.near] == ["IBM"]


def test_a_bare_word_is_never_the_beginning_of_a_name() -> None:
    """GEN (Gen Digital) is not General Electric because the store happens to hold only the latter."""
    directory = at("2023-01-01")
    for word in ("INTER", "International", "Way", "Meta Platforms, Inc."):
        with pytest.raises(UnknownSecurity, match="not the ticker"):
            directory.resolve(word)
        assert not directory.knows(word)
        assert directory.knows(word, quoted=True)
    with pytest.raises(UnknownSecurity) as fault:
        directory.resolve("INTER")
    assert [ref.ticker for ref in fault.value.near] == ["IBM"]


def test_a_quoted_name_may_be_begun_and_a_whole_one_wins() -> None:
    directory = Directory(
        [row(1, "A", "Acme"), row(2, "B", "Acme Holdings"), row(3, "C", "Bolt Inc."), row(4, "D", "Bolt SA")],
        date(2023, 1, 1),
    )
    assert directory.resolve("acme", quoted=True).security.ref.ticker == "A"
    assert directory.resolve("acme h", quoted=True).security.ref.ticker == "B"
    with pytest.raises(UnknownSecurity, match="begins the names of several") as fault:
        directory.resolve("bolt", quoted=True)
    assert [ref.ticker for ref in fault.value.ties] == ["C", "D"]
    with pytest.raises(UnknownSecurity, match="neither the ticker"):
        directory.resolve("bo", quoted=True)


def test_the_wrong_market_offers_the_right_one() -> None:
    with pytest.raises(UnknownSecurity, match="IBM US EQUITY is no INDEX") as fault:
        at("2023-01-01").resolve("IBM", "INDEX")
    assert [ref.label for ref in fault.value.near] == ["IBM US EQUITY"]


def test_a_ticker_that_a_delisting_set_free_is_its_new_holders() -> None:
    old = row(1, "GM", "General Motors Corporation") | {"delisting_date": date(2009, 6, 1)}
    rows = [old, row(2, "GM", "General Motors Company", "2010-11-18")]
    assert Directory(rows, date(2009, 1, 2)).resolve("GM").security.ref.security_id == 1
    assert Directory(rows, date(2010, 1, 4)).resolve("GM").security.ref.security_id == 1
    both = Directory(rows, date(2011, 1, 3))
    assert both.resolve("GM").security.ref.security_id == 2
    assert both.unambiguous("GM")


def test_of_two_former_holders_the_last_is_found_and_the_other_named() -> None:
    rows = [row(1, "X", "First"), row(1, "Y", "First", "2005-01-03"),
            row(2, "X", "Second", "2006-01-03"), row(2, "Z", "Second", "2010-01-04")]  # fmt: skip
    found = Directory(rows, date(2012, 1, 3)).resolve("X")
    assert found.security.ref.security_id == 2
    assert "Before, it was the ticker of First." in found.note


@given(st.text(max_size=20), st.text(max_size=12))
def test_no_text_breaks_the_directory(text: str, market: str) -> None:
    directory = at("2023-01-01")
    directory.search(text)
    directory.knows(text, market)
    try:
        found = directory.resolve(text, market, quoted=len(market) % 2 == 1)
    except UnknownSecurity:
        return
    assert found.security.ref.security_id in {1, 2, 3, 4, 5}
