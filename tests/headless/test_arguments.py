"""The words after ``asof``: read in any order, and wrong ones told, whatever they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.arguments import parse_arguments
from terminal.exits import UsageError


def test_options_stand_anywhere() -> None:
    options = parse_arguments(["--asof=2008-09-15", "AAPL", "--json", "GP", "--out", "x.csv", "5Y"])
    assert options.line == "AAPL GP 5Y"
    assert (options.asof, options.chosen_format, options.out) == ("2008-09-15", "json", Path("x.csv"))
    assert options.headless


def test_small_run_and_store_are_verbs_and_tickers_go_in_capitals() -> None:
    assert parse_arguments(["run", "x.asof"]).verb == "run"
    assert parse_arguments(["store", "check"]).verb == "store"
    assert parse_arguments(["RUN", "GP"]).line == "RUN GP"
    assert parse_arguments(["run gp"]).line == "run gp"


@pytest.mark.parametrize(
    "words",
    [
        ["--asof", "1", "--asof", "2"], ["--width=5"], ["--width", "1e3"], ["--json=1"], ["--home"], ["--out="],
        ["run", "a", "b"], ["store", "check", "bars"], ["store", "where", "--panel=x"], ["--nope"],
    ],
)  # fmt: skip
def test_wrong_words(words: list[str]) -> None:
    with pytest.raises(UsageError):
        parse_arguments(words)


WORDS = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(
            [
                "--json",
                "--csv",
                "--asof",
                "--out",
                "--width",
                "--",
                "-h",
                "run",
                "store",
                "check",
                "--panel=x",
                "-5",
            ]
        ),
    ),
    max_size=8,
)


@given(WORDS)
def test_anything_is_read_or_told(words: list[str]) -> None:
    try:
        options = parse_arguments(words)
    except UsageError:
        return
    assert options.verb in ("line", "run", "store")
    assert options.chosen_format in ("json", "csv", "text")
