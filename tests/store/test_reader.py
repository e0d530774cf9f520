"""Reading: clocks, the record of reads, versions, coverage, damage, and replay after a compaction."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import Damaged, Store
from store.canonical import content_hash
from store.schema import TABLES
from tests.store.rows import NOON, append, at, bar, dividend, frame, made, split

DAYS = ("2024-01-02", "2024-01-03", "2024-01-04")


def fill(store: Store) -> None:
    append(store, source="first", bars=frame(*[bar(1, day, 10.0) for day in DAYS], bar(2, DAYS[0], 5.0)))
    append(store, source="second", bars=frame(bar(1, DAYS[0], 11.0, known="2024-01-04")))


def test_a_restated_bar_shows_from_its_own_time(store: Store) -> None:
    fill(store)
    assert store.bars(1, asof=at("2024-01-03"))["close"].to_list() == [10.0, 10.0]
    assert store.bars(1, asof=at("2024-01-04"))["close"].to_list() == [11.0, 10.0, 10.0]


def test_a_backfill_known_earlier_does_not_shadow_a_later_version(store: Store) -> None:
    append(store, bars=frame(bar(1, DAYS[0], 12.0, known="2024-01-04")))
    append(store, bars=frame(bar(1, DAYS[0], 10.0)))
    assert store.bars(1, asof=at("2024-01-03"))["close"].to_list() == [10.0]
    assert store.bars(1, asof=at("2024-01-05"))["close"].to_list() == [12.0]


def test_reads_are_recorded(store: Store) -> None:
    fill(store)
    reader = store.reader(at("2024-01-04"))
    reader.bars([1, 2], date(2024, 1, 2), date(2024, 1, 3))
    bars, actions = reader.reads
    assert (bars.table, bars.ids, bars.rows, bars.files) == ("bars", (1, 2), 3, 2)
    assert (bars.start, bars.end) == (date(2024, 1, 2), date(2024, 1, 3))
    assert bars.newest_known_at == at("2024-01-04")
    assert (bars.bases, bars.sources) == (("exact",), ("first", "second"))
    assert len(bars.hash) == 64
    assert bars.hash == bars.hash
    assert (actions.table, actions.rows, actions.newest_known_at) == ("actions", 0, None)


def test_the_same_clock_and_snapshot_hash_the_same_after_a_compaction(store: Store) -> None:
    fill(store)
    before = store.reader(NOON)
    before.bars([1, 2])
    coverage = before.coverage("bars")
    store.compact(force=True)
    append(store, bars=frame(bar(1, DAYS[1], 99.0, known="2024-01-05")))
    store.compact(force=True)
    for snapshot in (before.snapshot,):
        after = store.reader(NOON, snapshot=snapshot)
        after.bars([1, 2])
        assert after.reads[0].hash == before.reads[0].hash
        assert after.coverage("bars").equals(coverage)
    assert store.reader(NOON).bars(1)["close"].to_list() == [11.0, 99.0, 10.0]


def test_a_reader_outlives_the_files_it_began_with(store: Store) -> None:
    fill(store)
    reader = store.reader(NOON)
    first = reader.bars([1, 2])
    store.compact(force=True)
    store.vacuum(0, removed_grace_seconds=-1e9)
    assert len(list((store.home / "data" / "bars").iterdir())) == 2
    assert reader.bars([1, 2]).equals(first)


def test_versions_tell_where_each_came_from(store: Store) -> None:
    fill(store)
    key = {"security_id": 1, "session_date": date(2024, 1, 2)}
    versions = store.reader(at("2024-01-05")).versions("bars", key)
    assert versions["close"].to_list() == [10.0, 11.0]
    assert versions["seq"].to_list() == [1, 2]
    assert versions.columns[-6:] == ["seq", "recorded_at", "source", "dataset", "answer_hash", "batch_note"]
    assert store.reader(at("2024-01-03")).versions("bars", key).height == 1
    store.compact(force=True)
    assert store.reader(at("2024-01-05")).versions("bars", key).equals(versions)
    none = store.reader(NOON).versions("bars", key | {"security_id": 9})
    assert none.height == 0
    assert none.columns == versions.columns


def test_versions_of_a_longer_key(store: Store) -> None:
    append(
        store,
        actions=frame(
            split(1, "2024-01-03", 2.0, known="2024-01-02"),
            dividend(1, "2024-01-03", 0.5, known="2024-01-02"),
        ),
    )
    key = {"security_id": 1, "kind": "dividend", "ex_date": date(2024, 1, 3)}
    assert store.reader(NOON).versions("actions", key)["amount"].to_list() == [0.5]


def test_coverage_counts_what_is_known(store: Store) -> None:
    fill(store)
    rows = store.reader(at("2024-01-03")).coverage("bars").rows()
    assert rows == [
        (1, 2, date(2024, 1, 2), date(2024, 1, 3), at("2024-01-03"), "first"),
        (2, 1, date(2024, 1, 2), date(2024, 1, 2), at("2024-01-02"), "first"),
    ]


def test_coverage_of_one_security_reads_no_other(store: Store) -> None:
    fill(store)
    reader = store.reader(at("2024-01-03"))
    assert reader.coverage("bars", [2]).rows() == reader.coverage("bars").rows()[1:]
    one, everything = reader.reads
    assert (one.ids, one.rows, everything.rows) == ((2,), 1, 3)


def test_a_panel_has_nan_where_there_is_no_bar(store: Store) -> None:
    fill(store)
    days = [date.fromisoformat(day) for day in reversed(DAYS)]
    panel = store.reader(NOON).panel("bars", "close", [2, 7, 1], days)
    nan = float("nan")
    assert np.array_equal(panel, [[nan, nan, 10.0], [nan, nan, 10.0], [5.0, nan, 11.0]], equal_nan=True)
    assert store.reader(NOON).panel("bars", "close", [], days).shape == (3, 0)


def test_actions_and_securities(store: Store) -> None:
    append(
        store,
        actions=frame(
            split(1, "2024-01-03", 2.0, known="2024-01-02"),
            dividend(1, "2024-01-09", 0.5, known="2024-01-02"),
        ),
        securities=pl.DataFrame(
            {
                "security_id": [1, 1],
                "valid_from": [date(2012, 5, 18), date(2022, 6, 9)],
                "ticker": ["FB", "META"],
                "name": ["Facebook", "Meta Platforms"],
                "market": ["US EQUITY"] * 2,
                "asset_class": ["equity"] * 2,
                "known_at": [at("2012-05-18"), at("2022-06-09")],
            }
        ),
    )
    reader = store.reader(at("2024-01-03"))
    assert reader.actions(1)["kind"].to_list() == ["split", "dividend"]
    assert reader.actions(1, upcoming=False)["kind"].to_list() == ["split"]
    assert reader.actions([1], kinds=("dividend",))["amount"].to_list() == [0.5]
    assert reader.securities()["ticker"].to_list() == ["FB", "META"]
    assert store.securities(asof=at("2020-01-01"))["ticker"].to_list() == ["FB"]
    assert store.reader(at("2020-01-01")).reads == ()
    assert reader.actions(np.int64(1)).equals(reader.actions(1))  # type: ignore[arg-type]


@pytest.mark.parametrize("harm", ["missing", "cut", "overwritten"])
def test_damage_is_named_and_never_answered(store: Store, harm: str) -> None:
    fill(store)
    (victim,) = [path for path in (store.home / "data" / "bars").iterdir() if "000000001" in path.name]
    content = victim.read_bytes()
    if harm == "missing":
        victim.unlink()
    elif harm == "cut":
        victim.write_bytes(content[:-100])
    else:
        victim.write_bytes(b"\x00" * len(content))
    with pytest.raises(Damaged, match=victim.name):
        store.reader(NOON).bars(1)
    with pytest.raises(Damaged, match=victim.name):
        store.compact(force=True)
    assert [problem for problem in store.check() if victim.name in problem]
    assert store.snapshot() == 2


def test_a_changed_byte_is_found(store: Store) -> None:
    fill(store)
    assert store.check() == []
    victim = next((store.home / "data" / "bars").iterdir())
    content = bytearray(victim.read_bytes())
    content[60] ^= 1
    victim.write_bytes(bytes(content))
    assert len(store.check()) == 1
    with pytest.raises(Damaged, match=victim.name):
        store.reader(NOON).bars(1)


instants = st.datetimes(datetime(2024, 1, 1), datetime(2024, 6, 1)).map(
    lambda naive: naive.replace(tzinfo=UTC)
)


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with every table filled, half of it compacted."""
    store = made(tmp_path_factory.mktemp("stocked") / "home")
    for month in (1, 2, 3, 4):
        days = [f"2024-{month:02d}-{day:02d}" for day in range(1, 28)]
        values = {"security_id": [1] * 27, "known_at": [at(day) for day in days]}
        dates = [date.fromisoformat(day) for day in days]
        append(
            store,
            bars=frame(*[bar(1, day, 10.0) for day in days]),
            actions=frame(split(1, days[9], 2.0, known=days[2]), dividend(1, days[20], 0.1, known=days[5])),
            closes=pl.DataFrame(
                values | {"session_date": dates, "basis": ["adjusted"] * 27, "close": [1.0] * 27}
            ),
            observations=pl.DataFrame(values | {"period_date": dates, "value": [1.0] * 27}),
        )
        if month == 2:
            store.compact(force=True)
    return store


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asof=instants)
def test_no_read_returns_a_later_row(stocked: Store, asof: datetime) -> None:
    reader = stocked.reader(asof)
    frames = [reader.bars(1, adjust=adjust) for adjust in ("none", "splits", "total")]  # type: ignore[arg-type]
    frames += [reader.actions(1), reader.closes(1), reader.observations(1), reader.securities()]
    frames.append(reader.versions("bars", {"security_id": 1, "session_date": date(2024, 2, 3)}))
    for answer in frames:
        assert answer.filter(pl.col("known_at") > asof).is_empty()
    for table in TABLES:
        coverage = reader.coverage(table)
        assert coverage.filter(pl.col("newest_known_at") > asof).is_empty()
    for read in reader.reads:
        assert read.newest_known_at is None or read.newest_known_at <= asof


def test_the_canonical_hash_sees_content_only() -> None:
    rows = pl.DataFrame({"k": [2, 1], "x": [0.0, None], "t": ["é", None], "d": [date(2024, 1, 2), None]})
    same = pl.concat([rows[1:], rows[:1]]).select("t", "d", "x", "k").with_columns(pl.col("x") * -1.0)
    assert content_hash(rows, ["k"]) == content_hash(same, ["k"])
    for other in (
        rows.with_columns(pl.col("x").fill_null(0.0)),
        rows.with_columns(pl.col("t").fill_null("")),
        rows.with_columns(pl.col("k").cast(pl.Float64)),
        rows.rename({"x": "y"}),
        rows[:1],
    ):
        assert content_hash(rows, ["k"]) != content_hash(other, ["k"])


def test_the_canonical_hash_is_known() -> None:
    rows = pl.DataFrame({"k": [1, 2], "x": [1.5, None], "t": ["a", "b"]})
    expected = "6d59fc59ae156b9e0c64360ba6db5f05fba7969a0295702665ffa4ec75a1110b"
    assert content_hash(rows, ["k"]) == expected


def test_paths_stay_inside(store: Store, tmp_path: Path) -> None:
    before = {path for path in tmp_path.rglob("*") if (store.home) not in path.parents}
    words = ["../../etc/passwd", "/etc/passwd", "a/../../b", "..", "\x00", "CON", "x" * 5_000]
    ids = store.identify(words)
    for word, security_id in ids.items():
        row = bar(security_id, "2024-01-02", 1.0)
        append(store, source=word, bars=frame(row))
        store.state(word).put(word, word, {"word": word})
        assert store.state(word).get(word, word) == {"word": word}
        assert store.find_page(word) is None
    after = {path for path in tmp_path.rglob("*") if (store.home) not in path.parents}
    assert after == before
    names = {path.name for path in store.home.rglob("*")}
    assert not any("passwd" in name for name in names)


def test_a_large_read_is_hashed_by_reading_it_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store)
    small, large = store.reader(NOON), store.reader(NOON)
    small.bars([1, 2])
    monkeypatch.setattr("store.answers._HELD", 1)
    large.bars([1, 2])
    append(store, bars=frame(bar(1, DAYS[1], 99.0, known="2024-01-05")))
    store.compact(force=True)
    assert large.reads[0].hash == small.reads[0].hash
