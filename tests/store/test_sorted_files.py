"""What the sorted copies keep is what was written, to the bit, whatever form it has in their files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import files as listing
from store.clock import utc_now
from store.compact import Compaction
from store.files import LayoutWord, Staged, stage, statistics
from store.paths import Layout
from store.schema import table
from store.ticks import as_prices, form_of, in_units
from tests.store.rows import NOON, append, bar, frame, made

BARS = table("bars")
DECIMALS = st.integers(-10_000_000, 10_000_000).map(lambda cents: cents / 100)
FINE = st.integers(0, 10**9).map(lambda parts: parts / 10_000)
ANY = st.floats(allow_nan=False, allow_infinity=False)
ROW = st.one_of(st.tuples(*[kind] * 4) for kind in (DECIMALS, FINE, ANY))
GONE = st.just((None, None, None, None))
PARTLY = st.just((1.0, None, 2.0, None))


def bars_of(rows: list[tuple[int, int, tuple[float | None, ...]]]) -> pl.DataFrame:
    """Bars by (security, day) with their four prices."""
    return pl.DataFrame(
        {
            "security_id": [row[0] for row in rows],
            "session_date": [date(2020 + row[1] // 300, 1, 1 + row[1] % 28) for row in rows],
            **{
                name: pl.Series([row[2][place] for row in rows], dtype=pl.Float64)
                for place, name in enumerate(("open", "high", "low", "close"))
            },
        }
    )


def bits(values: pl.Series) -> list[bytes | None]:
    return [None if value is None else np.float64(value).tobytes() for value in values]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(0, 900), st.one_of(ROW, ROW, ROW, GONE, PARTLY)), max_size=40
    )
)
def test_prices_come_back_to_the_bit(rows: list[tuple[int, int, tuple[float | None, ...]]]) -> None:
    given_rows = bars_of(rows)
    kept, form = in_units(BARS, given_rows)
    again = as_prices(kept.lazy(), form).select(given_rows.columns).collect()
    assert again.schema == given_rows.schema
    for name in given_rows.columns[2:]:
        assert bits(again[name]) == bits(given_rows[name])


@pytest.mark.parametrize(
    ("prices", "form"),
    [
        ([(58.12, 58.2, 58.0, 58.1), (0.0, 0.0, 0.0, 0.0)], "ticks"),
        ([(1.0625, 1.125, 1.0, 1.0625), (58.12, 58.2, 58.0, 58.1)], "ticks"),
        ([(-37.63, 13.0, -40.32, -37.63), (None,) * 4], "ticks"),
        ([(1 / 3, 1 / 3, 1 / 3, 1 / 3)] * 3, ""),
        ([(1.0, 1.0, 1.0, -0.0)], ""),
        ([(1e300, 1e300, 1e300, 1e300)], ""),
        ([(1.0, None, 1.0, 1.0)], ""),
    ],
)
def test_the_form_follows_from_the_prices(prices: list[tuple[float | None, ...]], form: str) -> None:
    assert in_units(BARS, bars_of([(1, day, row) for day, row in enumerate(prices)]))[1] == form


def test_one_odd_security_leaves_the_others_in_units() -> None:
    rows = [(1, day, (58.12, 58.2, 58.0, 58.1)) for day in range(20)]
    rows += [(2, day, (1 / 3, 1 / 3, 1 / 3, 1 / 3)) for day in range(5)]
    kept, form = in_units(BARS, bars_of(rows))
    assert form == "mixed"
    assert kept["close_ticks"].null_count() == 5
    assert kept["close_exact"].null_count() == 20


def test_tables_without_prices_are_left_as_they_are() -> None:
    spec = table("observations")
    rows = pl.DataFrame({"security_id": [1], "period_date": [date(2020, 1, 1)], "value": [0.1]})
    assert in_units(spec, rows) == (rows, "")


def written(home: Path, copy: LayoutWord, rows: pl.DataFrame) -> Staged:
    found = statistics(BARS, rows, one_version=True)
    return stage(Layout(home), copy, 3, BARS, rows, found)


@pytest.mark.parametrize("copy", ["by_security", "by_year"])
def test_row_groups_hold_whole_securities_in_the_copy_by_security(tmp_path: Path, copy: LayoutWord) -> None:
    home = tmp_path / "home"
    made(home).close()
    days = pl.date_range(date(2000, 1, 1), date(2003, 12, 31), eager=True)
    sizes = {1: 1_200, 2: 1_200, 3: 10, 4: 1_461, 5: 700}
    one = pl.concat(
        [
            pl.DataFrame({"security_id": [security] * count, "session_date": days[:count]})
            for security, count in sizes.items()
        ]
    )
    clock = pl.lit(NOON).cast(pl.Datetime("us", "UTC"))
    rows = one.with_columns(
        *(pl.lit(12.34).alias(name) for name in ("open", "high", "low", "close")),
        volume=pl.lit(5, dtype=pl.Int64),
        known_at=clock,
        known_basis=pl.lit("exact"),
        deleted=pl.lit(False),
        seq=pl.lit(1, dtype=pl.Int64),
        known_to=clock,
    )
    file = written(home, copy, rows)
    metadata = pq.ParquetFile(file.temporary).metadata
    groups = [metadata.row_group(place).num_rows for place in range(metadata.num_row_groups)]
    assert groups == ([2_400, 2_171] if copy == "by_security" else [4_571])
    assert form_of(file.relative(9)) == "ticks"
    again = as_prices(pl.scan_parquet(file.temporary), "ticks").select(rows.columns).collect()
    assert again.equals(rows)


def test_files_of_all_forms_are_read_together(tmp_path: Path) -> None:
    """Doubles as files of earlier versions hold them, units, and both in one file."""
    store = made(tmp_path / "home")
    days = [f"2024-01-{day:02d}" for day in range(1, 20)]
    append(store, bars=frame(*(bar(1, day, 10.0 + place / 100) for place, day in enumerate(days))))
    append(store, bars=frame(*(bar(2, day, 20.0 + (place + 1) / 7) for place, day in enumerate(days))))
    append(store, bars=frame(*(bar(3, day, 10.0 + place / 100) for place, day in enumerate(days))))
    append(store, bars=frame(*(bar(4, day, 20.0 + (place + 1) / 7) for place, day in enumerate(days))))
    append(store, bars=frame(bar(1, "2024-01-03", 99.5, known="2024-02-05")))
    append(store, bars=frame(bar(5, "2024-01-03", 99.5), bar(5, "2023-01-04", 1 / 3)))
    before, hashes = store.reader(NOON), store.reader(NOON)
    want, some = before.rows("bars"), before.rows("bars", [1, 4])
    assert Compaction(store._catalog, store._layout, utc_now, BARS, bucket=1, small=0).run(1) is not None
    store.compact("actions", force=True)
    append(store, bars=frame(bar(6, "2024-01-03", 99.5)))
    with store._catalog.read() as connection:
        live = listing.live(connection, "bars", store.snapshot())
        forms = {
            copy: [file.form for file in live if file.layout == copy] for copy in ("by_security", "by_year")
        }
    assert forms == {"by_security": ["ticks", "", "ticks", "", "mixed"], "by_year": ["mixed", ""]}
    for reader in (store.reader(NOON, snapshot=before.snapshot), hashes):
        assert reader.rows("bars").equals(want)
        assert reader.rows("bars", [1, 4]).equals(some)
        assert [read.hash for read in reader.reads] == [read.hash for read in before.reads]
    after = store.reader(NOON).rows("bars")
    assert after.filter(pl.col("security_id") < 6).equals(want)
    day = date(2024, 1, 3)
    one = store.reader(NOON).rows("bars", None, day, day)
    assert one.equals(after.filter(pl.col("session_date") == day))
    assert store.check() == []
