"""What a run is told from another by: in memory, in the book of trials, and in a line that was edited."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from engine.backtest.sweep import periods_a_year
from engine.desk import Desk
from engine.edit import with_argument
from engine.encode import page_hash
from engine.errors import CommandError, DataError
from engine.page import Metrics, Page
from engine.runs import carry, trials
from engine.runs.code import folder
from store import StoreError
from store.state import UserState

CROSS = "BACKTEST IBM 50SMA.200EMA 5Y"


def command(page: Page) -> str:
    assert page.lineage is not None
    return page.lineage.command


def metric(page: Page, label: str, panel: str = "headline") -> float | None:
    found = page.panel(panel)
    assert found is not None
    assert isinstance(found.figure, Metrics)
    value = next(item.value for item in found.figure.items if item.label == label)
    return None if value is None else float(str(value))


def tried(page: Page) -> float | None:
    return metric(page, "tried on these data", "luck")


def edited(desk: Desk, page: Page, name: str, text: str) -> str:
    """The line that a field of the page's form makes."""
    return with_argument(command(page), name, text, desk.functions)


def test_sessions_of_warm_up_make_another_run(make_desk: Callable[[], Desk]) -> None:
    """An average is seeded by the first session that it reads: a line may have fewer read than make it forget."""
    desk = make_desk()
    long, short = desk.run(CROSS), desk.run(f"{CROSS} WARMUP=199")
    carry._runs.forget()
    assert page_hash(desk.run(command(short))) == page_hash(short)
    assert metric(long, "return") != metric(short, "return")


SEEING = """class Seeing:
    def decide(self, day):
        return {day.symbols[0]: 1.0} if "pe" in day.panels else None
"""


def test_panels_of_a_file_make_another_run(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    where = folder(desk.context(None, None, None))
    where.mkdir(parents=True)
    (where / "seeing.py").write_text(SEEING)
    assert metric(desk.run("BACKTEST IBM FILE=seeing 5Y"), "trades") == 0
    assert metric(desk.run("BACKTEST IBM FILE=seeing 5Y PANELS=pe"), "trades") == 1


def test_a_number_that_the_user_told_opens_again(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    page = desk.run(f"{CROSS} TRIALS=12 HONESTY")
    assert tried(page) == 12
    assert command(page).endswith("TRIALS=12")
    assert page_hash(desk.run(command(page))) == page_hash(page)


def test_a_run_made_from_another_by_its_form_is_counted(make_desk: Callable[[], Desk]) -> None:
    """The page's line carries what was counted for it: with a field changed it is another run."""
    desk = make_desk()
    page = desk.run(f"{CROSS} HONESTY")
    for number, cost in enumerate(("1", "2", "3"), 2):
        page = desk.run(edited(desk, page, "cost", cost))
        assert tried(page) == number
    assert tried(desk.run(edited(desk, page, "page", "INPUTS").replace("INPUTS", "HONESTY"))) == 4
    told = desk.run(edited(desk, page, "trials", "40"))
    assert tried(told) == 40  # the user's own word stands, whatever is changed after it
    assert tried(desk.run(edited(desk, told, "cost", "9"))) == 40


def test_a_run_that_never_traded_has_no_ratio(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    never = desk.run('BACKTEST IBM "long when close < 0" 5Y')
    assert metric(never, "Sharpe ratio") is None
    assert metric(never, "Sortino ratio") is None
    page = desk.run(f"{CROSS} HONESTY")
    assert tried(page) == 2
    luck = metric(page, "Sharpe of luck", "luck")
    assert luck is not None
    assert luck < 2  # its deviation was the risk-free rate's: ratios of minus ten and more


def test_an_account_that_lay_idle_counts_and_moves_no_hurdle(make_desk: Callable[[], Desk]) -> None:
    """100 shares in a million lose to the risk-free rate every day: a ratio of minus ten, which says nothing."""
    desk = make_desk()
    desk.run(CROSS)
    desk.run("BACKTEST IBM 20SMA.100SMA 5Y")
    before = desk.run(f"{CROSS} COST=6 HONESTY")
    desk.run('BACKTEST IBM "long when close > sma(50); size shares(100)" 5Y')
    after = desk.run(f"{CROSS} COST=6 HONESTY")
    assert (tried(before), tried(after)) == (3, 4)
    hurdles = [metric(each, "Sharpe of luck", "luck") or 0.0 for each in (before, after)]
    g = 0.5772156649015329
    few, many = (float((1 - g) * ndtri(1 - 1 / n) + g * ndtri(1 - 1 / (n * np.e))) for n in (3, 4))
    assert hurdles[1] / hurdles[0] == pytest.approx(many / few)


def test_a_book_that_cannot_be_written_is_told_and_loses_nothing(
    make_desk: Callable[[], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_desk()
    with monkeypatch.context() as patch:

        def full(*_: object) -> None:
            raise StoreError("the catalog failed: database or disk is full")

        patch.setattr(UserState, "update", full)
        with pytest.raises(DataError, match=r"book of trials: the catalog failed.*disk is full\. TRIALS="):
            desk.run(CROSS)
        assert tried(desk.run(f"{CROSS} HONESTY TRIALS=3")) == 3
    assert tried(desk.run(f"{CROSS} HONESTY")) == 1


def test_a_book_of_before_is_read() -> None:
    """Ratios by run, numbers all; of what is counted now one may be missing."""
    held = {"sharpes": {"a": 0.01, "b": 0.03, "c": 0.02, "d": -0.9}, "count": 7}
    found = trials._told_by(trials._joined(held, {"e": None, "a": 0.01}))
    assert (found.trials, found.variance) == (8, pytest.approx(1e-4))


def test_other_scores_are_another_trial(make_desk: Callable[[], Desk], tmp_path: Path) -> None:
    desk, path = make_desk(), tmp_path / "mine.csv"
    line = f'BACKTEST IBM "long when mine > 0; exit when mine < 0" MAX SCORES={path} HONESTY'
    for number, flips in enumerate((("1", "-1"), ("-1", "1")), 1):
        path.write_text("date,ticker,mine\n" + "\n".join(
            f"{year}-03-0{2 + at},IBM,{flip}" for year in range(2005, 2012) for at, flip in enumerate(flips)
        ))  # fmt: skip
        page = desk.run(line)
        assert command(page).count("TRIALS=") == 1
        assert f"TRIALS={number}:" in command(page)


def test_what_trials_say_is_read_as_it_is_written() -> None:
    told = trials.Counted(12, 0.0031, trials.mark("a"))
    assert trials.read(str(told)) == told
    assert trials.told(str(told), "a") == told
    assert trials.told(str(told), "b") is None
    assert str(trials.read("12")) == "12"
    assert trials.told("12", "b") is not None
    assert trials.told(None, "b") is None
    for wrong in ("0", "12:-1", "12:1e999", "12:x", "a", "12:0.1:zz"):
        with pytest.raises(CommandError, match="TRIALS= takes"):
            trials.read(wrong)


def test_no_two_users_have_their_strategies_in_one_folder(make_desk: Callable[..., Desk]) -> None:
    where = [
        folder(make_desk(user).context(None, None, None)) for user in ("a-b", "a b", "a/b", "../a-b", "user")
    ]
    assert len(set(where)) == len(where)
    assert len({each.parent for each in where}) == 1


@pytest.mark.parametrize(
    ("step", "count", "told"),
    [(1, 400, 365.0), (7, 100, 52.0), (30, 60, 12.0), (91, 40, 4.0), (7, 10, 252.0)],
)
def test_a_year_has_as_many_sessions_as_the_dates_show(step: int, count: int, told: float) -> None:
    dates = np.datetime64("2001-01-01") + np.arange(count) * np.timedelta64(step, "D")
    assert periods_a_year(dates) == told


def test_a_year_of_weekdays_has_252_sessions() -> None:
    dates = np.arange(np.datetime64("2001-01-01"), np.datetime64("2003-01-01"))
    assert periods_a_year(dates[np.is_busday(dates)]) == 252.0
