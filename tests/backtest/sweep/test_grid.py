"""Braces read as a grid: lists, ranges, names, and what is refused where."""

from __future__ import annotations

import pytest

from engine.backtest.sweep import GridError, read_grid


def test_points_count_with_the_last_parameter_fastest() -> None:
    grid = read_grid("{20,50,100}SMA.{100..300/100}EMA")
    assert [(each.name, each.values) for each in grid.dimensions] == [
        ("SMA", ("20", "50", "100")),
        ("EMA", ("100", "200", "300")),
    ]
    assert len(grid) == 9
    assert [grid.text(point) for point in (0, 1, 3, 8)] == [
        "20SMA.100EMA", "20SMA.200EMA", "50SMA.100EMA", "100SMA.300EMA",
    ]  # fmt: skip
    assert grid.place(5) == (1, 2)


def test_names_come_from_the_words_beside() -> None:
    grid = read_grid("long when rsi({7..21/7}) < {20,30} and macd({8,12},{20,26}).macd > 0; hold {5,10}")
    assert [each.name for each in grid.dimensions] == ["rsi", "rsi <", "macd", "macd 2", "hold"]
    legs = read_grid("sell put delta {0.1,0.2} expiry {30,45}; close at {50,75}% profit")
    assert [each.name for each in legs.dimensions] == ["delta", "expiry", "profit"]
    assert [each.name for each in read_grid("sessions={60,120},names={1,2}").dimensions] == [
        "sessions",
        "names",
    ]
    assert [each.name for each in read_grid("{5,10}SMA.{20,50}SMA").dimensions] == ["SMA", "SMA 2"]


def test_a_named_parameter_takes_one_value_everywhere() -> None:
    grid = read_grid("long when close > sma({n:20,50}); exit when close < sma({n}); stop {5%..10%/2.5%}")
    assert grid.shape == (2, 3)
    assert grid.text(5) == "long when close > sma(50); exit when close < sma(50); stop 10.0%"


def test_steps_are_exact_decimals() -> None:
    assert read_grid("{0.1..0.5/0.1}SMA.5SMA").dimensions[0].values == ("0.1", "0.2", "0.3", "0.4", "0.5")
    assert read_grid("{1,3..9/3,20}SMA.5SMA").dimensions[0].values == ("1", "3", "6", "9", "20")
    assert read_grid("{2..4}SMA.9SMA").dimensions[0].values == ("2", "3", "4")
    assert read_grid("{1..6/2}SMA.9SMA").dimensions[0].values == ("1", "3", "5")


@pytest.mark.parametrize(
    ("text", "words", "place"),
    [
        ("50SMA.200EMA", "nothing to sweep", (0, 12)),
        ("{20,50SMA.200EMA", "closed by one", (0, 1)),
        ("{20,,50}SMA.200EMA", "missing between", (4, 5)),
        ("{50..20}SMA.200EMA", "counts upwards", (1, 7)),
        ("{20,10..5/0}SMA.9SMA", "counts upwards", (4, 11)),
        ("{a..b}SMA.200EMA", "from a number to a number", (1, 5)),
        ("{1..}SMA.200EMA", "does not count", (1, 4)),
        ("{1..1e9}SMA.200EMA", "larger step", (1, 7)),
        ("{5,7,5}SMA.200EMA", "stands there twice", (5, 6)),
        ("{n:1,2}SMA.{n:3,4}EMA", "given values twice", (11, 18)),
    ],
)
def test_what_is_no_grid_says_where(text: str, words: str, place: tuple[int, int]) -> None:
    with pytest.raises(GridError, match=words) as found:
        read_grid(text)
    assert (found.value.start, found.value.end) == place


@pytest.mark.parametrize(
    ("text", "point", "word", "stands"),
    [
        ("long when rsi({0,1}) < 30", 0, "0", (15, 16)),
        ("long when rsi({ 0 , 1}) < 30", 1, "1", (20, 21)),
        ("{20,50}SMA.{5..15/5}EMMA", 0, "EMMA", (20, 24)),  # between and behind braces
        ("{20,50}SMA.{5..15/5}EMMA", 1, "10", (12, 19)),  # of a range all of it
        ("sma({n:5,7}) > ema({n})", 1, "7", (9, 10)),
    ],
)
def test_a_word_of_a_point_is_found_in_what_was_typed(
    text: str, point: int, word: str, stands: tuple[int, int]
) -> None:
    grid = read_grid(text)
    at = grid.text(point).index(word)
    assert grid.origin(text, point, at, at + len(word)) == stands
