"""Runs of rules and of code: where the account begins, at which prices it trades, what it is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.backtest.inputs import Code, Inputs, RunSpec
from engine.backtest.result import Costs, Result, Terms
from engine.backtest.run import run
from engine.backtest.strategy import StrategyError, altered
from tests.backtest.rules.markets import random as random_market
from tests.backtest.sim.markets import market

ROWS = 12
CLOSE = np.array([10, 11, 12, 13, 12, 11, 10, 11, 12, 13, 14, 15], dtype=float)
RISING = "long when close > close[1]; size weight(100%)"
PLAIN = Terms(1_000.0)


def bars() -> Inputs:
    return Inputs(market(ROWS, close=CLOSE, open=CLOSE - 0.5, high=CLOSE + 1, low=CLOSE - 1))


def filled(result: Result) -> list[tuple[int, float, float]]:
    rows = {date: row for row, date in enumerate(result.dates.tolist())}
    return [(rows[each.entry_date.item()], each.entry_price, each.exit_price) for each in result.trades]


@pytest.mark.parametrize(
    ("fill", "first", "last"),
    # closes rise on rows 1-3: bought on row 2, sold on row 5 (the fall of row 4 is known after it)
    [
        ("open", 11.5, 10.5),
        ("vwap", (11.5 + 13 + 11 + 12) / 4, (10.5 + 12 + 10 + 11) / 4),
        ("close", 12.0, 11.0),
    ],
)
def test_fills_are_of_the_next_session(fill: str, first: float, last: float) -> None:
    found = run(bars(), RunSpec(RISING, terms=PLAIN, fill=fill)).result  # type: ignore[arg-type]
    assert filled(found)[0] == (2, first, last)
    shares = 1_000 // first
    assert found.equity[2] == pytest.approx(1_000 + shares * (12 - first))
    assert found.equity[5] == pytest.approx(1_000 + shares * (last - first))


def test_an_account_begins_where_it_is_told_to() -> None:
    """Row 3 is the first: its condition holds, so it is bought at the open of row 4 (11.5) and sold at that of 5."""
    found = run(replace(bars(), begin=3), RunSpec(RISING, terms=PLAIN)).result
    assert found.dates.tolist() == bars().market.dates[3:].tolist()
    assert found.equity[0] == 1_000.0
    assert filled(found)[0] == (1, 11.5, 10.5)


def test_warm_up_gives_what_a_longer_run_knows() -> None:
    """Of a condition without memory the account that begins later holds what the longer one holds."""
    given = Inputs(random_market(300))
    spec = RunSpec("long when sma(close, 5) > sma(close, 20); size weight(20%)", terms=Terms(1e6, True))
    long, late = run(given, spec).result, run(replace(given, begin=100), spec).result
    assert np.array_equal(long.weights[102:] != 0, late.weights[2:] != 0)


@pytest.mark.parametrize("stop", ["", "; stop 50%"])
def test_terms_that_never_bind_change_nothing(stop: str) -> None:
    given = Inputs(random_market(200), begin=50)
    text = f"long top 2 by mom(20); short bottom 1 by mom(20); rebalance weekly; size weight(20%){stop}"
    plain = RunSpec(text, terms=Terms(1e6))
    bound = replace(plain, costs=Costs(participation=1.0), terms=Terms(1e6, False, 0.3, 0.1))
    one, two = run(given, plain), run(given, bound)
    assert (one.path, two.path) == ("fast", "fast")
    assert one.result.equity.tobytes() == two.result.equity.tobytes()
    assert not any(event.kind in ("margin", "margin call", "partial") for event in two.result.events)


def test_an_account_a_symbol_is_all_in_it() -> None:
    given = Inputs(random_market(200, gaps=False))
    found = run(given, RunSpec("5SMA.20SMA", terms=Terms(1e5, True), accounts=True)).result
    assert found.accounts is not None
    for column, symbol in enumerate(given.market.symbols):
        part = {name: getattr(given.market, name)[:, [column]] for name in
                ("open", "high", "low", "close", "volume", "split", "dividend", "pay")}  # fmt: skip
        ends = {name: getattr(given.market, name)[[column]] for name in ("ids", "last", "final_return")}
        alone = run(
            Inputs(replace(given.market, symbols=(symbol,), **part, **ends)),
            RunSpec("5SMA.20SMA", terms=Terms(1e5, True)),
        )
        np.testing.assert_allclose(found.accounts[:, column], alone.result.equity, atol=0.01)


SOURCE = """
class Few:
    def __init__(self, names=2, share=0.4):
        self.names, self.share = names, share

    def decide(self, day):
        if len(day.close) == 2:
            return {symbol: self.share for symbol in day.symbols[: self.names]}
"""


def test_code_runs_from_its_source_with_typed_parameters() -> None:
    given = Inputs(market(6, 3, close=np.full((6, 3), 10.0)))
    code = Code("few", SOURCE, {"names": "1", "share": "0.5"})
    found = run(given, RunSpec(code, terms=PLAIN))
    assert found.result.weights[2].tolist() == [0.5, 0.0, 0.0]
    assert found.result.trades[0].entry_reason == "few"
    # what was wanted before the first session stands at it
    late = run(replace(given, begin=3), RunSpec(code, terms=PLAIN)).result
    assert late.weights[:2, 0].tolist() == [0.0, 0.5]
    with pytest.raises(StrategyError, match="whole number for names"):
        run(given, RunSpec(Code("few", SOURCE, {"names": "many"})))


@pytest.mark.parametrize("strategy", ["5SMA.20SMA", Code("few", SOURCE)])
def test_progress_is_told_and_may_end_the_run(strategy: str | Code) -> None:
    seen: list[tuple[int, int]] = []
    run(Inputs(random_market(60)), RunSpec(strategy), lambda done, whole: seen.append((done, whole)))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]

    def stop(done: int, whole: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        run(Inputs(random_market(60)), RunSpec(strategy), stop)


RULES = [
    "long when close > sma(close, 10); size equal; rebalance weekly",
    "long top 2 by mom(20); short bottom 1 by mom(20); rebalance monthly",
]


@pytest.mark.parametrize("text", RULES)
@pytest.mark.parametrize("costs", [Costs(slippage=0.001, impact=0.5), Costs(participation=0.01)])
def test_what_comes_later_changes_nothing_before_it(text: str, costs: Costs) -> None:
    given, spec = random_market(150), RunSpec(text, costs)
    one = run(Inputs(given, begin=40), spec).result
    for row in (60, 99, 130):
        other = altered(given, row, np.random.default_rng(row))
        two = run(Inputs(other, begin=40), spec).result
        known = row - 40 + 1
        assert one.equity[:known].tobytes() == two.equity[:known].tobytes()
        assert one.weights[:known].tobytes() == two.weights[:known].tobytes()
