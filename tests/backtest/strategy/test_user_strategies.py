"""Strategies in Python: what they see, what they may answer, how they are read, and how a cheat is caught."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from engine.backtest.market import Floats
from engine.backtest.strategy import (
    DayView,
    HistoryView,
    LookAheadError,
    Strategy,
    StrategyError,
    VectorStrategy,
    days,
    decisions,
    listed,
    load,
    prove_causal,
)
from tests.backtest.rules.markets import of_closes, random

NAN = float("nan")


class Momentum:
    """The best of the last sessions; what it learns it keeps."""

    def __init__(self, sessions: int = 20) -> None:
        self.sessions, self.seen = sessions, 0

    def decide(self, day: DayView) -> Mapping[str, float] | None:
        self.seen += 1
        if self.seen <= self.sessions:
            return None
        gains = day.close[-1] / day.close[-1 - self.sessions]
        return {day.symbols[int(np.nanargmax(gains))]: 1.0} if np.isfinite(gains).any() else {}


class Trend:
    def signals(self, view: HistoryView) -> Floats:
        mean = np.cumsum(np.nan_to_num(view.close), axis=0) / np.arange(1, len(view.dates) + 1)[:, None]
        return np.where(view.close > mean, 0.25, 0.0)


class Tomorrow:
    """Buys what will rise."""

    def signals(self, view: HistoryView) -> Floats:
        rises = np.zeros(view.close.shape)
        rises[:-1] = view.close[1:] > view.close[:-1]
        return rises


class WholeSample:
    """Scores by the mean and deviation of all sessions, later ones too."""

    def signals(self, view: HistoryView) -> Floats:
        filled = np.nan_to_num(view.close)
        return (filled - filled.mean(axis=0)) / (1.0 + filled.std(axis=0))


class LastSession:
    """Knows how long the sample is, and is out before its end."""

    def signals(self, view: HistoryView) -> Floats:
        wanted = np.ones(view.close.shape)
        wanted[-30:] = 0.0
        return wanted


class Winners:
    """Holds from the start what has risen in the end."""

    def signals(self, view: HistoryView) -> Floats:
        return np.broadcast_to(np.nan_to_num(view.total).max(axis=0) > 110.0, view.close.shape).astype(float)


def test_a_day_holds_nothing_later() -> None:
    market = random(30, 3)
    for row, day in enumerate(days(market, {"score": np.ones((30, 3))})):
        assert day.date == market.dates[row]
        assert len(day.dates) == row + 1
        for values in (*day.prices.values(), *day.traded.values(), *day.panels.values(), day.total):
            assert values.shape == (row + 1, 3)
            base = values
            while isinstance(base.base, np.ndarray):
                base = base.base
            assert np.isnan(base[row + 1 :]).all(), "not even beneath the view"
            with pytest.raises(ValueError, match="read-only"):
                values[0, 0] = 1.0
        with pytest.raises(LookAheadError, match="nothing of it is known yet"):
            day.row(market.dates[row] + 1)
        with pytest.raises(TypeError):
            day.prices["close"] = np.ones(1)  # type: ignore[index]
    np.testing.assert_array_equal(day.traded["close"], market.close)
    np.testing.assert_array_equal(day.close, market.signal_prices()["close"])


def test_what_a_view_is_asked() -> None:
    market = of_closes([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    *_, day = days(market)
    assert day.of("B").tolist() == [2.0, 4.0, 6.0]
    assert day.row(market.dates[1]) == 1
    assert day.row("2020-01-02") == 1
    with pytest.raises(StrategyError, match="none of the symbols"):
        day.of("Z")
    with pytest.raises(StrategyError, match="Prices are"):
        day.of("A", "vwap")
    with pytest.raises(StrategyError, match="before it"):
        day.row("1999-01-01")


def test_answers_become_targets() -> None:
    market = of_closes([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])

    class Scripted:
        def decide(self, day: DayView) -> Mapping[str, float] | None:
            return [{"A": 1}, None, {"A": NAN, "B": -0.5}, {}][len(day.dates) - 1]

    done: list[tuple[int, int]] = []
    found = decisions(Scripted(), market, told=lambda now, of: done.append((now, of)))
    np.testing.assert_array_equal(found.target, [[1.0, 0.0], [NAN, NAN], [NAN, -0.5], [0.0, 0.0]])
    assert done[-1] == (4, 4)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ([1.0], "answered list"),
        ({"Z": 1.0}, "no symbol of this run"),
        ({"AA": 1.0}, "Nearest: A"),
        ({"A": "1"}, "a number is needed"),
        ({"A": float("inf")}, "a number is needed"),
        ({"A": None}, "a number is needed"),
    ],
)
def test_answers_that_are_none_are_refused(answer: object, says: str) -> None:
    class Odd:
        def decide(self, day: DayView) -> object:
            return answer

    with pytest.raises(StrategyError, match=says):
        decisions(Odd(), of_closes([[1.0], [2.0]]))  # type: ignore[arg-type]


def test_failures_say_when_and_where() -> None:
    class Failing:
        def decide(self, day: DayView) -> Mapping[str, float]:
            return {"A": 1 / (2 - len(day.dates))}

    class Short:
        def signals(self, view: HistoryView) -> Floats:
            return view.close[1:]

    class Peeking:
        def decide(self, day: DayView) -> Mapping[str, float]:
            return {"A": day.close[day.row("2030-01-01"), 0]}

    market = of_closes([[1.0], [2.0]])
    with pytest.raises(StrategyError, match=r"decide on 2020-01-02 failed \(line \d+ of .*ZeroDivisionError"):
        decisions(Failing(), market)
    with pytest.raises(StrategyError, match=r"shape \(1, 1\)"):
        decisions(Short(), market)
    with pytest.raises(LookAheadError, match=r"Peeking.decide on 2020-01-01: 2030-01-01 is later"):
        decisions(Peeking(), market)
    with pytest.raises(StrategyError, match="neither decide"):
        decisions(object(), market)  # type: ignore[arg-type]


# the proof --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", [Momentum(), Trend()])
def test_honest_strategies_pass(strategy: Strategy | VectorStrategy) -> None:
    market = random(200, 3)
    assert np.nansum(np.abs(decisions(strategy, market).target)) > 0
    if isinstance(strategy, Momentum):
        strategy.seen = 0
    assert prove_causal(strategy, market, cuts=6, seed=1) == ()
    assert not isinstance(strategy, Momentum) or strategy.seen == 0, "copies are asked, not it"


@pytest.mark.parametrize("strategy", [Tomorrow(), WholeSample(), LastSession(), Winners()])
def test_cheats_are_caught(strategy: VectorStrategy) -> None:
    market = random(200, 3)
    found = prove_causal(strategy, market, cuts=6, seed=1)
    assert found
    assert all(each.date <= each.known for each in found)
    assert "it looks ahead" in str(found[0])
    assert prove_causal(strategy, market, cuts=6, seed=1) == found, "the same seed, the same proof"


def test_a_future_that_a_strategy_brings_along_is_beyond_the_proof() -> None:
    market = random(120, 3)

    class Smuggler:
        """Has its prices from elsewhere: a file, or whoever else knows them."""

        def __init__(self, closes: list[Floats]) -> None:
            self.closes = closes

        def decide(self, day: DayView) -> Mapping[str, float]:
            everything = self.closes[0]
            row = min(len(day.dates), len(everything) - 1)
            return {"A": float(np.nan_to_num(everything[row, 0]) - np.nan_to_num(day.traded["close"][-1, 0]))}

    # what is altered is not what it reads: prove_causal says that it does not see this
    assert prove_causal(Smuggler([market.close]), market, cuts=4) == ()


def test_panels_are_altered_too() -> None:
    market = random(100, 3)
    scores = np.random.default_rng(2).normal(0.0, 1.0, market.close.shape)

    class Ahead:
        def signals(self, view: HistoryView) -> Floats:
            return np.roll(view.panels["score"], -1, axis=0)

    assert prove_causal(Ahead(), market, cuts=4, panels={"score": scores})


def test_what_answers_by_chance_proves_nothing() -> None:
    rng = np.random.default_rng()

    class Chance:
        def signals(self, view: HistoryView) -> Floats:
            return rng.normal(0.0, 1.0, view.close.shape)

    class Uncopied:
        def __init__(self) -> None:
            self.lines = (line for line in ())

        def decide(self, day: DayView) -> None:
            return None

    with pytest.raises(StrategyError, match="differently on the same data"):
        prove_causal(Chance(), random(50, 3))
    with pytest.raises(StrategyError, match="cannot be copied"):
        prove_causal(Uncopied(), random(50, 3))


# files ------------------------------------------------------------------------------------------------------

GOOD = '''"""A file of the user's."""
from dataclasses import dataclass

class _Helper:
    def decide(self, day): return {}

@dataclass
class Half:
    """Half of everything."""
    weight: float = 0.5

    def decide(self, day):
        return {symbol: self.weight for symbol in day.symbols}
'''


def test_a_file_is_read_and_made(tmp_path: Path) -> None:
    (tmp_path / "half.py").write_text(GOOD)
    (tmp_path / "_private.py").write_text("raise SystemExit")
    (tmp_path / "broken.py").write_text("raise RuntimeError('must not run')")
    assert listed(tmp_path) == ("broken", "half")
    found = load(tmp_path, "half", {"weight": 0.25})
    assert decisions(found.strategy, of_closes([[1.0, 2.0]])).target.tolist() == [[0.25, 0.25]]
    assert found.about == "Half of everything."
    assert len(found.digest) == 64
    assert sorted(each.name for each in tmp_path.iterdir()) == ["_private.py", "broken.py", "half.py"], (
        "nothing is left"
    )
    (tmp_path / "half.py").write_text(GOOD.replace("0.5", "0.9"))
    again = load(tmp_path, "half")
    assert decisions(again.strategy, of_closes([[1.0]])).target.tolist() == [[0.9]]
    assert again.digest != found.digest
    assert prove_causal(again.strategy, random(40, 3), cuts=2) == ()


@pytest.mark.parametrize(
    ("source", "parameters", "says"),
    [
        ("def f(:\n", {}, "no Python at line 1"),
        ("x = 1\n\ny = 1 / 0\n", {}, "at line 3: ZeroDivisionError"),
        ("import sys\nsys.exit(3)\n", {}, "SystemExit"),
        ("x = 1\n", {}, "no class"),
        ("class A:\n  def decide(self, day): ...\nclass B(A): ...\n", {}, r"several classes \(A, B\)"),
        (GOOD, {"wieght": 1}, "no parameter wieght: it takes weight"),
        ("class A:\n  def __init__(self, n): ...\n  def decide(self, day): ...\n", {}, "needs n"),
        (
            "class A:\n  def __init__(self): raise OSError('no')\n  def decide(self, day): ...\n",
            {},
            "could not be made",
        ),
        ("\x00", {}, "null bytes"),
        ("# coding: nonsense\n", {}, "encoding"),
    ],
)
def test_what_is_wrong_with_a_file_is_a_sentence(
    source: str, parameters: dict[str, object], says: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(source)
    with pytest.raises(StrategyError, match=says):
        load(tmp_path, "mine", parameters)


@pytest.mark.parametrize("name", ["../mine", "mine.py", "/etc/passwd", "", "min", "a b"])
def test_only_names_of_the_folder_are_files(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (tmp_path / "mine.py").write_text(GOOD)
    (folder / "mine.py").write_text(GOOD)
    with pytest.raises(StrategyError, match="No strategy is called"):
        load(folder, name)
    assert listed(tmp_path / "nowhere") == ()
