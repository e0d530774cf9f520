"""BACKTEST: its numbers against a plain loop over the store's bars, its id, its trials, and what it refuses."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
import talib

from engine.backtest import options, rules
from engine.backtest.result import Event
from engine.command import parse
from engine.desk import Desk
from engine.encode import encode, page_hash
from engine.errors import Cancelled, CommandError, DataError
from engine.figures import Form, Heatmap, Scatter, Timeline
from engine.functions._backtest_inputs import happened
from engine.page import Lines, Metrics, Page, Table
from engine.registry import registry
from engine.runs import carry
from engine.runs.code import folder
from engine.runs.phrase import of_options
from store import open_store

CROSS = "BACKTEST IBM 50SMA.200EMA MAX"


def figure(page: Page, name: str) -> object:
    panel = page.panel(name)
    assert panel is not None, name
    return panel.figure


def metric(page: Page, label: str, panel: str = "headline") -> object:
    found = figure(page, panel)
    assert isinstance(found, Metrics)
    return next(item.value for item in found.items if item.label == label)


def line(page: Page, panel: str, name: str) -> np.ndarray:
    found = figure(page, panel)
    assert isinstance(found, Lines)
    return next(each.values for each in found.series if each.name == name)


def rows(page: Page, panel: str) -> list[dict[str, object]]:
    found = figure(page, panel)
    assert isinstance(found, Table)
    return found.frame.to_dicts()


def by_hand(desk: Desk, ticker: str, cost: float, slip: float) -> list[float]:
    """The crossover, a session at a time in plain Python: an account of fractions of shares."""
    context = desk.context(None, None, None)
    number = context.directory.resolve(ticker).security.ref.security_id
    bars = context.reader.bars([number], adjust="none")
    actions = context.reader.actions([number], upcoming=False)
    days = bars["session_date"].to_list()
    split = {a["ex_date"]: a["ratio"] for a in actions.to_dicts() if a["kind"] == "split"}
    paid = {a["ex_date"]: a["amount"] for a in actions.to_dicts() if a["kind"] == "dividend"}
    factor = np.cumprod([split.get(day, 1.0) for day in days])
    level = bars["close"].to_numpy() * factor
    above = talib.SMA(level, 50) > talib.EMA(level, 200)
    cash, shares, wanted, equity = 1_000_000.0, 0.0, False, []
    for at, day in enumerate(days):
        price = float(bars["open"][at])
        shares *= split.get(day, 1.0)
        cash += shares * paid.get(day, 0.0)
        if wanted and not shares:
            fill = price * (1 + slip)
            shares = cash / (fill * (1 + cost))
            cash -= shares * fill * (1 + cost)
        elif shares and not wanted:
            cash += shares * price * (1 - slip) * (1 - cost)
            shares = 0.0
        equity.append(cash + shares * float(bars["close"][at]))
        wanted = bool(above[at])
    return equity


def test_the_account_is_that_of_a_plain_loop(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    page = desk.run(CROSS)
    ours, theirs = line(page, "equity", "equity"), np.array(by_hand(desk, "IBM", 5e-4, 10e-4))
    # sessions before the first that can be decided on are not run
    assert ours == pytest.approx(theirs[-len(ours) :], rel=1e-7)
    assert metric(page, "return") == pytest.approx(theirs[-1] / 1e6 - 1, rel=1e-7)


def test_costs_are_what_the_line_says(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    free = line(desk.run(f"{CROSS} COST=0 SLIP=0"), "equity", "equity")
    assert free == pytest.approx(np.array(by_hand(desk, "IBM", 0.0, 0.0))[-len(free) :], rel=1e-7)


def test_the_report_tells_what_an_analyst_asks_for(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run(CROSS)
    assert isinstance(figure(page, "months"), Heatmap)
    assert isinstance(figure(page, "regimes"), Timeline)
    assert isinstance(figure(page, "assumptions"), Form)
    for name in ("headline", "equity", "drawdown", "rolling", "exposure", "turnover", "trades", "drawdowns",
                 "tails", "costs"):  # fmt: skip
        assert page.panel(name) is not None, name
    held = figure(page, "equity")
    assert isinstance(held, Lines)
    assert [each.name for each in held.series] == ["equity", "IBM held", "SPX"]
    assert all(encode(page, form) for form in ("json", "csv", "text"))


def test_months_compound_to_the_run(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run(CROSS)
    grid = figure(page, "months")
    assert isinstance(grid, Heatmap)
    years = grid.values[:, 12]
    assert np.prod(1 + years[np.isfinite(years)]) - 1 == pytest.approx(metric(page, "return"), rel=1e-9)


def test_a_trade_leads_to_its_chart(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    page = desk.run(f"{CROSS} TRADES")
    first = rows(page, "trades")[0]
    assert isinstance(figure(page, "excursions"), Scatter)
    assert str(first["command"]).startswith("IBM GP ")
    chart = desk.run(str(first["command"]))
    assert chart.function == "GP"


def test_who_made_the_money_adds_up(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run("BACKTEST IBM MSFT AAPL long when rsi(14) < 40; hold 15 MAX CASH=2 ATTRIBUTION")
    told = rows(page, "symbols")
    total = next(row for row in told if row["name"] == "together")
    parts = [float(str(row["made"])) for row in told if row["name"] != "together"]
    assert math.fsum(parts) == pytest.approx(float(str(total["made"])), abs=0.01)
    states = rows(page, "states")
    assert math.fsum(float(str(row["made"])) for row in states) == pytest.approx(
        float(str(total["made"])), abs=0.01
    )


def test_the_least_track_record_is_the_length_at_which_this_ratio_would_be_shown(
    make_desk: Callable[[], Desk],
) -> None:
    page = make_desk().run(f"{CROSS} HONESTY")
    chance = float(str(metric(page, "P(true Sharpe > 0)", "luck")))
    years = float(str(metric(page, "least track record", "luck")))
    sessions = len(line(make_desk().run(CROSS), "equity", "equity"))
    # PSR = Phi(z), z = SR sqrt(n - 1) / s; at the least length the same SR and s give z of 95%
    reached = NormalDist().inv_cdf(0.95) / NormalDist().inv_cdf(chance)
    assert years == pytest.approx((1 + (sessions - 1) * reached**2) / 252, rel=1e-6)


def test_what_happened_on_the_way_is_one_sentence_in_numbers() -> None:
    day = np.datetime64("2010-01-04")
    kinds = ["roll", "roll", "delisting", "expiry", "expiry", "margin", "margin call"]
    told = happened([Event(day, kind, "X", "") for kind in kinds])
    assert told == (
        "2 rolls, 1 position ended in a delisting, 2 expiries, 1 order was cut by margin, 1 margin call"
    )
    assert happened([]) == ""


def test_the_same_run_is_one_trial_and_another_is_the_next(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    desk.run(CROSS)
    assert metric(desk.run(f"{CROSS} HONESTY"), "tried on these data", "luck") == 1
    second = desk.run("BACKTEST IBM 20SMA.100EMA MAX HONESTY")
    assert metric(second, "tried on these data", "luck") == 2
    assert metric(desk.run("BACKTEST MSFT 20SMA.100EMA MAX HONESTY"), "tried on these data", "luck") == 1
    told = desk.run("BACKTEST IBM 50SMA.200EMA MAX TRIALS=40:0.002 HONESTY")
    assert metric(told, "tried on these data", "luck") == 40
    assert float(str(metric(told, "deflated Sharpe", "luck"))) < float(
        str(metric(second, "deflated Sharpe", "luck"))
    )


def test_an_id_opens_the_run_as_it_was(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    page = desk.run(f"{CROSS} HONESTY SEED=7")
    assert page.lineage is not None
    desk.run("BACKTEST IBM 10SMA.30EMA MAX")  # another trial on the same data
    again = desk.run(f"OPEN {page.lineage.snapshot_id}")
    assert page_hash(again) == page_hash(page)


def test_an_earlier_clock_sees_the_same_trades_and_none_later(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    now = rows(
        desk.run("BACKTEST AAPL long when rsi(14) < 35; exit when rsi(14) > 55; stop 8% MAX TRADES"), "trades"
    )
    desk.run("ASOF 2008-09-15")
    then_page = desk.run("BACKTEST AAPL long when rsi(14) < 35; exit when rsi(14) > 55; stop 8% MAX TRADES")
    then = [row for row in rows(then_page, "trades") if row["exit"] is not None]
    same = [row for row in now if row["exit"] is not None and row["exit"] <= date(2008, 9, 15)]  # type: ignore[operator]
    keys = ("entry", "exit", "entry_price", "exit_price", "shares", "pnl", "why_out")
    assert then
    assert [[row[key] for key in keys] for row in then] == [[row[key] for key in keys] for row in same]


def test_the_future_altered_changes_no_decision(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run("BACKTEST AAPL MSFT top 1 by mom_12_1; rebalance monthly MAX INPUTS")
    assert metric(page, "decisions up to them", "proof") == "none changed"
    assert rows(page, "facts")
    assert rows(page, "reads")


def test_round_lots_and_slippage_by_volatility(make_desk: Callable[[], Desk]) -> None:
    """Positions are hundreds of shares; the run with slippage by volatility is dearer by what it tells."""
    desk = make_desk()
    desk.run(f"{CROSS} LOT=100")
    held = last_run().outcome.result.trades.shares
    assert len(held)
    assert not np.any(held % 100)
    plain, dear = desk.run(CROSS), desk.run(f"{CROSS} SLIPVOL=0.2")
    assert float(metric(dear, "return")) < float(metric(plain, "return"))  # type: ignore[arg-type]
    assert last_run().outcome.result.costs["slippage"].sum() > 0


def last_run() -> carry.Run:
    return next(reversed(carry._runs._held.values())).value


def test_leak_lists_what_a_run_read_and_proves_when_it_decided(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    desk.run("BACKTEST IBM 50SMA.200EMA 3Y")
    page = desk.run("LEAK")
    assert rows(page, "reads")
    assert metric(page, "reads later than the clock", "verdict") == 0
    assert metric(page, "decisions up to them", "proof") == "none changed"
    assert metric(page, "decisions", "verdict") == "none changed"
    assert page.panel("times") is not None
    desk.run('BACKTEST IBM "sell put delta 0.30 expiry 30; size contracts(5); prices simulated" 1Y')
    page = desk.run("LEAK")
    assert metric(page, "decisions", "verdict") == "none changed"
    assert metric(page, "sessions tried", "proof") == 4


@pytest.mark.parametrize(
    ("typed", "said", "at"),
    [
        ("BACKTEST AAPL", "needs a strategy", None),
        ("BACKTEST AAPL long when smaa(close, 50) > 3", "smaa", "smaa"),
        ("BACKTEST AAPL top 5 by mom_12_1 in sp500", "name no securities", None),
        ("BACKTEST top 5 by mom_12_1 in nowhere", "no universe", "nowhere"),
        ("BACKTEST AAPL FILE=nothing_there", "No strategy is called", None),
        ("BACKTEST AAPL 50SMA.200EMA 2030-01-01..2031-01-01", "after the clock", None),
        ("BACKTEST AAPL FILE=../../etc/passwd", "no name of a strategy", None),
        ("BACKTEST AAPL 50SMA.200EMA TRIALS=none", "TRIALS= takes", None),
        ("BACKTEST AAPL long when close > 5; stop 5% FILL=CLOSE", "open", None),
        ("BACKTEST AAPL 50SMA.200EMA ACCOUNT=EUR", "futures and currencies only", "ACCOUNT=EUR"),
        ("BACKTEST AAPL 50SMA.200EMA FUNDING=1", "perpetuals on coins only", None),
        ("BACKTEST AAPL 50SMA.200EMA PIPS=1", "PIPS= is for currencies only", "PIPS=1"),
        ("BACKTEST AAPL 50SMA.200EMA ROLL=VOLUME", "ROLL= is for futures only", "ROLL=VOLUME"),
        ("BACKTEST AAPL 50SMA.200EMA LOT=0.5", "a round lot is a whole number", "LOT=0.5"),
        ("BACKTEST AAPL EURUSD 50SMA.200EMA", "run them apart", None),
        ("BACKTEST EURUSD FILE=momentum", "Currencies run by rules", None),
        ("BACKTEST AAPL 50SMA", "50SMA alone is no rule", "50SMA"),
        ("BACKTEST AAPL long when rsi(14 < 30", "a bracket is opened and not closed", None),
        ("BACKTEST AAPL {10,20}SMA.200EMA", "SWEEP tries them all", "{10,20}"),
        ("SWEEP AAPL {10,20}SMA", "10SMA alone is no rule", "{10,20}SMA"),
        ("BACKTEST 50SMA.200EMA", "needs something to trade", None),
        ("BACKTEST AAPL 50SMA.200EMA 1970-01-01..1970-03-01", "No price of AAPL", None),
    ],
)
def test_what_cannot_be_run_is_told(
    make_desk: Callable[[], Desk], typed: str, said: str, at: str | None
) -> None:
    with pytest.raises((CommandError, DataError)) as raised:
        make_desk().run(typed)
    fault = raised.value
    assert said in str(fault)
    if at is not None:
        assert isinstance(fault, CommandError)
        assert fault.line[fault.start : fault.end] == at


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("BACKTEST AAPL 50SMA", "BACKTEST AAPL 50SMA.200EMA"),
        ("BACKTEST AAPL 200EMA", "BACKTEST AAPL 50SMA.200EMA"),
        ("BACKTEST AAPL rsi(14) < 30", 'BACKTEST AAPL "long when rsi(14) < 30"'),
        ("BACKTEST AAPL buy and hold", 'BACKTEST AAPL "long when close > 0"'),
        ("BACKTEST AAPL long when close > 1; size 300%", 'BACKTEST AAPL "long when close > 1; size equal"'),
        ("BACKTEST AAPL sell putt delta 0.3 expiry 30", 'BACKTEST AAPL "sell put delta 0.3 expiry 30"'),
        ("BACKTEST AAPL long", "BACKTEST AAPL 50SMA.200EMA"),
        ("BACKTEST AAPL 50SMA.200EMA UNIVERSE=sp500", "BACKTEST 50SMA.200EMA UNIVERSE=sp500"),
    ],
)
def test_lines_that_are_offered_can_be_read(make_desk: Callable[[], Desk], typed: str, offered: str) -> None:
    with pytest.raises(CommandError) as raised:
        make_desk().run(typed)
    assert offered in raised.value.suggestions
    for each in raised.value.suggestions:
        strategy = parse(each, registry()).args["strategy"]
        assert options.parse(strategy) if of_options(strategy) else rules.parse(strategy)


def test_before_its_first_price_there_is_nothing_to_run(home: Path) -> None:
    desk = Desk(open_store(home), "tester", clock=lambda: datetime(2026, 11, 20, 22, tzinfo=UTC))
    desk.run("ASOF 1999-01-04")  # the bars of SPX begin that evening
    with pytest.raises(DataError, match="Fewer than two sessions"):
        desk.run("BACKTEST SPX 50SMA.200EMA")


def test_a_run_from_memory_tells_what_it_told_first(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    first, again = desk.run("BACKTEST AAPL 20SMA.60SMA"), desk.run("BACKTEST AAPL 20SMA.60SMA")
    assert [note.text for note in again.notes] == [note.text for note in first.notes]
    assert any("the range is counted back from there" in note.text for note in first.notes)


def test_stopping_it_keeps_nothing(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    with pytest.raises(Cancelled):
        desk.run("BACKTEST AAPL long when rsi(14) < 30; stop 3% MAX", cancelled=lambda: True)
    assert desk.state.names("trials") == []


MOMENTUM = """class Momentum:
    def __init__(self, sessions=120):
        self.sessions = sessions

    def decide(self, day):
        if len(day.close) <= self.sessions:
            return None
        gain = day.close[-1] / day.close[-1 - self.sessions] - 1
        return {day.symbols[int(gain.argmax())]: 1.0}
"""


def test_a_strategy_in_python_opens_as_it_was_after_its_file_changed(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    where = folder(desk.context(None, None, None))
    where.mkdir(parents=True)
    (where / "momentum.py").write_text(MOMENTUM)
    page = desk.run("BACKTEST AAPL IBM MSFT FILE=momentum PARAMETERS=sessions=60 MAX")
    assert page.lineage is not None
    assert metric(page, "trades") != 0
    (where / "momentum.py").write_text(MOMENTUM.replace("argmax", "argmin"))
    assert page_hash(desk.run(f"OPEN {page.lineage.snapshot_id}")) == page_hash(page)
    other = desk.run("BACKTEST AAPL IBM MSFT FILE=momentum PARAMETERS=sessions=60 MAX")
    assert metric(other, "return") != metric(page, "return")
    colleague = make_desk("colleague")
    with pytest.raises(DataError, match="not run unasked"):
        colleague.run(f"OPEN {page.lineage.snapshot_id}")


def test_the_loaded_security_is_run_where_none_is_named(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    desk.run("MSFT")
    page = desk.run("BT 50SMA.200EMA 5Y")
    assert page.security is not None
    assert page.security.ticker == "MSFT"


def test_a_page_from_memory_stands_at_its_own_clock_with_every_read(home: Path) -> None:
    clock = iter(datetime(2026, 11, 20, 22, minute, tzinfo=UTC) for minute in range(60))
    desk = Desk(open_store(home), "tester", clock=lambda: next(clock))
    first, again = desk.run(CROSS), desk.run(f"{CROSS} TRADES")
    assert first.lineage is not None
    assert again.lineage is not None
    assert {read.asof for read in again.lineage.reads} == {again.lineage.asof}
    tables = [{read.table for read in page.lineage.reads if page.lineage} for page in (first, again)]
    assert tables[0] == tables[1]


def test_a_strategy_that_never_trades_has_no_ratios_and_says_why(make_desk: Callable[[], Desk]) -> None:
    desk, never = make_desk(), "BACKTEST IBM long when close > 1000000 MAX"
    page = desk.run(never)
    for label in ("Sharpe ratio", "Sortino ratio", "deflated Sharpe", "won", "mean trade"):
        assert metric(page, label) is None, label
    assert metric(page, "return") == 0
    assert rows(page, "trades") == []
    who = desk.run(f"{never} ATTRIBUTION")
    assert all(row["sharpe"] is None for row in rows(who, "states"))
    assert who.panel("factors") is None
    honest = desk.run(f"{never} HONESTY")
    assert any(note.text.startswith("It never traded") for note in honest.notes)


def test_thirty_sessions_are_too_few_to_resample_and_are_reported_all_the_same(
    make_desk: Callable[[], Desk],
) -> None:
    desk, short = make_desk(), "BACKTEST IBM long when close > 1 2010-01-04..2010-02-16"
    page = desk.run(short)
    assert len(line(page, "equity", "equity")) == 30
    assert metric(page, "trades") == 1
    assert any("scaled up from less than a quarter" in note.text for note in page.notes)
    honest = desk.run(f"{short} HONESTY")
    assert any(note.text.startswith("30 sessions are too few") for note in honest.notes)


def test_prices_of_pairs_have_the_decimals_that_they_move_in(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    pairs, shares = desk.run("BACKTEST EURUSD 50SMA.200EMA TRADES"), desk.run(f"{CROSS} TRADES")
    for page, decimals in ((pairs, 5), (shares, 2)):
        found = figure(page, "trades")
        assert isinstance(found, Table)
        assert {each.decimals for each in found.columns if each.kind == "price"} == {decimals}


def test_rules_of_options_are_an_assumption_and_fills_of_shares_are_none(
    make_desk: Callable[[], Desk],
) -> None:
    typed = "BACKTEST AAPL sell put delta 0.3 expiry 30; prices simulated 1Y"
    form = figure(make_desk().run(typed), "assumptions")
    assert isinstance(form, Form)
    fields = {each.name: each for each in form.fields}
    assert fields["strategy"].text.startswith("sell put delta 0.3 expiry 30;")
    assert not {"fill", "lots"} & set(fields)


def test_the_form_has_what_the_class_takes_and_trades_say_their_money(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    pair, shares = (
        desk.run("BACKTEST EURUSD 50SMA.200SMA TRADES 5Y"),
        desk.run("BACKTEST AAPL 50SMA.200SMA 5Y"),
    )
    fields = []
    for page in (pair, shares):
        form = figure(page, "assumptions")
        assert isinstance(form, Form)
        fields.append({each.name for each in form.fields})
    own = {"shortrates", "pips", "account"}
    assert own <= fields[0]
    assert not {"lots", "borrow"} & fields[0]
    assert {"lots", "borrow"} <= fields[1]
    assert not own & fields[1]
    trades = figure(pair, "trades")
    assert isinstance(trades, Table)
    told = {each.name: (each.label, each.unit) for each in trades.columns}
    assert (told["shares"], told["pnl"], told["costs"]) == (("size", ""), ("made", "USD"), ("costs", "USD"))


def test_options_of_a_pair_are_refused_with_a_line_that_runs(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    for line, offered in (
        ("BACKTEST EURUSD sell put delta 0.3 expiry 30; prices simulated", "BACKTEST EURUSD 50SMA.200SMA"),
        ("BACKTEST EURUSD 50SMA.200SMA PARTICIPATION=5", ""),
    ):
        with pytest.raises(CommandError) as fault:
            desk.run(line)
        if offered:
            assert fault.value.suggestions == (offered,)
        else:
            assert line[fault.value.start : fault.value.end] == "PARTICIPATION=5"


def test_what_lost_everything_has_no_ratio(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run("BACKTEST AAPL short when close > 0 MAX")
    assert metric(page, "return") == -1.0
    for label in ("Sharpe ratio", "Sortino ratio", "deflated Sharpe"):
        assert metric(page, label) is None, label
