"""Backfills as real processes: killed, interrupted, several at once. Prices are made up."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from store import Store, open_store
from store.canonical import content_hash
from store.schema import TABLES
from tests.providers.backfill_worker import END, NOW, START
from tests.providers.sources.loopback import Asked, Said, serving
from tests.providers.vendor import Market, sessions_of

ROOT = Path(__file__).parents[2]
TICKERS = [f"T{n:02}" for n in range(30)]


def start(home: Path, url: str, tickers: list[str], *more: str) -> subprocess.Popen[str]:
    words = [str(home), url, ",".join(tickers), *(more or ("0", "0"))]
    command = [sys.executable, "-m", "tests.providers.backfill_worker", *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(work: subprocess.Popen[str]) -> list[str]:
    out, err = work.communicate(timeout=120)
    assert work.returncode == 0, err
    return out.split()


def content(store: Store) -> dict[str, str]:
    """The rows of every table by their contents, whatever commits brought them. Which security got which permanent
    id is a matter of who came first: each stands by its place among the identities."""
    reader = store.reader(NOW)
    names = reader.securities().select("security_id", "identity").sort("identity")["security_id"].to_list()
    place = {number: at for at, number in enumerate(names)}

    def told(name: str) -> str:
        rows = reader.rows(name).with_columns(
            pl.col("security_id").replace_strict(place, return_dtype=pl.Int64)
        )
        return content_hash(rows, TABLES[name].key)

    return {name: told(name) for name in TABLES}


def market(store: Store) -> Market:
    return Market(sessions_of(store, START, END))


def slowly(seconds: float, inner: Market) -> Market:
    def wait(_: Asked) -> Said | None:
        time.sleep(seconds)
        return None

    inner.fault = wait
    return inner


@pytest.mark.slow
def test_killed_again_and_again_it_ends_as_if_undisturbed(tmp_path: Path) -> None:
    whole = open_store(tmp_path / "whole", clock=lambda: NOW)
    with serving(market(whole)) as server:
        assert ended(start(whole.home, server.url, TICKERS))[1:] == ["done", "30", "0", "0"]
    store = open_store(tmp_path / "home", clock=lambda: NOW)
    dice, job = random.Random(7), ""
    with serving(slowly(0.05, market(store))) as server:
        for _ in range(4):
            work = start(store.home, server.url, TICKERS, "0", "0", job)
            before = store.snapshot()
            while store.snapshot() == before and work.poll() is None:
                time.sleep(0.01)
            time.sleep(dice.uniform(0.0, 0.25))
            work.kill()
            work.communicate()
            found = store.jobs.list()[0]
            assert found.state == "lost"
            job = found.id
            assert store.check() == []
            assert store.verify_audit() == []
        last = ended(start(store.home, server.url, TICKERS, "0", "0", job))
    assert last[:3] == [job, "done", "30"]
    assert int(last[3]) >= 4  # what the killed ones committed was not asked again
    assert content(store) == content(whole)
    bars = [batch for batch in store.batches() if batch.kind == "append"]
    assert len(bars) == len(TICKERS)  # no answer was committed twice
    assert Counter(r.security_id for r in store.fetched("bars")).most_common(1)[0][1] == 1
    assert store.verify_audit() == []
    store.vacuum(0.0)
    assert content(store) == content(whole)
    assert store.check() == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_says_so_and_goes_on(tmp_path: Path, number: signal.Signals) -> None:
    store = open_store(tmp_path / "home", clock=lambda: NOW)
    with serving(slowly(0.05, market(store))) as server:
        work = start(store.home, server.url, TICKERS)
        while store.snapshot() == 0:
            time.sleep(0.01)
        work.send_signal(number)
        job, state, done, _, failures = ended(work)
        assert (state, failures) == ("stopped", "0")
        assert 0 < int(done) < 30
        assert ended(start(store.home, server.url, TICKERS, "0", "0", job))[1:] == ["done", "30", done, "0"]


@pytest.mark.slow
def test_four_processes_keep_one_rate_and_ask_nothing_twice(tmp_path: Path) -> None:
    """Twelve calls a second for all together; the server counts by its own clock."""
    store = open_store(tmp_path / "home", clock=lambda: NOW)
    times: list[float] = []

    def note(_: Asked) -> Said | None:
        times.append(time.monotonic())
        return None

    known = market(store)
    known.fault = note
    with serving(known) as server:
        works = [start(store.home, server.url, TICKERS, "12", "1") for _ in range(4)]
        told = [ended(work) for work in works]
    assert [words[1:3] for words in told] == [["done", "30"]] * 4
    assert len(times) == len(TICKERS)
    # a call arrives some time after it was allowed: the window is measured with that much slack
    busiest = max(sum(1 for other in times if 0 <= other - one < 0.9) for one in times)
    assert busiest <= 12
    assert len([b for b in store.batches() if b.kind == "append"]) == len(TICKERS)
    assert store.verify_audit() == []
