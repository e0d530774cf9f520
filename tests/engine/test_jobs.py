"""JOBS and BACKFILL pages: what is said before anything is begun, while it runs, and when it ended."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.desk import Desk
from engine.errors import CommandError, DataError
from engine.page import Metrics, Page, Table
from providers.backfill_plan import keep
from providers.backfill_report import Failed, Report
from providers.breaker import Breaker
from store import Job, Store, open_store
from tests.providers.sources.loopback import Said, serving
from tests.providers.vendor import router, vendor

NOW = datetime(2013, 6, 28, 22, 0, tzinfo=UTC)
# takes a job up, and ends
TAKES_UP = """
import sys
from store import open_store
_, _, _, job, _, home = sys.argv
open_store(home).jobs.resume(job)
"""


@pytest.fixture
def store(home: Path) -> Store:
    return open_store(home)


def desk(store: Store, urls: dict[str, str] | None = None, *, key: bool = False, code: str = "") -> Desk:
    asking = router(store, urls or {}, vendor(key=key), now=NOW, breaker=Breaker(longest=0.0))
    program = (sys.executable, "-c", code) if code else ()
    return Desk(store, "tester", clock=lambda: NOW, router=asking, program=program)


def told(page: Page) -> dict[str, object]:
    figure = page.panels[0].figure
    assert isinstance(figure, Metrics)
    return {item.label: item.value for item in figure.items}


def notes(page: Page) -> str:
    return "\n".join(note.text for note in page.notes)


def stopped(store: Store) -> Job:
    job = store.jobs.start("backfill", "AAA, BBB", "tester", {"tasks": 2})
    return store.jobs.finish(
        job.id, "stopped", "AAA, BBB: 1 of 2 done in 1.0 s, 7 rows written", {"failed": 0}
    )


def test_where_nobody_may_be_asked_nothing_is_begun(store: Store) -> None:
    with pytest.raises(DataError, match=r"No source may be asked for bars yet\. Type KEYS SET first"):
        desk(store, key=True).run("BACKFILL NVDAX,ZZZX,YYYX,XXXX,WWWX")
    mine = desk(store)
    mine.run("SET offline=yes")
    with pytest.raises(DataError, match="SET offline=no ends that"):
        mine.run("BACKFILL NVDAX")
    assert store.jobs.list() == []


def test_a_failure_is_told_whole_and_alike_ones_once(store: Store) -> None:
    with serving(lambda _: Said(b"{}", 404)) as server:
        page = desk(store, {"first": server.url}).run("BACKFILL NVDAX")
    assert "NVDAX: First does not know NVDAX" in notes(page)
    assert told(page)["how it goes"].startswith("1 failed, in ")  # type: ignore[attr-defined]
    assert [panel.name for panel in page.panels] == ["job", "failures"]  # no sessions to count
    job = stopped(store)
    failed = tuple(Failed(name, "bars", f"First does not know {name}") for name in ("AAA", "BBB"))
    keep(store, job.id, "report", Report(job.id, "done", "two", 2, 2, 0, 0, 1.0, 0, failed).body())
    assert "2 failed alike: First does not know ..." in notes(desk(store).run(f"JOBS {job.id}"))


def test_a_job_that_begins_runs_and_is_asked_to_stop(store: Store) -> None:
    mine = desk(store)
    job = store.jobs.start("backfill", "AAA, BBB", "tester", {"tasks": 2})
    page = mine.run(f"JOBS {job.id}")
    assert (told(page)["done"], told(page)["how it goes"]) == ("0 of 2", "starting")
    assert page.live == f"JOBS {job.id}"
    page = mine.run(f"JOBS STOP {job.id[:6]}")
    assert told(page)["state"] == "stopping"
    assert "is asked to stop" in notes(page)
    assert "JOBS STOP" not in notes(page)
    assert mine.standing().working == "1 job running"
    store.jobs.finish(job.id, "stopped", "AAA, BBB: 1 of 2 done in 1.0 s, 7 rows written", {"failed": 1})
    page = mine.run("JOBS")
    figure = page.panels[0].figure
    assert isinstance(figure, Table)
    assert figure.frame["label"][0] == "1 failed, 1 of 2 done in 1.0 s, 7 rows written"
    assert (page.live, mine.standing().working) == ("", "")


def test_a_page_shown_anew_is_no_line_of_the_users(store: Store) -> None:
    mine = desk(store)
    mine.run("JOBS")
    mine.run("AAPL DES")
    mine.run("JOBS", asked=False)
    assert mine.history == ["JOBS", "AAPL DES"]


def test_a_stopped_job_is_taken_up_from_the_page(store: Store) -> None:
    job = stopped(store)
    page = desk(store, code=TAKES_UP).run(f"JOBS RESUME {job.id[:6]}")
    assert "It goes on in a process of its own" in notes(page)
    taken = store.jobs.get(job.id)
    assert taken is not None
    assert taken.pid != job.pid


def test_what_cannot_be_taken_up_says_so(store: Store) -> None:
    job = stopped(store)
    with pytest.raises(DataError, match="did not start: no such order"):
        desk(store, code="raise SystemExit('no such order')").run(f"JOBS RESUME {job.id}")
    with pytest.raises(DataError, match="asof backfill --resume"):
        desk(store).run(f"JOBS RESUME {job.id}")
    with pytest.raises(CommandError, match="STOP or RESUME and an id"):
        desk(store).run("JOBS AGAIN soon")
    running = store.jobs.start("backfill", "CCC", "tester", {})
    assert "is running: there is nothing" in notes(desk(store).run(f"JOBS RESUME {running.id}"))


def test_what_opened_the_keys_goes_along_to_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backfill in a process of its own asks with the keys that this session opened."""
    from engine.bulk_line import _environment
    from providers.keys import session_keys

    monkeypatch.setenv("ASOF_CONFIG", str(tmp_path))
    monkeypatch.delenv("ASOF_PASSPHRASE", raising=False)
    session_keys.cache_clear()
    try:
        assert "ASOF_PASSPHRASE" not in _environment()
        session_keys().unlock("open the little door")
        assert _environment()["ASOF_PASSPHRASE"] == "open the little door"
    finally:
        session_keys.cache_clear()
