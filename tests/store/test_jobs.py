"""The register of jobs, as several processes and users see it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from store import Store, StoreError, open_store
from store.jobs import Jobs
from store.who import process_mark
from tests.store.rows import Clock

ROOT = Path(__file__).resolve().parents[2]
WAITING = """
import sys, time
from store import open_store
print(open_store(sys.argv[1]).jobs.start("backfill", "SP500", "ann", {"years": 10}).id, flush=True)
time.sleep(600)
"""


def test_a_job_from_its_start_to_its_end(store: Store) -> None:
    job = store.jobs.start("backfill", "SP500 10Y", "ann", {"universe": "sp500", "years": 10})
    assert (job.state, job.pid, job.done, job.total) == ("running", os.getpid(), 0, 0)
    assert job.request == {"universe": "sp500", "years": 10}
    store.jobs.tell(job.id, 3, 500, "AAPL", {"failed": ["XYZ"]})
    store.jobs.tell(job.id, 4, 500, "MSFT")
    seen = open_store(store.home).jobs.get(job.id)
    assert seen is not None
    assert (seen.done, seen.total, seen.label, seen.facts) == (4, 500, "MSFT", {"failed": ["XYZ"]})
    assert seen.updated_at > seen.started_at
    ended = store.jobs.finish(job.id, "done", "500 of 500", {"rows": 7})
    assert (ended.state, ended.summary, ended.facts) == ("done", "500 of 500", {"rows": 7})
    assert ended.finished_at is not None
    store.jobs.tell(job.id, 1, 1, "too late")
    assert store.jobs.finish(job.id, "failed") == ended, "an end is an end"
    with pytest.raises(StoreError, match="ends as done, failed, stopped"):
        store.jobs.finish(job.id, "lost")  # type: ignore[arg-type]
    assert store.jobs.get("nosuch") is None
    with pytest.raises(StoreError, match="no job nosuch"):
        store.jobs.finish("nosuch", "done")


def test_stopping_is_a_request(store: Store) -> None:
    job = store.jobs.start("update", "nightly", "ann", {})
    assert not store.jobs.stop_asked(job.id)
    assert open_store(store.home).jobs.ask_to_stop(job.id)
    assert store.jobs.stop_asked(job.id)
    assert store.jobs.finish(job.id, "stopped").state == "stopped"
    assert not store.jobs.ask_to_stop(job.id)
    assert not store.jobs.stop_asked("nosuch")


def test_jobs_are_listed_newest_first_and_by_user(store: Store) -> None:
    made = [store.jobs.start("update", str(n), "ann" if n % 2 else "bob", {}) for n in range(4)]
    assert [job.id for job in store.jobs.list()] == [job.id for job in reversed(made)]
    assert [job.title for job in store.jobs.list(1, "bob")] == ["2"]


def test_a_killed_process_s_job_is_lost_and_taken_up_by_one(store: Store) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", WAITING, str(store.home)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    id_ = worker.stdout.readline().strip()
    running = store.jobs.get(id_)
    assert running is not None
    assert (running.state, running.pid) == ("running", worker.pid)
    with pytest.raises(StoreError, match="is running already"):
        store.jobs.resume(id_)
    worker.send_signal(signal.SIGKILL)
    while process_mark(worker.pid):  # dead, and not yet waited for: a zombie runs no more
        pass
    lost = store.jobs.get(id_)
    assert lost is not None
    assert lost.state == "lost"
    assert lost.request == {"years": 10}
    worker.communicate()
    store.jobs.ask_to_stop(id_)
    taken = store.jobs.resume(id_)
    assert (taken.state, taken.pid) == ("running", os.getpid())
    assert not store.jobs.stop_asked(id_)
    with pytest.raises(StoreError, match="is running already"):
        store.jobs.resume(id_)
    assert store.jobs.finish(id_, "done").state == "done"


def test_a_number_taken_by_a_later_process_is_not_the_job_s(store: Store, clock: Clock) -> None:
    marks = {os.getpid(): "boot:100"}
    jobs = replace(store.jobs, mark=lambda pid: marks.get(pid, ""))
    job = jobs.start("backfill", "x", "ann", {})
    assert [one.state for one in jobs.list()] == ["running"]
    marks[os.getpid()] = "boot:250"  # the same number, started later
    assert [one.state for one in jobs.list()] == ["lost"]
    elsewhere = Jobs(jobs.catalog, clock, host=lambda: "another machine", mark=jobs.mark)
    assert [one.state for one in elsewhere.list()] == ["running"], (
        "of other machines' processes nothing is known"
    )
    clock.now += timedelta(days=1)
    assert jobs.resume(job.id).state == "running"


def test_a_mark_is_the_same_as_long_as_the_process_runs() -> None:
    assert process_mark(os.getpid()) == process_mark(os.getpid()) != ""
    assert process_mark(1) != process_mark(os.getpid())
    assert process_mark(2**22 + 1) == ""
