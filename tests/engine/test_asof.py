"""The clock is sacred: no function, at any date, returns or reads a row that was known later."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import chain

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import functions
from engine.clock import end_of_day
from engine.desk import Desk
from engine.errors import AsofError
from engine.figures import Timeline
from engine.function import Kind
from engine.page import Candles, Lines, Page, Table
from engine.registry import registry

# one line at least for every function that shows data: a new function is missing here until it is added
LINES = {
    "DES": ("AAPL", "EURUSD", "JPM", "SPX"),
    "GP": (
        "AAPL GP MAX",
        "GP IBM 1Y W TOTAL 50SMA",
        "GP AAPL MSFT SPX 5Y",
        "JPM GP MAX M",
        "EURUSD GP 5Y LOG",
        'IBM GP 2011-01-01..2012-01-01 MARK="2011-03-01 LONG 160.5; 2011-09-01 EXIT 172"',
    ),
    "GIP": ("AAPL GIP", "SPX GIP 1H 1W ALL"),
    "HP": ("AAPL HP MAX", "MSFT HP 1Y TOTAL", "JPM HP 1Y", "EURUSD HP 1M"),
    "CACS": ("AAPL CACS", "MSFT CACS"),
    "DVD": ("IBM DVD", "MSFT DVD"),
    "W": ("W AAPL MSFT GOOG META SPX EURUSD JPM",),
    "DATA": ("DATA", "DATA AAPL", "DATA EURUSD"),
    "MEMB": ("MEMB", "SPX MEMB", "SPX MEMB 2008-09-12"),
    "IMPORT": ("IMPORT",),
    "AUDIT": ("AUDIT",),
    "KEYS": ("KEYS", "KEYS FRED"),
    "JOBS": ("JOBS",),
    "BACKFILL": ("BACKFILL",),
    "OMON": ("AAPL OMON",),
    "OVDV": ("AAPL OVDV", "AAPL OVDV SSVI STRIKE"),
    "NEWS": ("AAPL NEWS", "NEWS ALL 1Y"),
    "TREND": ("AAPL TREND",),
    "WEI": ("WEI",),
    "FXIP": ("FXIP", "FXIP ALL", "FXIP EUR USD JPY"),
    "SQL": (
        "SQL",
        "SQL select ticker, session_date, close, known_at from bars order by session_date desc limit 50",
        "SQL select max(session_date) as session_date from bars_adjusted",
        "SQL select ticker, ex_date, known_at as newest_known_at from actions",
    ),
    "WHY": ("WHY 1",),
    "LEAK": ("LEAK",),
    "FA": ("AAPL FA", "AAPL FA INCOME Q", "FA RATIOS TTM", "FA FILINGS", "FA PROFILE", "FA DCF"),
    "ASOF DIFF": ("ASOF DIFF 2001-01-01 NOW",),
    "OPEN": ("OPEN",),
    "ASOF": ("ASOF",),
    "SNAP": ("SNAP",),
    "SNAP DATA": ("SNAP DATA BARS ACTIONS AAPL 1Y", "SNAP DATA SECURITIES CLOSES JPM EURUSD"),
    "HELP": ("HELP",),
    "SET": ("SET",),
    "LOG": ("LOG",),
    "ECO": ("ECO", "ECO US INFLATION 10Y"),
    "ECO ALIGN": ("ECO ALIGN UNRATE CPIAUCSL GDPC1 10Y", "ECO ALIGN UNRATE GDPC1 BAA KNOWLEDGE MAX"),
    "ECST": ("ECST UNRATE MAX", "GDPC1 ECST YOY 5Y", "CPILFESL ECST CHANGE 2Y", "ECST PAYEMS PCT"),
    "GC": ("GC", "GC 2007-08-01 1W"),
    "FLDS": ("AAPL FLDS", "AAPL FLDS MACD W 5Y", "IBM FLDS YANG_ZHANG", "JPM FLDS RSI TIMEPERIOD=21 MAX"),
    "FACT": (
        "AAPL FACT MAX",
        "FACT IBM MSFT FF3 WEIGHTS=60,40",
        "FACT JPM XOM FACTORS=SPX,VLUE 3Y",
        "FACT CHAR JPM XOM KO PEP WMT AAPL",
        "FACT IC JPM XOM KO PEP WMT AAPL 4Y",
    ),
    "REGIME": ("SPX REGIME MONTHLY MAX STATES=2", "AAPL REGIME EWMA 2Y", "SPX REGIME BREAKS 3Y"),
    "RISK": (
        "RISK AAPL MSFT METHOD=HISTORICAL MAX",
        "JPM RISK METHOD=FILTERED LEVEL=99 2Y WINDOW=250",
        "RISK AAPL IBM SHARES=100,50 METHOD=NORMAL 3Y",
    ),
    "STRESS": (
        "STRESS AAPL MSFT",
        'STRESS JPM XOM SHOCK="SPX=-20%" CORR=0.3',
        "STRESS AAPL SHARES=10 REVERSE=5",
    ),
    "CORR": ("CORR AAPL MSFT IBM SPX", "CORR JPM EURUSD SPX WEEKLY 5Y SPEARMAN"),
    "QUANT": ("AAPL QUANT 3Y", "JPM QUANT MONTHLY"),
    "BACKTEST": (
        "BACKTEST AAPL 50SMA.200EMA",
        "BACKTEST AAPL IBM long when rsi(14) < 35; exit when rsi(14) > 55; stop 8% TRADES",
        "BACKTEST JPM XOM top 1 by mom_12_1; rebalance monthly INPUTS",
        "BACKTEST MSFT long when close > sma(100) ATTRIBUTION",
        "BACKTEST EURUSD 50SMA.200SMA 5Y SHORTRATES=USD=4,EUR=2",
        "BACKTEST AAPL sell put delta 0.3 expiry 30; prices simulated(63, 4%) 2Y",
        "BACKTEST AAPL long when close > sma(50) and market_wild = 0 5Y",
    ),
    "SWEEP": (
        "SWEEP AAPL {20,50}SMA.{100,200}EMA 3Y",
        'SWEEP IBM MSFT "long when rsi({7,14}) < {35,45}; hold 5; stop 8%" 2Y PERIODS=2 WALK=1Y/3M CPCV=6/2',
        "SWEEP EURUSD {20,50}SMA.100SMA 2Y SHORTRATES=USD=4,EUR=2",
        "SWEEP AAPL sell put delta {0.2,0.3} expiry 30; close at 50% profit; prices simulated 1Y",
        "SWEEP",
    ),
    "PORT": ("PORT AAPL MSFT IBM", "PORT JPM XOM WEIGHTS=120,-20 MONTHLY", "PORT LIST"),
    "RV": ("AAPL RV", "AAPL RV MSFT IBM", "RV UNIVERSE=AAPL,IBM"),
    "OPT": ("OPT AAPL MSFT IBM 3Y", "OPT JPM XOM GE MONTHLY PARITY"),
    "OVME": ("AAPL OVME", "SPX OVME PUT DAYS=60", "EURUSD OVME", "JPM OVME DIVIDENDS=DECLARED"),
    "SCREEN": (
        "SCREEN ret_1m top 50% and vol_1y < 90% LIMIT=20",
        "SCREEN known(close) and not pe < 15 UNIVERSE=AAPL,IBM,JPM SCORE=z(mom_12_1)",
        "SCREEN FIELDS momentum",
        "SCREEN LIST",
    ),
    "EXPORT": (),  # writes what another page shows
}
DIFFERENT_CLOCK = {"ASOF DIFF"}  # reads at the clocks that it is given
# each tried by itself, at fewer dates: their pages compute for a while
HEAVY = (
    "BACKTEST",
    "SWEEP",
    "FACT",
    "FLDS",
    "OPT",
    "OVDV",
    "OVME",
    "PORT",
    "QUANT",
    "REGIME",
    "RISK",
    "SCREEN",
    "SQL",  # a process each
    "STRESS",
)


def test_every_function_is_under_the_clock_test() -> None:
    assert {f.mnemonic for f in registry()} == set(LINES)


def dates_shown(page: Page) -> list[date]:
    """Every session or period that the page's figures show."""
    found: list[date] = []
    for panel in page.panels:
        figure = panel.figure
        if isinstance(figure, Candles):
            found += figure.frame["session_date"].to_list()
        elif isinstance(figure, Lines):
            found += [d.astype(object) for s in figure.series for d in s.dates]
        elif isinstance(figure, Timeline):
            found += [d.astype(object) for d in figure.dates]
        elif isinstance(figure, Table) and "session_date" in figure.frame.columns:
            found += figure.frame["session_date"].drop_nulls().to_list()
    return found


def instants_shown(page: Page) -> list[datetime]:
    tables = [p.figure.frame for p in page.panels if isinstance(p.figure, Table)]
    named = ("known_at", "newest", "newest_known_at")
    columns = [
        t[c] for t in tables for c in named if c in t.columns and t.schema[c] == pl.Datetime("us", "UTC")
    ]
    return list(chain.from_iterable(c.drop_nulls().to_list() for c in columns))


def check(page: Page, asof: datetime) -> None:
    assert page.lineage is not None
    assert page.lineage.asof == asof
    for read in page.lineage.reads:
        assert read.newest_known_at is None or read.newest_known_at <= asof, read
    assert all(day <= asof.date() for day in dates_shown(page))
    assert all(instant <= asof for instant in instants_shown(page))


def at_any_date(make_desk: Callable[[], Desk], day: date, hour: str, functions: set[str]) -> None:
    desk = make_desk()
    desk.run(f'ASOF "{day}{hour}"')
    assert desk.asof is not None
    clock = desk.asof
    for function in sorted(functions - DIFFERENT_CLOCK):
        for line in LINES[function]:
            try:
                page = desk.run(line)
            except AsofError:
                continue  # not known at that clock: nothing is shown
            if page.lineage is not None and function != "ASOF":
                check(page, clock)


DAYS = st.dates(date(1985, 1, 1), date(2026, 11, 19))
HOURS = st.sampled_from(["", " 09:31", " 16:00", " 12:00"])
UNCHECKED = [HealthCheck.function_scoped_fixture]


LIGHT = sorted(set(LINES) - set(HEAVY))
PARTS = 6  # so that workers share them


@pytest.mark.parametrize("part", range(PARTS))
@settings(max_examples=16, deadline=None, suppress_health_check=UNCHECKED)
@given(day=DAYS, hour=HOURS)
def test_no_function_at_any_date_reads_a_later_row(
    make_desk: Callable[[], Desk], part: int, day: date, hour: str
) -> None:
    at_any_date(make_desk, day, hour, set(LIGHT[part::PARTS]))


@pytest.mark.parametrize("function", HEAVY)
@settings(max_examples=8, deadline=None, suppress_health_check=UNCHECKED)
@given(day=st.dates(date(1998, 1, 1), date(2026, 11, 19)), hour=HOURS)
def test_no_heavy_function_at_any_date_reads_a_later_row(
    make_desk: Callable[[], Desk], function: str, day: date, hour: str
) -> None:
    at_any_date(make_desk, day, hour, {function})


def test_a_bar_is_known_at_its_close_and_not_before(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    desk.run("AAPL HP 1M")
    before = desk.run('ASOF "2008-09-15 15:59"')
    after = desk.run('ASOF "2008-09-15 16:00"')
    assert dates_shown(before)[0] == date(2008, 9, 12)
    assert dates_shown(after)[0] == date(2008, 9, 15)


def test_a_split_does_not_bend_an_earlier_chart(make_desk: Callable[[], Desk]) -> None:
    """Apple, two for one on 2005-02-28: as traded 88.99 on the 25th, 44.86 on the 28th."""
    desk = make_desk()
    desk.run("AAPL HP 1M")
    friday = desk.run("ASOF 2005-02-25").panel("prices")
    monday = desk.run("ASOF 2005-02-28").panel("prices")
    assert friday is not None
    assert monday is not None
    assert isinstance(friday.figure, Table)
    assert isinstance(monday.figure, Table)
    assert friday.figure.frame["close"][0] == pytest.approx(88.99)
    assert monday.figure.frame["close"].head(2).to_list() == pytest.approx([44.86, 88.99 / 2])
    assert monday.figure.frame["volume"][1] == pytest.approx(2 * friday.figure.frame["volume"][0])


def test_names_and_tickers_are_those_of_the_clock(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    assert desk.run("AAPL").title.endswith("Apple Inc.")
    assert desk.run("ASOF 2006-06-30").title.endswith("Apple Computer, Inc.")
    desk.run("ASOF NOW")
    page = desk.run("FB GP")
    assert page.security is not None
    assert page.security.ticker == "META"
    assert any("until 2022-06-09" in note.text for note in page.notes)
    then = desk.run("ASOF 2012-12-31")
    assert then.security is not None
    assert (then.security.ticker, then.security.security_id) == ("FB", page.security.security_id)


def test_a_security_that_is_not_yet_listed_is_not_known(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    desk.run("META GP")
    page = desk.run("ASOF 2011-01-03")
    assert "not known as of 2011-01-03" in str(page.panels[0].figure)
    with pytest.raises(AsofError, match="is not the ticker"):
        desk.run("FB")
    assert desk.asof == end_of_day(date(2011, 1, 3), desk.zone)
    assert desk.run("ASOF NOW").title.startswith("META")


def test_the_clock_goes_no_later_than_now(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    with pytest.raises(AsofError, match="future"):
        desk.run("ASOF 2027-01-01")
    assert desk.asof is None
    assert desk.instant("2026-11-20") is None  # this evening is still to come: now


def test_a_failed_move_leaves_the_desk_as_it_was(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    desk.run("AAPL GP")
    desk.run("ASOF 2008-09-15")
    page = desk.page
    with pytest.raises(AsofError):
        desk.run("ASOF 2008-02-30")
    assert desk.asof == datetime(2008, 9, 16, 3, 59, 59, 999999, tzinfo=UTC)
    assert desk.page is page


def test_every_argument_of_every_function_has_help_and_functions_examples() -> None:
    for function in registry():
        assert function.title
        assert all(argument.help for argument in function.arguments)
        assert function.examples or function.mnemonic == "LOG"
        assert all(a.choices for a in function.arguments if a.kind is Kind.CHOICE)


READS = {"reader", "bars", "closes", "actions", "observations", "securities"}


def _around_the_reader(source: str) -> list[str]:
    """Calls that read data through a store at hand instead of the context's reader."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    names = [ast.unparse(call.func) for call in calls]
    return [name for name in names if name.split(".")[-1] in READS and name.split(".")[-2:-1] == ["store"]]


def test_functions_read_data_through_the_context_only() -> None:
    assert _around_the_reader("context.desk.store.reader(now)") == ["context.desk.store.reader"]
    assert _around_the_reader("context.reader.bars([1])") == []
    for module in pkgutil.iter_modules(functions.__path__, "engine.functions."):
        source = inspect.getsource(importlib.import_module(module.name))
        assert not _around_the_reader(source), module.name
