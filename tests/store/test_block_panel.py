"""Closes out of blocks: the rows, the record and the prices of dividends that the files give."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from store import Store, block, panels
from store import adjust as adjustment
from store.block_panel import closes
from store.clock import utc_now
from store.compact import Compaction
from store.files import live
from store.reader import AsOfReader
from store.schema import TABLES
from tests.store.rows import NOON, append, at, bar, dividend, frame, made, split
from tests.store.test_hot import told
from tests.store.test_twin import DAYS, EPOCH, FIRST_DAY, HOURS, SECURITIES, Version, build, steps

EVERY = np.datetime64(FIRST_DAY) + np.arange(DAYS)


def parts(store: Store) -> None:
    """Compact the bars into files of two securities, however few there are."""
    Compaction(store._catalog, store._layout, utc_now, TABLES["bars"], bucket=2, small=0).run(1)


def compare(reader: AsOfReader, ids: tuple[int, ...], days: np.ndarray, end: int | None) -> bool:
    """Whether blocks answered; where they did, they said what the files say."""
    start = days[0].item()
    until = None if end is None else days[end].item()
    found = closes(reader, ids, start, until)
    if found is None:
        assert not reader.reads
        return False
    rows = reader.narrow("bars", ids, start, until, ("close",))
    one, other = reader.reads
    assert told(one) == told(other)
    assert one.asof == other.asof
    wanted = np.asarray(ids)[::-1]
    np.testing.assert_array_equal(
        found.matrix(wanted, days), panels.scatter(rows, "session_date", "close", wanted, days)
    )
    paid = pl.DataFrame(
        {"security_id": list(ids) * len(days), "ex_date": pl.Series(np.repeat(days, len(ids))).cast(pl.Date)}
    ).with_columns(kind=pl.lit("dividend"), amount=pl.lit(0.5))
    known = paid.join(rows.select("security_id").unique(), on="security_id", how="semi")
    expected = adjustment.priced_by(rows, known) if rows.height else None
    if expected is not None:
        order = ["security_id", "ex_date"]
        columns = [*order, "amount", "before", "close"]
        assert found.priced(paid).select(columns).sort(order).equals(expected.select(columns).sort(order))
    return True


@settings(
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(plan=steps, data=st.data())
def test_blocks_and_files_say_the_same(plan: list[list[Version] | bool], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = made(Path(folder) / "home")
        try:
            half = data.draw(st.integers(0, len(plan)), "half")
            history = build(store, plan[:half])
            parts(store)
            build(store, plan[half:])
            newest = store.snapshot()
            for _ in range(4):
                hour = data.draw(st.integers(-1, HOURS), "hour")
                snapshot = newest - data.draw(st.integers(0, max(0, newest - len(history))), "before")
                ids = data.draw(st.lists(st.integers(1, SECURITIES + 1), min_size=1, unique=True), "ids")
                end = data.draw(st.one_of(st.none(), st.integers(0, DAYS - 1)), "end")
                days = EVERY[data.draw(st.integers(0, 1), "first") :]
                reader = store.reader(EPOCH + timedelta(hours=hour), snapshot=snapshot)
                compare(reader, tuple(sorted(ids)), days, None if end is None else max(0, end - 1))
        finally:
            store.close()


@pytest.fixture
def restated(store: Store) -> Store:
    """Two files of two securities: bars restated, withdrawn and brought back, of two bases and two sources."""
    days = ["2024-05-28", "2024-05-29", "2024-05-30"]
    append(store, bars=frame(*[bar(n, day, 10.0 * n) for n in (1, 2, 3, 4) for day in days[: n + 1]]))
    append(store, "other", bars=frame(bar(2, "2024-05-28", 21.0, known="2024-05-30")))
    append(store, "other", bars=frame(bar(3, "2024-05-29", 1.0, known="2024-05-30", deleted=True)))
    append(store, bars=frame(bar(3, "2024-05-29", 33.0, known="2024-06-01")))
    append(store, bars=frame(bar(4, "2024-05-29", 1.0, known="2024-06-01", deleted=True)))
    parts(store)
    return store


DATES = np.array(["2024-05-28", "2024-05-29", "2024-05-30", "2024-05-31"], dtype="datetime64[D]")
CLOCKS = ("2024-05-27", "2024-05-28", "2024-05-29", "2024-05-30", "2024-05-31", "2024-06-01", "2024-06-02")


@pytest.mark.parametrize("when", CLOCKS)
def test_versions_hold_while_they_held(restated: Store, when: str) -> None:
    for ids in ((1, 2, 3, 4), (3,), (2, 9)):
        for end in (None, 1):
            assert compare(restated.reader(at(when)), ids, DATES, end) or when < "2024-05-28"


@pytest.mark.parametrize("when", CLOCKS)
def test_fragments_lie_over_blocks(restated: Store, when: str) -> None:
    """Corrections, a new session, and a row told late of a time when another one was already withdrawn."""
    append(
        restated,
        "late",
        bars=frame(bar(1, "2024-05-28", 12.0, known="2024-05-31"), bar(1, "2024-05-31", 13.0)),
    )
    append(
        restated, "late", bars=frame(bar(3, "2024-05-29", 5.0, known="2024-05-29"))
    )  # before the withdrawal
    append(restated, "late", bars=frame(bar(4, "2024-05-29", 6.0, known="2024-06-02")))  # after one
    append(restated, "late", bars=frame(bar(2, "2024-05-29", 1.0, known="2024-05-30", deleted=True)))
    snapshots = range(restated.snapshot() - 4, restated.snapshot() + 1)
    answered = [
        compare(restated.reader(at(when), snapshot=snapshot), (1, 2, 3, 4), DATES, None)
        for snapshot in snapshots
    ]
    assert all(answered) or when < "2024-05-28"


def test_an_earlier_snapshot_and_a_changed_block_are_read_from_the_files(restated: Store) -> None:
    assert not compare(restated.reader(NOON, snapshot=1), (1, 2), DATES, None)
    folder = restated.home / "cache" / "blocks"
    for path in folder.iterdir():
        content = bytearray(path.read_bytes())
        content[-8:] = b"\x00" * 8
        path.write_bytes(content)
    restated._layout.verified.clear()
    assert not compare(restated.reader(NOON), (1, 2), DATES, None)
    panel = restated.reader(NOON).price_panel("close", [1, 2], DATES, adjust="none")
    assert panel[0].tolist() == [10.0, 21.0]
    for path in folder.iterdir():
        path.write_bytes(b"asofblk2")
    assert not compare(restated.reader(NOON), (1, 2), DATES, None)


def test_a_matrix_with_few_rows_is_not_kept(store: Store, tmp_path: Path) -> None:
    day = np.datetime64("2024-01-01")
    rows = [bar(n, str(day + n), 10.0) for n in range(100, 130)]  # a session of its own each
    append(store, bars=frame(*rows))
    Compaction(store._catalog, store._layout, utc_now, TABLES["bars"], bucket=100, small=0).run(1)
    assert not list((store.home / "cache" / "blocks").glob("*"))


def test_a_vacuum_takes_the_blocks_of_replaced_files(restated: Store) -> None:
    append(restated, bars=frame(bar(1, "2024-05-31", 13.0)))
    parts(restated)
    restated.vacuum(0.0)
    with restated._catalog.read() as connection:
        files = live(connection, "bars", restated.snapshot())
    assert {path.stem for path in (restated.home / "cache" / "blocks").iterdir()} == {
        file.sha256 for file in files if file.layout == "by_security"
    }


def test_the_oldest_go_when_room_is_short(restated: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "MOST_BYTES", 0)
    append(restated, bars=frame(bar(1, "2024-05-31", 13.0)))
    parts(restated)
    assert len(list((restated.home / "cache" / "blocks").iterdir())) == 1  # the last written
    assert not compare(restated.reader(NOON), (1, 2, 3, 4), DATES, None)


def test_panels_adjust_what_blocks_hold(restated: Store) -> None:
    append(
        restated,
        actions=frame(
            split(1, "2024-05-30", 2.0, known="2024-05-01"),
            dividend(2, "2024-05-30", 0.4, known="2024-05-01"),
        ),
    )
    reader = restated.reader(NOON)
    panel = reader.price_panel("close", [2, 1], DATES[:2])
    np.testing.assert_allclose(panel, [[21.0 * 0.98, 5.0], [20.0 * 0.98, 5.0]])
