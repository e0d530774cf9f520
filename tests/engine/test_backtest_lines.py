"""Lines that cannot be run say which word is at fault: an unknown option, a clause, a value in braces."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.desk import Desk
from engine.errors import CommandError
from tests.runs.sweeping import PRESENT, made_store


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    home: Path = tmp_path_factory.mktemp("lines") / "home"
    return Desk(made_store(home)[0], "tester", clock=lambda: PRESENT)


@pytest.mark.parametrize(
    ("line", "word", "says"),
    [
        ("BACKTEST AAA 50SMA.200EMA COMMISSION=3", "COMMISSION=3", "COST=, PERSHARE=, MINIMUM="),
        ("BACKTEST AAA COMISSION=3 50SMA.200EMA", "COMISSION=3", "BACKTEST takes COST="),
        ("BACKTEST AAA 50SMA.200EMA; stop 5% KAPITAL=5; size equal", "KAPITAL=5", "it takes CAPITAL="),
        ("BACKTEST AAA long when rsi(14) < 30 COMISSION=3; stop 5%", "COMISSION=3", "COST="),
        ("SWEEP AAA {20,50}SMA.200EMA COMMISSION=3", "COMMISSION=3", "SWEEP does not take"),
        ("BACKTEST AAA 50SMA.200EMA COST=3; stap 5%", "stap", "A clause begins with"),
        ("BACKTEST AAA 50SMA.200EMA stop 5%", "stop", "parted from a short form by ;"),
        ("BACKTEST AAA 50SMA; stop 5%", "50SMA", "50SMA alone is no rule"),
        ("SWEEP AAA long when  rsi({1,0}) < {20,30}", "1", "RSI takes timeperiod"),
        ("SWEEP AAA {20,50}SMA.200EMA; stop {200..300/50}%", "200..300/50}%", "share of the price"),
        ("SWEEP AAA 50SMA.{100,200}EMMA", "EMMA", "EMMA is no indicator"),
    ],
)
def test_the_word_at_fault_is_pointed_at(desk: Desk, line: str, word: str, says: str) -> None:
    with pytest.raises(CommandError) as fault:
        desk.run(line)
    found = fault.value
    assert says in found.message
    assert found.line[found.start : found.end].endswith(word)


def test_clauses_and_options_of_a_line_are_the_run_written_out(desk: Desk) -> None:
    years = "2018-01-02 2019-06-28"
    one = desk.run(f"BACKTEST AAA 3SMA.20EMA CAPITAL=5000; stop 5% {years} TRIALS=1")
    other = desk.run(
        "BACKTEST AAA long when sma(3) > ema(20); exit when not sma(3) > ema(20); stop 5% CAPITAL=5000 "
        f"{years} TRIALS=1"
    )
    panels = [each.panel("headline") for each in (one, other)]
    assert all(panels)
    assert panels[0] == panels[1]
