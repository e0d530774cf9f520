"""Pages that change by themselves: renewed in place, under whatever the reader is doing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl
from conftest import Running, enter, settle, words
from fake_desk import FakeDesk, FakeStanding, FakeState

from engine.page import Column, Metric, Metrics, Note, Page, Panel, Table
from store import StoreError
from terminal.desk_thread import DeskThread
from terminal.following import alike
from terminal.messages import StandsNow
from terminal.widgets.table import TablePanel
from terminal.workspace import KIND, NAME


@dataclass
class Works:
    """Jobs as a desk tells them."""

    ids: list[str] = field(default_factory=lambda: [f"job{n:02}" for n in range(40)])
    done: int = 0
    running: bool = True
    notes: tuple[Note, ...] = ()
    fault: Exception | None = None
    working: str = "1 job running"


class WorkingDesk(FakeDesk):
    """JOBS is a table of jobs; BACKFILL a page of one, that gets panels when it is done."""

    def __init__(self, works: Works) -> None:
        super().__init__()
        self.works = works

    def _answer(self, words: list[str], progress: Any, cancelled: Any) -> Page:
        works = self.works
        if words[0] not in ("JOBS", "BACKFILL"):
            return super()._answer(words, progress, cancelled)
        if works.fault is not None:
            raise works.fault
        rows = {"id": works.ids, "done": [f"{works.done} of 9"] * len(works.ids)}
        table = Table(pl.DataFrame(rows), (Column("id", "id"), Column("done", "done")), key=("id",))
        jobs = Panel("jobs", f"{len(works.ids)} jobs", table)
        if words == ["JOBS"]:
            return Page("Jobs", (jobs,), "JOBS", live="JOBS" if works.running else "")
        passing = (Note("It runs in a process of its own.", passing=True),) if words[0] == "BACKFILL" else ()
        told = Panel("job", "job", Metrics((Metric("done", f"{works.done} of 9"),)))
        ended = () if works.running else (replace(jobs, name="failures", title="failures"),)
        live = "JOBS one" if works.running else ""
        return Page("Job one", (told, *ended), "JOBS", notes=(*works.notes, *passing), live=live)

    def standing(self) -> FakeStanding:
        return replace(super().standing(), working=self.works.working)


async def look(pilot: Any) -> None:
    """What the timer does."""
    pilot.app.desk_thread.look_again(pilot.app.page)
    await settle(pilot)


async def test_cursor_order_focus_and_the_line_being_typed_stay(running: Running) -> None:
    works = Works()
    desk = WorkingDesk(works)
    async with running(desk, size=(80, 20)) as pilot:
        app = pilot.app
        await enter(pilot, "JOBS")
        await pilot.press("tab", "pagedown", "down", "s", "s")
        table = app.focused
        assert isinstance(table, TablePanel)
        row, above = table.copied_text(), table.row - table.top
        works.done, works.ids = 3, ["jobxx", *works.ids]
        await look(pilot)
        assert "3 of 9" in words(app)
        assert app.focused is table
        assert (table.copied_text(), table.row - table.top) == (row, above)
        assert (table.view.sorted_by, table.view.descending) == (0, True)
        app.shell.bar.focus()
        await pilot.press(*"AAPL D")
        works.done = 4
        await look(pilot)
        assert "4 of 9" in words(app)
        assert (app.shell.bar.text, app.shell.bar.has_focus) == ("AAPL D", True)
        assert "running JOBS" not in words(app)
        assert desk.looks == ["JOBS", "JOBS"]
        assert desk.lines == ["JOBS"]


async def test_a_look_is_no_line_and_no_visit(running: Running) -> None:
    works, state = Works(), FakeState()
    async with running(WorkingDesk(works), state=state) as pilot:
        app = pilot.app
        await enter(pilot, "AAPL DES")
        await enter(pilot, "BACKFILL A,B")
        for works.done in (1, 2, 3):
            await look(pilot)
        assert "It runs in a process of its own." in words(app)
        await pilot.press("up")
        assert app.shell.bar.text == "BACKFILL A,B"
        await pilot.press("escape", "escape", "alt+left")
        assert "Description" in words(app)
        await pilot.press("alt+right")
        assert "3 of 9" in words(app)
        works.done = 5
        await look(pilot)  # also of a page that the reader went back to
        assert "5 of 9" in words(app)
        app.flush(clean=True)
    kept = state.bodies[KIND, NAME]
    assert [visit["line"] for visit in kept["visits"]] == [
        "AAPL DES",
        "JOBS one",
    ]  # the one that may run again
    assert kept["history"] == ["AAPL DES", "BACKFILL A,B"]


async def test_what_ends_gets_its_other_panels(running: Running) -> None:
    works = Works()
    async with running(WorkingDesk(works)) as pilot:
        app = pilot.app
        await enter(pilot, "BACKFILL A,B")
        works.running, works.done = False, 9
        await look(pilot)
        assert "9 of 9" in words(app)
        assert [frame.name for frame in app.shell.view.frames] == ["job", "failures"]
        assert app.page.live == ""


async def test_a_look_at_a_page_that_was_left_changes_nothing(running: Running) -> None:
    works = Works()
    async with running(WorkingDesk(works)) as pilot:
        app = pilot.app
        await enter(pilot, "JOBS")
        left = app.page
        await enter(pilot, "AAPL DES")
        app.desk_thread.look_again(left)
        await settle(pilot)
        assert "Description" in words(app)
        assert app.page.function == "DES"


async def test_a_look_that_fails_disturbs_nobody(running: Running) -> None:
    works = Works()
    async with running(WorkingDesk(works)) as pilot:
        app = pilot.app
        await enter(pilot, "JOBS")
        await pilot.press(*"AAPL D")
        works.fault = StoreError("the catalog is busy")
        await look(pilot)
        assert app.shell.bar.text == "AAPL D"
        assert "40 jobs" in words(app)
        assert "not shown anew any more" in words(app)


async def test_esc_during_a_look_does_what_it_always_does(running: Running) -> None:
    async with running(WorkingDesk(Works())) as pilot:
        app = pilot.app
        await enter(pilot, "AAPL DES")
        await enter(pilot, "JOBS")
        app.desk_thread.look_again(app.page)
        assert app.desk_thread.cancel() is None
        await settle(pilot)
        await pilot.press("escape")
        assert "Description" in words(app)


async def test_other_work_is_told_while_nobody_types(running: Running) -> None:
    async with running(WorkingDesk(Works())) as pilot:
        app = pilot.app
        await enter(pilot, "AAPL DES")
        assert "1 job running" in words(app)
        app.post_message(StandsNow(replace(app.standing, working="")))
        await pilot.pause()
        assert "1 job running" not in words(app)


def test_an_idle_desk_tells_only_what_has_changed() -> None:
    works = Works()
    told: list[str] = []
    thread: DeskThread
    looked: list[int] = []

    class Desk(WorkingDesk):
        def standing(self) -> FakeStanding:
            looked.append(len(looked))
            if len(looked) == 4:
                works.working = ""
            if len(looked) == 6:
                raise StoreError("the catalog is busy")
            if len(looked) == 9:
                thread.submit("BOOM")
            return super().standing()

    def post(message: Any) -> None:
        told.append(type(message).__name__)
        if told[-1] == "JobFailed":
            ended.append(True)

    ended: list[bool] = []
    opened: Callable[..., FakeDesk] = lambda *_: Desk(works)  # noqa: E731
    thread = DeskThread(opened, post)
    thread.looks_every = 0.001
    thread.painted()
    thread.start()
    while not ended:
        thread.wait_idle(0.01)
    assert told == ["DeskOpened", "StandsNow", "JobStarted", "JobFailed"]


def test_pages_are_alike_that_show_the_same() -> None:
    works = Works()
    desk = WorkingDesk(works)
    first = desk.run("JOBS")
    assert alike(first, desk.run("JOBS", asked=False))
    works.done = 1
    assert not alike(first, desk.run("JOBS", asked=False))
    one = desk.run("BACKFILL A")
    assert alike(one, desk.run("BACKFILL A"))
    assert not alike(one, replace(one, live=""))
    assert not alike(desk.run("AAPL GP"), desk.run("AAPL GP"))  # charts are not compared
