"""SWEEP's pages: what is shown at once, what goes on beside the desk, what is refused, and that clocks hold."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from engine import outliving
from engine.desk import Desk
from engine.encode import encode
from engine.errors import Cancelled, CommandError, DataError
from engine.figures import Heatmap
from engine.page import Bars, Lines, Metrics, Page, Table
from engine.runs import sweep_keep, sweep_start
from store import Batch, Store
from terminal.sweeping import parse
from tests.runs.sweeping import PRESENT, START, made_store
from tests.runs.sweeping import at as told_on

PROGRAM = (sys.executable, "-P", "-m", "terminal.cli")
SMALL = "SWEEP AAA {3,6}SMA.{20,40,60}EMA 2Y"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return made_store(tmp_path / "home")[0]


def desk(store: Store, program: tuple[str, ...] = ()) -> Desk:
    return Desk(store, "tester", clock=lambda: PRESENT, program=program)


def table(page: Page, name: str) -> list[dict[str, Any]]:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return list(panel.figure.frame.iter_rows(named=True))


def metrics(page: Page, name: str = "honesty") -> dict[str, Any]:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Metrics)
    return {item.label: item.value for item in panel.figure.items}


def heat(page: Page) -> Heatmap:
    panel = page.panel("heatmap")
    assert panel is not None
    assert isinstance(panel.figure, Heatmap)
    return panel.figure


def test_points_are_ranked_drawn_and_judged(store: Store) -> None:
    page = desk(store).run(SMALL)
    rows = table(page, "points")
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5, 6]
    ratios = [row["sharpe_ratio"] for row in rows]
    assert ratios == sorted(ratios, reverse=True)
    figure = heat(page)
    assert (figure.rows, figure.columns) == (("3", "6"), ("20", "40", "60"))
    best = rows[0]
    place = figure.rows.index(best["p0"]), figure.columns.index(best["p1"])
    assert figure.values[place] == best["sharpe_ratio"] == np.nanmax(figure.values)
    told = metrics(page)
    assert told["points tried"] == 6
    assert 0 <= told["PBO"] <= 1
    assert 0 <= told["SPA p-value"] <= 1
    assert 0 <= told["deflated Sharpe ratio"] <= 1


def test_a_row_runs_the_same_run(store: Store) -> None:
    """The line of a row parses as BACKTEST's, and its run is the point's to the last bit."""
    from engine.runs.asked import ask
    from engine.runs.carry import carried

    here = desk(store)
    page = here.run("SWEEP AAA CCC BBB {3,6}SMA.{20,40}EMA 2Y COST=2 CAPITAL=50000 FILL=VWAP LOTS=WHOLE")
    for row in table(page, "points"):
        command = here.parse(row["command"])
        context = here.context(None, None, None)
        settled = here._settled(command, context)
        run = carried(context, ask(context, settled.args, context.securities))
        assert run.outcome.result.equity[-1] / 50_000 - 1 == pytest.approx(row["total_return"], abs=1e-15)
        assert len(run.outcome.result.trades) == row["trades"]
        headline = here.run(command).panel("headline")
        assert headline is not None
        sharpe = next(each for each in headline.figure.items if each.label == "Sharpe ratio")  # type: ignore[union-attr]
        assert sharpe.value == pytest.approx(row["sharpe_ratio"], rel=1e-9)
    assert "CCC" in encode(page, "text")  # has no prices: said, and the others are swept
    securities = table(page, "securities")
    assert [bool(row["why"]) for row in securities] == [False, True, False]


def test_three_parameters_are_cut_to_two(store: Store) -> None:
    here = desk(store)
    line = 'SWEEP AAA "long when rsi({3,5}) < {35,45,55}; hold {2,6}" 2Y'
    whole, figure = table(here.run(f"{line} TOP=50"), "points"), heat(here.run(line))
    for at, value in np.ndenumerate(figure.values):
        own = [
            r["sharpe_ratio"]
            for r in whole
            if (r["p0"], r["p1"]) == (figure.rows[at[0]], figure.columns[at[1]])
        ]
        assert value == pytest.approx(max(own))
    fixed = here.run(f'{line} FIX="hold=6" X=rsi')
    assert "hold 6" in str(fixed.panel("heatmap").title)  # type: ignore[union-attr]
    assert heat(fixed).columns == ("3", "5")
    assert heat(fixed).rows == ("35", "45", "55")
    ratios = {(row["p1"], row["p0"], row["p2"]): row["sharpe_ratio"] for row in whole}
    for at, value in np.ndenumerate(heat(fixed).values):
        assert value == pytest.approx(ratios[heat(fixed).rows[at[0]], heat(fixed).columns[at[1]], "6"])
    assert heat(here.run("SWEEP AAA CLOSE>{5,10,20}SMA 2Y")).columns == ("5", "10", "20")


def test_out_of_sample_and_parts(store: Store) -> None:
    page = desk(store).run(f"{SMALL} PERIODS=4 WALK=1Y/3M CPCV=6/2 BY=RETURN")
    assert len(table(page, "parts")) == 4
    assert all(1 <= row["rank"] <= 6 for row in table(page, "parts"))
    assert isinstance(page.panel("walk").figure, Lines)  # type: ignore[union-attr]
    windows = table(page, "windows")
    assert len(windows) >= 3
    assert all(row["trained"] < row["from"] < row["to"] for row in windows)
    assert isinstance(page.panel("cpcv").figure, Bars)  # type: ignore[union-attr]


def test_points_without_a_number_are_listed(store: Store) -> None:
    page = desk(store).run('SWEEP AAA "long when close > {1,1e6}" 1Y')
    (row,) = table(page, "left_out")
    assert "never traded" in row["why"]
    assert len(table(page, "points")) == 1
    page = desk(store).run('SWEEP AAA "long when close > {1e6,2e6}" 1Y')
    assert any("No point has a result" in note.text for note in page.notes)
    assert page.panel("honesty") is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("SWEEP AAA 50SMA.200EMA", "nothing to sweep"),
        ("SWEEP AAA {5..1}SMA.20EMA", "counts upwards"),
        ("SWEEP AAA {0,-1}SMA.20EMA", "None of the 2 points"),
        ("SWEEP AAA {2..900}SMA.{2..900}EMA", "more than a sweep takes"),
        (f"{SMALL} FIX=nothing=3", "is no parameter"),
        (f"{SMALL} X=1 Y=1", "two different"),
        (f"{SMALL} WALK=soon", "training/test"),
        (f"{SMALL} WALK=50Y/1Y", "no training window"),
        (f"{SMALL} CPCV=2", "groups"),
        (f"{SMALL} SHOW=ZZZ", "is not in this sweep"),
        ('SWEEP UNIVERSE=nowhere "long when close > sma({5,9})"', "no universe"),
        ("SWEEP CCC {3,6}SMA.20EMA", "CCC"),
        ("SWEEP ID=../../etc", "ID= takes"),
        ("SWEEP ID=abcdef", "No sweep abcdef is kept"),
        ("SWEEP AAA sell put {1..3}", "None of the 3 points"),
    ],
)
def test_what_cannot_be_swept_is_said(store: Store, line: str, words: str) -> None:
    with pytest.raises((CommandError, DataError), match=words):
        desk(store).run(line)


def test_a_page_opens_again_and_trials_are_counted_once(store: Store) -> None:
    here = desk(store)
    first = here.run(SMALL)
    assert first.lineage is not None
    assert "TRIALS=6:" in first.lineage.command
    assert "TRIALS=6:" in here.run(SMALL).lineage.command  # type: ignore[union-attr]
    more = here.run("SWEEP AAA {3,9}SMA.{20,40,60}EMA 2Y")
    assert "TRIALS=9:" in more.lineage.command  # type: ignore[union-attr]
    assert metrics(more)["deflated by all your runs"] <= metrics(more)["deflated Sharpe ratio"] + 1e-9
    again = here.run(f"OPEN {first.lineage.snapshot_id}")
    assert encode(again, "csv") == encode(first, "csv")


def test_a_store_made_anew_in_its_place_finds_nothing_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep's batches lie under its id, also in workers that outlive the store."""
    ids: list[str] = []
    plain = sweep_keep.Kept.at

    def seen(home: Path, id_: str) -> sweep_keep.Kept:
        ids.append(id_)
        return plain(home, id_)

    monkeypatch.setattr(sweep_keep.Kept, "at", seen)
    for _ in range(2):
        store, _ = made_store(tmp_path / "home")
        with closing(desk(store)) as own:
            own.run(SMALL)
        shutil.rmtree(store.home)
    assert len(set(ids)) == len(ids) == 2


def test_esc_ends_it(store: Store) -> None:
    with pytest.raises(Cancelled):
        desk(store).run(SMALL, cancelled=lambda: True)


def test_the_clock_holds(store: Store) -> None:
    here = desk(store)
    here.run("ASOF 2018-06-29")
    page = here.run(SMALL)
    assert page.lineage is not None
    newest = [read.newest_known_at for read in page.lineage.reads if read.newest_known_at is not None]
    assert max(newest) <= page.lineage.asof
    assert {read.table for read in page.lineage.reads} >= {"bars"}
    assert "2018-06-29" in page.title


# -- beside the desk -------------------------------------------------------------------------------------


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[Desk]:
    """A desk for which every sweep takes too long."""
    monkeypatch.setattr(sweep_start, "HERE", -1.0)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    yield desk(store, PROGRAM)
    for each in outliving.started:
        each.wait(30)


def ended(here: Desk, until: Callable[[], bool] | None = None) -> Any:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        (job,) = here.store.jobs.list(5)
        if job.state != "running" or (until is not None and until()):
            return job
        time.sleep(0.05)
    raise AssertionError("the sweep did not end")


def shown(page: Page) -> list[dict[str, Any]]:
    return [{**row, "command": ""} for row in table(page, "points")]


def test_a_long_one_runs_beside_and_shows_the_same(beside: Desk) -> None:
    begun = beside.run(f"{SMALL} WORKERS=2 PERIODS=3")
    job = beside.store.jobs.list(5)[0]
    if begun.live:
        assert begun.live == f"SWEEP ID={job.request['sweep']} PERIODS=3"
        assert begun.panel("job") is not None
    assert ended(beside).state == "done"
    page = beside.run(f"SWEEP ID={job.request['sweep']} PERIODS=3")
    assert not page.live
    assert page.panel("job") is None
    there = desk(beside.store).run(f"{SMALL} PERIODS=3")
    assert shown(page) == shown(there)
    np.testing.assert_array_equal(heat(page).values, heat(there).values)
    assert page.lineage is not None
    assert {read.table for read in page.lineage.reads} >= {"bars"}
    # the same line at the same clock is answered from what is kept
    assert shown(beside.run(f"{SMALL} PERIODS=3")) == shown(there)
    assert len(beside.store.jobs.list(5)) == 1
    assert "1 sweeps" in encode(beside.run("SWEEP"), "text")
    beside.run("ASOF 2018-06-29")
    with pytest.raises(DataError, match="later than this clock"):
        beside.run(f"SWEEP ID={job.request['sweep']}")


def test_killed_and_resumed_it_ends_the_same(beside: Desk) -> None:
    line = 'SWEEP AAA BBB "long when close > sma({3..12}); stop {2%..9%/1%}" 2Y'
    beside.run(f"{line} WORKERS=1")
    (work,) = [each for each in outliving.started if each.poll() is None][-1:]
    job = beside.store.jobs.list(5)[0]
    folder = beside.store.home / "sweeps" / job.request["sweep"]
    ended(beside, lambda: len(list(folder.glob("*.npz"))) >= 2)
    os.killpg(work.pid, signal.SIGKILL)
    work.wait()
    kept = {each.name: each.stat().st_mtime_ns for each in folder.glob("*.npz")}
    assert 2 <= len(kept) < 16
    assert beside.store.jobs.get(job.id).state == "lost"  # type: ignore[union-attr]
    half = beside.run(f"SWEEP ID={job.request['sweep']}")
    assert any(f"JOBS RESUME {job.id[:6]}" in note.text for note in half.notes)
    assert table(half, "points")
    assert half.panel("honesty") is None
    beside.run(f"JOBS RESUME {job.id[:6]}")
    assert ended(beside).state == "done"
    after = {each.name: each.stat().st_mtime_ns for each in folder.glob("*.npz")}
    assert {name: after[name] for name in kept} == kept
    page = beside.run(f"SWEEP ID={job.request['sweep']}")
    assert shown(page) == shown(desk(beside.store).run(line))


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ('SWEEP "long top {1,2} by ret_1m in idx; rebalance {weekly,monthly}" 1Y COST=3', ""),
        ('SWEEP UNIVERSE=idx "long when close > sma({5,20})" 1Y', "UNIVERSE=idx"),
    ],
)
def test_members_of_an_index_are_one_portfolio(beside: Desk, line: str, where: str) -> None:
    from engine.runs.asked import ask
    from engine.runs.carry import carried

    with_index(beside.store)
    beside.run(line)
    assert ended(beside).state == "done", beside.store.jobs.list(1)[0].summary
    page = beside.run(f"SWEEP ID={beside.store.jobs.list(1)[0].request['sweep']}")
    rows = table(page, "points")
    assert rows
    for row in rows:
        assert where in row["command"]
        command = beside.parse(row["command"])
        context = beside.context(None, None, None)
        settled = beside._settled(command, context)
        run = carried(context, ask(context, settled.args, context.securities))
        assert run.outcome.result.equity[-1] / 1e6 - 1 == pytest.approx(row["total_return"], abs=1e-15)
        assert len(run.outcome.result.trades) == row["trades"]


def with_index(store: Store) -> None:
    """An index whose members are the securities with prices."""
    number = store.identify(["index:IDX"])["index:IDX"]
    ids = store.identify(["us-equity:AAA", "us-equity:BBB"])
    known = {"known_at": told_on(START), "known_basis": "exact"}
    name = {"security_id": number, "valid_from": START, "ticker": "IDX", "name": "Index", "market": "INDEX",
            "asset_class": "index", "exchange": "XNYS", "currency": "USD", "unit": "points", "calendar": "XNYS",
            "listing_date": START, **known}  # fmt: skip
    stays = [
        {"security_id": number, "start_date": START, "member_id": member, "ticker": word[-3:], **known}
        for word, member in ids.items()
    ]
    frames = {"securities": pl.DataFrame([name]), "membership": pl.DataFrame(stays)}
    store.append(Batch("own market", "index", "3", frames))


def test_what_a_shell_may_say() -> None:
    from terminal.exits import UsageError

    with pytest.raises(UsageError, match="--resume"):
        parse(["sweep"])
    with pytest.raises(UsageError, match="from 1 to 256"):
        parse(["sweep", "--resume", "a", "--workers", "many"])
    assert parse(["sweep", "--resume", "a", "--cluster=tcp://h:1"]).cluster == "tcp://h:1"
    done = subprocess.run([*PROGRAM, "sweep", "--help"], capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})  # fmt: skip
    assert "--cluster" in done.stdout
