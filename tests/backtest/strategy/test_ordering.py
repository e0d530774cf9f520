"""Strategies in Python that give orders: what they know, what their orders become, and how a cheat is caught."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.market import Market
from engine.backtest.result import Costs, Terms
from engine.backtest.strategy import Account, DayView, Order, StrategyError, loads
from engine.backtest.strategy.ordering import run_orders
from engine.runs.prove import prove
from tests.backtest.sim.markets import market, random_market
from tests.backtest.sim.tables import fills, table

OPEN = [100.0, 100.0, 99.0, 101.0, 108.0, 111.0]
HIGH = [100.0, 101.0, 102.0, 109.0, 112.0, 112.0]
LOW = [100.0, 97.0, 98.5, 100.0, 107.0, 110.0]
CLOSE = [100.0, 98.0, 101.0, 108.0, 111.0, 111.0]
SPEC = RunSpec("", Costs(), Terms(10_000.0))

DIP = '''
from engine.backtest.strategy import Order

class Dip:
    """Buys 2% below the close for a day, sells 10% above it, stops 10% below."""
    def __init__(self, below=0.02):
        self.below = below

    def orders(self, day, account):
        symbol, close = day.symbols[0], day.traded["close"][-1, 0]
        if account.held(symbol) or close != close:  # no bar today
            return None
        shares = account.shares(symbol, 1.0)
        stop = Order(symbol, -shares, "stop", stop=0.9 * close, group="out", closing=True, reason="stop")
        take = Order(symbol, -shares, "limit", limit=1.1 * close, group="out", closing=True, reason="take")
        limit = (1 - self.below) * close
        return [Order(symbol, shares, "limit", limit=limit, sessions=1, then=(stop, take), reason="dip")]
'''


def bars() -> Market:
    return market(6, open=OPEN, high=HIGH, low=LOW, close=CLOSE)


class Notes:
    """Buys once, and writes down what it is told."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, float, float, dict[str, float], frozenset[str]]] = []

    def orders(self, day: DayView, account: Account) -> Iterable[Order] | None:
        assert len(day.traded["close"]) == len(day.dates)
        self.seen.append(
            (len(day.dates), account.cash, account.equity, dict(account.positions), account.working)
        )
        if len(self.seen) == 1:
            return [Order("A", 10, "limit", limit=97.5, tag="in"), Order("A", 5, "close")]
        return None


def test_a_statement_of_a_dip_bought_and_taken() -> None:
    """Day 1 falls to 98: 100 shares there. 110, a tenth above the close of the decision, is met on day 4."""
    run = run_orders(Inputs(bars()), SPEC, loads(DIP, "dip").strategy)  # type: ignore[arg-type]
    assert table(run) == [
        (10_000, 0, 0, 10_000),
        (200, 100, 0, 10_000),
        (200, 100, 0, 10_300),
        (200, 100, 0, 11_000),
        (11_200, 0, 0, 11_200),
        (11_200, 0, 0, 11_200),  # 108.78 was not met
    ]
    assert [trade.exit_reason for trade in run.trades] == ["take"]
    assert [trade.entry_reason for trade in run.trades] == ["dip"]


def test_it_knows_its_account_and_what_works_after_each_close() -> None:
    notes = Notes()
    run_orders(Inputs(bars()), SPEC, notes)
    assert notes.seen[:3] == [
        (1, 10_000.0, 10_000.0, {}, frozenset()),
        # the low of 97 met 97.50; 5 more at the close of 98: 10,000 - 975 - 490
        (2, 8_535.0, 10_005.0, {"A": 15.0}, frozenset()),
        (3, 8_535.0, 10_050.0, {"A": 15.0}, frozenset()),
    ]


def test_an_order_without_a_reason_is_told_by_its_kind_also_in_a_chain() -> None:
    plain = DIP.replace(', reason="stop"', "").replace(', reason="take"', "").replace(', reason="dip"', "")
    run = run_orders(Inputs(bars()), SPEC, loads(plain, "plain").strategy)  # type: ignore[arg-type]
    assert [(each.entry_reason, each.exit_reason) for each in run.trades] == [("limit", "limit")]


def test_sessions_of_warm_up_are_seen_and_not_asked_about() -> None:
    notes = Notes()
    run = run_orders(Inputs(bars(), begin=2), SPEC, notes)
    assert [each[0] for each in notes.seen] == [3, 4, 5, 6]
    assert len(run.equity) == 4


def test_decisions_see_what_was_known_and_fills_what_traded() -> None:
    """A close of 100 that was told as 50 then: twice the shares are ordered, and they fill at what truly traded."""
    told = market(6, open=OPEN, high=HIGH, low=LOW, close=[50.0, *CLOSE[1:]])

    class Once:
        def orders(self, day: DayView, account: Account) -> Iterable[Order] | None:
            return [Order("A", account.shares("A", 0.5))] if len(day.dates) == 1 else None

    run = run_orders(Inputs(bars(), seen=told), SPEC, Once())
    assert [(shares, price) for _, shares, price in [each[:3] for each in fills(run)]] == [(100.0, 100.0)]


def test_shares_of_a_weight_leave_room_for_costs_and_come_in_lots() -> None:
    spec = RunSpec("", Costs(per_notional=0.01), Terms(10_000.0, lot=10))
    asked: list[float] = []

    class Asks:
        def orders(self, day: DayView, account: Account) -> None:
            asked.append(account.shares("A", 1.0))
            asked.append(account.shares("A", -0.5))

    run_orders(Inputs(bars()), spec, Asks())
    assert asked[:2] == [90.0, -50.0]  # 10,000 / 101 = 99 whole, 9 round lots


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"A": 1.0}, "an Order is needed"),
        ([Order("B", 1.0)], "no symbol of this run"),
        ([Order("A", float("nan"))], "a number is needed"),
        (7, "failed"),
    ],
)
def test_what_is_no_order_is_refused_with_the_day(answer: object, said: str) -> None:
    class Gives:
        def orders(self, day: DayView, account: Account) -> object:
            return answer

    with pytest.raises(StrategyError, match=said) as raised:
        run_orders(Inputs(bars()), SPEC, Gives())  # type: ignore[arg-type]
    assert "2024-01-01" in str(raised.value)


def test_an_unknown_symbol_has_no_shares() -> None:
    class Asks:
        def orders(self, day: DayView, account: Account) -> None:
            account.shares("ZZZ", 1.0)

    with pytest.raises(StrategyError, match="ZZZ has no price"):
        run_orders(Inputs(bars()), SPEC, Asks())


def test_a_fault_is_told_by_the_line_of_the_file() -> None:
    wrong = DIP.replace("stop=0.9 * close", "stop=-1.0")
    with pytest.raises(StrategyError, match=r"line 14 of dip\.py.*needs stop above 0"):
        run_orders(Inputs(bars()), SPEC, loads(wrong, "dip").strategy)  # type: ignore[arg-type]


@pytest.mark.parametrize(("spec", "said"), [
    (RunSpec("", fill="close"), "leave FILL out"), (RunSpec("", accounts=True), "one account"),
])  # fmt: skip
def test_terms_that_orders_do_not_have(spec: RunSpec, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        run_orders(Inputs(bars()), spec, Notes())


def test_a_class_answers_in_one_way() -> None:
    both = DIP + "\n    def decide(self, day):\n        return None\n"
    with pytest.raises(StrategyError, match="decide and orders"):
        loads(both, "both")


PEEK = """
import numpy as np
from engine.backtest.strategy import Order

class Peek:
    def __init__(self):
        self.high = None
    def orders(self, day, account):
        rest = day.traded["close"].base
        if account.held(day.symbols[0]) or rest is None or len(rest) <= len(day.dates):
            return None
        return [Order(day.symbols[0], 10.0, tag="in", reason=str(len(rest)))]
"""


def test_no_order_changes_with_the_future_and_one_that_does_is_caught() -> None:
    from engine.backtest.inputs import Code

    inputs = Inputs(random_market(3, rows=60, columns=2, holes=True), begin=5)
    tried, found = prove(inputs, RunSpec(Code("dip", DIP), Costs(impact=0.1), Terms(10_000.0)))
    assert tried > 0
    assert found == ()
    tried, found = prove(inputs, RunSpec(Code("peek", PEEK), Costs(), Terms(10_000.0)))
    assert found


def test_a_long_run_of_orders_books_what_the_market_did() -> None:
    """Every share that was bought is held or was sold, and the cash is what the fills left."""
    given = random_market(11, rows=120, columns=1)
    run = run_orders(Inputs(given), SPEC, loads(DIP, "dip", {"below": "0.005"}).strategy)  # type: ignore[arg-type]
    done = fills(run)
    assert len(done) >= 7
    cash = 10_000 - sum(shares * price for _, shares, price in [each[:3] for each in done])
    held = sum(each[1] for each in done)
    assert run.equity[-1] == pytest.approx(cash + held * given.close[-1, 0], abs=1e-3)
    assert np.all(run.equity > 0)
