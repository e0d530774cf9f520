"""What pages keep of what they read: the same answer, on the record of each page, never another clock's."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.context import Context
from engine.desk import Desk
from engine.errors import DataError
from engine.runs.memory import Memory
from tests.runs.stores import World


def context(desk: Desk, asof: datetime | None = None) -> Context:
    return desk.context(asof, None, None)


def closes(of: Context) -> int:
    of.note("As of what was known.", "warning")
    of.stale.append(("AAPL", "old"))
    return int(of.reader.bars([of.directory.resolve("AAPL", "").security.ref.security_id]).height)


@pytest.fixture
def desk(make_desk: Callable[[], Desk]) -> Desk:
    return make_desk()


def test_the_second_page_has_the_reads_and_notes_of_the_first(desk: Desk) -> None:
    memory: Memory[int] = Memory(2)
    first, second = context(desk), context(desk)
    second.note("Said before.")
    made = memory.recall(first, ("closes",), lambda: closes(first))
    assert memory.recall(second, ("closes",), lambda: pytest.fail("it was kept")) == made > 0
    assert [each.table for each in second.reader.reads] == [each.table for each in first.reader.reads]
    assert {each.hash for each in second.reader.reads} == {each.hash for each in first.reader.reads}
    assert [each.text for each in second.notes] == ["Said before.", "As of what was known."]
    assert second.stale == first.stale == [("AAPL", "old")]


def test_another_clock_or_question_is_another_answer(desk: Desk) -> None:
    memory: Memory[int] = Memory(8)
    now = context(desk)
    whole = memory.recall(now, ("closes",), lambda: closes(now))
    assert memory.recall(now, ("more",), lambda: -1) == -1
    then = context(desk, datetime(2008, 1, 2, tzinfo=UTC))
    assert 0 < memory.recall(then, ("closes",), lambda: closes(then)) < whole


def test_what_fails_is_not_kept_and_its_notes_stay(desk: Desk) -> None:
    memory: Memory[int] = Memory(2)
    of = context(desk)

    def fails() -> int:
        of.note("On the way.")
        raise DataError("Nothing there.")

    with pytest.raises(DataError):
        memory.recall(of, ("x",), fails)
    assert [each.text for each in of.notes] == ["On the way."]
    assert memory.recall(of, ("x",), lambda: 1) == 1


def test_another_store_at_the_same_place_answers_for_itself(tmp_path: Path) -> None:
    """Made anew, and put back from a copy that then went its own way: paths, ids and snapshots do not tell them."""
    home, copy, memory = tmp_path / "home", tmp_path / "copy", Memory[float](8)

    def last(world: World) -> float:
        of: Any = SimpleNamespace(reader=world.reader(), notes=[], stale=[])
        made = memory.recall(of, ("last",), lambda: float(of.reader.bars(None)["close"][-1]))
        world.store.close()
        return made

    found = []
    for level in (50.0, 60.0):
        shutil.rmtree(home, ignore_errors=True)
        world = World(home)
        (number,) = world.ids("ONE")
        world.append(bars=[world.bar(number, world.days[0], level)])
        found.append(last(world))
    shutil.copytree(home, copy)
    for back, level in (("", 70.0), (copy, 80.0)):
        if back:
            shutil.rmtree(home)
            shutil.copytree(back, home)
        world = World(home, timedelta(hours=level), batches=1)
        world.append(bars=[world.bar(number, world.days[1], level)])
        found.append(last(world))
    assert found == [50.0, 60.0, 70.0, 80.0]


def test_the_oldest_and_the_heaviest_go_first(desk: Desk) -> None:
    memory: Memory[int] = Memory(2, weigh=lambda value: value, heaviest=10)
    of = context(desk)
    for name in ("a", "b", "c"):
        memory.recall(of, (name,), lambda: 1)
    assert memory.recall(of, ("c",), lambda: 2) == 1
    assert memory.recall(of, ("a",), lambda: 2) == 2
    memory.recall(of, ("heavy",), lambda: 11)
    assert memory.recall(of, ("a",), lambda: 3) == 3
