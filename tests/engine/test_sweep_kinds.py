"""Sweeps of currency pairs, coins, futures, options, code, states and scores: a row's BACKTEST is the point's run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

from engine.desk import Desk
from engine.errors import CommandError, DataError
from engine.page import Metrics, Page, Table
from engine.runs.asked import ask
from engine.runs.carry import Run, carried
from engine.runs.code import folder_of
from tests.runs.derivatives import security, two_contracts
from tests.runs.stores import NOW, World
from tests.runs.sweeping import PRESENT, made_store

CODE = """
class Momentum:
    def __init__(self, sessions=20, names=1):
        self.sessions, self.names = sessions, names
    def decide(self, day):
        if len(day.close) <= self.sessions:
            return None
        gain = day.close[-1] / day.close[-1 - self.sessions] - 1
        best = gain.argsort()[::-1][: self.names]
        return {day.symbols[int(at)]: 1.0 / self.names for at in best}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Over two securities of six hundred sessions, with code and scores of the user's own."""
    store, _ = made_store(tmp_path_factory.mktemp("kinds") / "home")
    own = folder_of(store.home, "tester")
    own.mkdir(parents=True)
    (own / "momentum.py").write_text(CODE)
    rows = [f"2018-{month:02d}-0{day},{name},{(month * day) % 5 - 2}" for month in range(1, 13)
            for day in (2, 8) for name in ("AAA", "BBB")]  # fmt: skip
    (store.home / "mine.csv").write_text("date,ticker,mine\n" + "\n".join(rows))
    return Desk(store, "tester", clock=lambda: PRESENT)


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Over a future of two contracts, and a coin with days and minutes."""
    world = World(tmp_path_factory.mktemp("derived") / "home")
    two_contracts(world)
    number = security(world, "crypto:BTCUSD", "BTCUSD", "CRYPTO", "crypto", currency="USD", calendar="24/7")
    rng = np.random.default_rng(2)
    closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, 120))).round(4)
    days = [date(2021, 1, 1) + timedelta(days=at) for at in range(120)]
    world.append(
        bars=[{**_bar(number, close), "session_date": day,
               "known_at": datetime.combine(day + timedelta(days=1), time(), UTC)}
              for day, close in zip(days, closes.tolist(), strict=True)],
        bars_intraday=[_hour(number, at, close) for at, close in enumerate(closes.tolist())],
    )  # fmt: skip
    return Desk(world.store, "tester", clock=lambda: NOW)


def _bar(number: int, close: float) -> dict[str, Any]:
    prices = {"open": close - 0.25, "high": close + 1, "low": close - 1, "close": close, "volume": 10}
    return {"security_id": number, **prices}


def _hour(number: int, at: int, close: float) -> dict[str, Any]:
    start = datetime(2021, 1, 1, tzinfo=UTC) + timedelta(hours=at)
    told = {"session_date": start.date(), "interval": "1h", "start_at": start}
    return {**_bar(number, close), **told, "known_at": start + timedelta(hours=1)}


def rows(page: Page, name: str = "points") -> list[dict[str, Any]]:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return list(panel.figure.frame.iter_rows(named=True))


def run_of(desk: Desk, line: str) -> Run:
    """The run that a BACKTEST line makes."""
    context = desk.context(None, None, None)
    settled = desk._settled(desk.parse(line), context)
    return carried(context, ask(context, settled.args, context.securities))


def tried(page: Page) -> str:
    assert page.lineage is not None
    return page.lineage.command.partition(" TRIALS=")[2].partition(":")[0]


def each_row_is_its_run(desk: Desk, page: Page, points: int, capital: float = 1e6) -> None:
    """Every row's line, and all that BACKTEST's page tells of the best one."""
    found = rows(page)
    assert len(found) == points, page.panel("left_out")
    assert len({row["total_return"] for row in found}) > 1
    for row in found:
        result = run_of(desk, row["command"]).outcome.result
        assert result.equity[-1] / capital - 1 == row["total_return"]
        assert len(result.trades) == row["trades"]
    best = desk.run(found[0]["command"])
    assert tried(best) == tried(page)  # the row's run is the sweep's trial, and no other
    told = best.panel("headline")
    assert told is not None
    assert isinstance(told.figure, Metrics)
    ratio = next(item.value for item in told.figure.items if item.label == "Sharpe ratio")
    assert ratio == pytest.approx(found[0]["sharpe_ratio"], rel=1e-9)


def test_currency_pairs_run_both_legs_and_rates(make_desk: Callable[[], Desk]) -> None:
    here = make_desk()
    line = "SWEEP EURUSD EURGBP {20,50}SMA.100SMA 3Y SHORTRATES=USD=4,EUR=1 PIPS=1 ACCOUNT=EUR CAPITAL=50000"
    page = here.run(line)
    each_row_is_its_run(here, page, 4, 50_000)
    assert any("No short rate of GBP" in note.text for note in page.notes)
    other = here.run(line.replace("USD=4,EUR=1", "USD=1,EUR=4"))
    before, after = ({row["total_return"] for row in rows(each) if "EURUSD" in row["security"]}
                     for each in (page, other))  # fmt: skip
    assert before.isdisjoint(after)


def test_futures_roll_and_keep_margin(derived: Desk) -> None:
    terms = "ROLLDAYS=3 CONTRACTMARGIN=600,500 SETTLE=CLOSE CAPITAL=100000 LOTS=WHOLE"
    page = derived.run(f'SWEEP X "long when close > sma({{3,5}}); size shares({{1,2}})" 2021-01-20.. {terms}')
    each_row_is_its_run(derived, page, 4, 100_000)
    assert "ROLLDAYS=3" in rows(page)[0]["command"]


@pytest.mark.parametrize(
    "more", ["", "CONTRACT=PERPETUAL FUNDING=3 MARGIN=20", "BARS=1H PERIODS=2 WALK=60/20"]
)
def test_coins_and_perpetuals(derived: Desk, more: str) -> None:
    page = derived.run(f"SWEEP BTCUSD CLOSE>{{3,8,15}}SMA 2021-01-01.. {more}")
    each_row_is_its_run(derived, page, 3)


def test_states_of_the_market(desk: Desk) -> None:
    line = 'SWEEP BBB "long when market_wild < {1,2} and close > sma({5,20})" 1Y BENCHMARK=AAA'
    page = desk.run(line)
    each_row_is_its_run(desk, page, 4)
    assert "BENCHMARK=AAA" in rows(page)[0]["command"]


def test_scores_stay_what_they_were(desk: Desk) -> None:
    path = desk.store.home / "mine.csv"
    page = desk.run(f'SWEEP AAA BBB "long when mine > {{-1,0,1}}" 2018-01-02..2018-12-31 SCORES={path}')
    path.write_text("date,ticker,mine\n2018-01-02,AAA,1\n")
    each_row_is_its_run(desk, page, 6)
    assert page.lineage is not None
    again = desk.run(f"OPEN {page.lineage.snapshot_id}")
    assert rows(again) == rows(page)


def test_legs_of_options(desk: Desk) -> None:
    page = desk.run(
        "SWEEP AAA sell put delta {0.2,0.4} expiry {20,30}; close at {50}% profit; prices simulated 1Y"
    )
    each_row_is_its_run(desk, page, 4)
    assert any("SIMULATED" in note.text for note in page.notes)


def test_code_is_one_account_and_kept(desk: Desk) -> None:
    path = folder_of(desk.store.home, "tester") / "momentum.py"
    page = desk.run("SWEEP AAA BBB FILE=momentum PARAMETERS=sessions={10,20,40},names={1,2} 1Y WARMUP=40")
    path.write_text(CODE.replace("argsort()[::-1]", "argsort()"))
    each_row_is_its_run(desk, page, 6)
    assert page.lineage is not None
    assert rows(desk.run(f"OPEN {page.lineage.snapshot_id}")) == rows(page)
    path.write_text(CODE)


def test_code_of_others_is_not_taken_up(desk: Desk) -> None:
    """The tester's own sweep, resumed by whoever runs the tests."""
    from engine.runs.sweep_ask import order_from
    from engine.runs.sweep_keep import Kept
    from terminal.exits import UsageError
    from terminal.sweeping import run

    context = desk.context(None, None, None)
    line = desk.parse("SWEEP AAA FILE=momentum PARAMETERS=sessions={10,20} 1Y")
    settled = desk._settled(line, context)
    order = order_from(context, settled.args, context.securities)
    Kept.at(desk.store.home, order.id).begin(order)
    with pytest.raises(UsageError, match="of another user"):
        run(["sweep", "--order", order.id, "--home", str(desk.store.home)])


def test_a_year_is_counted_back_from_each_ones_own_prices(make_desk: Callable[[], Desk]) -> None:
    """AAPL's bars end in 2013, those of the index in 2018."""
    here = make_desk()
    page = here.run("SWEEP AAPL SPX CLOSE>{20,50}SMA 8Y")
    each_row_is_its_run(here, page, 4)
    apart = here.run("SWEEP AAPL SPX CLOSE>{20,50}SMA 3Y")  # which share no session
    assert len(rows(apart)) == 4
    assert apart.panel("honesty") is None
    assert any("share 0 sessions" in note.text for note in apart.notes)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("SWEEP AAA FILE=momentum", "needs parameters"),
        ("SWEEP AAA FILE=momentum PARAMETERS=sessions=20", "nothing to sweep"),
        ("SWEEP AAA {3,6}SMA.20EMA FILE=momentum", "one too many"),
        ("SWEEP AAA FILE=nobody PARAMETERS=sessions={1,2}", "No strategy is called nobody"),
        ("SWEEP AAA sell put delta {0.1,0.2} expiry 30 UNIVERSE=idx", "no UNIVERSE="),
        ('SWEEP AAA "long when close > sma({5,9})" UNIVERSE=idx', "name no securities"),
        ("SWEEP AAA {3,6}SMA.20EMA PIPS=2", "PIPS= is for currencies only"),
        ("SWEEP AAA sell put delta {0.1,0.2} expiry 30 ACCOUNT=EUR", "futures and currencies only"),
        ("SWEEP AAA {3,6}SMA.20EMA PANELS=pe", "goes with FILE="),
    ],
)
def test_what_does_not_go_together_is_refused(desk: Desk, line: str, words: str) -> None:
    with pytest.raises((CommandError, DataError), match=words):
        desk.run(line)


def test_points_without_a_run_say_why(desk: Desk, derived: Desk) -> None:
    page = desk.run("SWEEP AAA FILE=momentum PARAMETERS=sessions={10,some} 1Y")
    (row,) = rows(page, "left_out")
    assert "sessions" in row["why"]
    page = derived.run("SWEEP BTCUSD CLOSE>{3,8}SMA MAX")
    (row,) = rows(page, "left_out")
    assert "other sessions" in row["why"]
    with pytest.raises(CommandError, match="stocks and funds only"):
        derived.run('SWEEP BTCUSD "long when market_wild < {1,2}" 1Y')
    with pytest.raises(CommandError, match="sweep them apart"):
        derived.run('SWEEP BTCUSD X "long when close > {1,2}" 1Y')
