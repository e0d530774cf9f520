"""The reader against an obvious slow twin, over random histories of appends and compactions."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from store import Batch, Store
from store.clock import utc_now
from store.compact import Compaction
from store.schema import TABLES
from tests.store.rows import made

EPOCH = datetime(2019, 12, 30, tzinfo=UTC)
FIRST_DAY = date(2019, 12, 30)  # the days reach into the next year, so that the copy by year has two files
SECURITIES, DAYS, HOURS = 4, 5, 8


@dataclass(frozen=True)
class Version:
    security: int
    day: int
    hour: int
    close: float
    deleted: bool


versions = st.builds(
    Version,
    st.integers(1, SECURITIES),
    st.integers(0, DAYS - 1),
    st.integers(0, HOURS - 1),
    st.integers(1, 99).map(float),
    st.booleans(),
)
commits = st.lists(versions, max_size=8, unique_by=lambda v: (v.security, v.day, v.hour))
# A step is a commit's versions, or a compaction into parts (True) or whole (False).
steps = st.lists(st.one_of(commits, commits, st.booleans()), min_size=1, max_size=7)


def twin(history: list[list[Version]], hour: int, snapshot: int) -> dict[tuple[int, int], float]:
    """(security, day) -> close, by looking at everything one after another."""
    held: dict[tuple[int, int], tuple[int, int, Version]] = {}
    for seq, commit in enumerate(history, start=1):
        for version in commit:
            if seq > snapshot or version.hour > hour:
                continue
            key = (version.security, version.day)
            if key not in held or (version.hour, seq) > held[key][:2]:
                held[key] = (version.hour, seq, version)
    return {key: version.close for key, (_, _, version) in held.items() if not version.deleted}


def write(store: Store, number: int, commit: list[Version]) -> None:
    rows = [
        {
            "security_id": v.security,
            "session_date": FIRST_DAY + timedelta(days=v.day),
            "open": v.close,
            "high": v.close,
            "low": v.close,
            "close": v.close,
            "volume": None,
            "known_at": EPOCH + timedelta(hours=v.hour),
            "deleted": v.deleted,
        }
        for v in commit
    ]
    frames = {"bars": pl.DataFrame(rows, infer_schema_length=None)} if rows else {}
    # Bases and sources differ from commit to commit, so that reads must tell rows' own apart.
    store.append(Batch(f"source {number % 2}", "d", f"{number}", frames, basis=f"basis {number % 3}"))


def build(store: Store, plan: list[list[Version] | bool]) -> list[list[Version]]:
    history: list[list[Version]] = []
    for step in plan:
        if isinstance(step, bool):
            small = 0 if step else 1_000_000
            job = Compaction(store._catalog, store._layout, utc_now, TABLES["bars"], bucket=2, small=small)
            if job.run(1) is not None:
                history.append([])
        else:
            write(store, len(history), step)
            history.append(step)
    return history


def answered(bars: pl.DataFrame) -> dict[tuple[int, int], float]:
    assert bars.select(pl.struct("security_id", "session_date").is_unique().all()).item()
    assert bars.equals(bars.sort("security_id", "session_date"))
    rows = bars.select("security_id", "session_date", "close").rows()
    return {(security, (day - FIRST_DAY).days): close for security, day, close in rows}


@pytest.mark.slow
@settings(
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes: every step is a commit
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(plan=steps, data=st.data())
def test_the_reader_answers_as_the_twin(plan: list[list[Version] | bool], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = made(Path(folder) / "home")
        try:
            history = build(store, plan)
            assert store.snapshot() == len(history)
            for _ in range(4):
                compare(store, history, data)
        finally:
            store.close()


def compare(store: Store, history: list[list[Version]], data: st.DataObject) -> None:
    hour = data.draw(st.integers(-1, HOURS), "hour")
    snapshot = data.draw(st.integers(0, len(history)), "snapshot")
    ids = data.draw(st.lists(st.integers(1, SECURITIES + 1), min_size=1, unique=True), "ids")
    low, high = sorted(data.draw(st.tuples(st.integers(0, DAYS), st.integers(0, DAYS)), "days"))
    everything = twin(history, hour, snapshot)
    expected = {k: c for k, c in everything.items() if k[0] in ids and low <= k[1] <= high}
    reader = store.reader(EPOCH + timedelta(hours=hour), snapshot=snapshot)
    start, end = FIRST_DAY + timedelta(days=low), FIRST_DAY + timedelta(days=high)

    assert answered(reader.bars(ids, start, end)) == expected
    read = reader.reads[0]
    assert read.rows == len(expected)
    assert read.newest_known_at is None or read.newest_known_at <= reader.asof
    assert_lineage(history, hour, snapshot, expected, read.bases, read.sources)

    sessions = [start + timedelta(days=i) for i in range(high - low + 1)]
    panel = reader.panel("bars", "close", ids, sessions)
    for across, security in enumerate(ids):
        for down in range(high - low + 1):
            value = expected.get((security, low + down), np.nan)
            assert np.array_equal(panel[down, across], value, equal_nan=True)

    coverage = reader.coverage("bars")
    assert dict(coverage.select("security_id", "rows").rows()) == {
        security: sum(key[0] == security for key in everything) for security in {key[0] for key in everything}
    }


def assert_lineage(
    history: list[list[Version]],
    hour: int,
    snapshot: int,
    expected: dict[tuple[int, int], float],
    bases: tuple[str, ...],
    sources: tuple[str, ...],
) -> None:
    """Bases and sources are those of the rows that hold, not of everything in their files."""
    of_key: dict[tuple[int, int], tuple[int, int]] = {}
    for seq, commit in enumerate(history, start=1):
        for version in commit:
            if seq <= snapshot and version.hour <= hour:
                key = (version.security, version.day)
                of_key[key] = max(of_key.get(key, (-1, 0)), (version.hour, seq))
    numbers = {of_key[key][1] - 1 for key in expected}
    assert set(bases) == {f"basis {number % 3}" for number in numbers}
    assert set(sources) == {f"source {number % 2}" for number in numbers}
