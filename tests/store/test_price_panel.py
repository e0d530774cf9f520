"""Price panels say what ``bars`` says, kept or not, and never more than was known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from store import Batch, Store, StoreError, panel_cache
from store.panels import scatter

IDS = list(range(1, 61))
DAYS = np.busday_offset(np.datetime64("2015-01-05"), np.arange(2_000), roll="forward")
MIDDLE = datetime(2019, 3, 1, 22, tzinfo=UTC)
END = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture
def filled(store: Store) -> Store:
    """Simulated bars with gaps, corrections, splits and dividends, one of them corrected."""
    rng = np.random.default_rng(5)
    grid = pl.DataFrame({"security_id": IDS}).join(
        pl.DataFrame({"session_date": pl.Series(DAYS).cast(pl.Date)}), how="cross"
    )
    close = np.round(40 * np.exp(np.cumsum(rng.normal(0, 0.02, grid.height)) % 1.0), 2)
    instant = pl.col("session_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    bars = grid.with_columns(
        open=close * 0.99, high=close * 1.02, low=close * 0.98, close=close, volume=pl.lit(100),
        known_at=instant + pl.duration(hours=21),
    ).filter(pl.Series(rng.random(grid.height) < 0.97))  # fmt: skip
    again = bars.filter(pl.Series(rng.random(bars.height) < 0.01)).with_columns(
        pl.col("close") * 1.01, known_at=pl.col("known_at") + pl.duration(days=40)
    )
    none = pl.lit(None, pl.Float64)
    dividends = grid.filter(pl.Series(rng.random(grid.height) < 0.01)).with_columns(
        kind=pl.lit("dividend"), amount=pl.lit(0.3), currency=pl.lit("USD"), ratio=none
    )
    splits = grid.filter(pl.Series(rng.random(grid.height) < 0.001)).with_columns(
        kind=pl.lit("split"), amount=none, currency=pl.lit(None, pl.String), ratio=pl.lit(2.0)
    )
    actions = pl.concat([dividends, splits]).rename({"session_date": "ex_date"})
    actions = actions.with_columns(
        known_at=pl.col("ex_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC") - pl.duration(days=5)
    )
    for name, frames in (("one", {"bars": bars, "actions": actions}), ("two", {"bars": again})):
        store.append(Batch("simulated", name, name, frames, basis="exact"))
    return store


def by_rows(store: Store, asof: datetime, column: str, adjust: str, days: np.ndarray = DAYS) -> np.ndarray:
    reader = store.reader(asof)
    rows = reader.bars(IDS, days[0].item(), days[-1].item(), adjust=adjust)  # type: ignore[arg-type]
    return scatter(rows, "session_date", column, np.asarray(IDS), days)


@pytest.mark.parametrize("adjust", ["none", "splits", "total"])
@pytest.mark.parametrize("asof", [MIDDLE, END])
def test_a_panel_is_what_the_bars_are(filled: Store, asof: datetime, adjust: str) -> None:
    for column in ("close", "high"):
        panel = filled.reader(asof).price_panel(column, IDS, DAYS, adjust=adjust)  # type: ignore[arg-type]
        np.testing.assert_allclose(panel, by_rows(filled, asof, column, adjust), rtol=1e-12)
    assert np.isfinite(panel).sum() > 50_000


def test_a_part_of_the_sessions_is_adjusted_by_what_came_after_them(filled: Store) -> None:
    some = DAYS[300:900]
    panel = filled.reader(END).price_panel("close", IDS, some)
    np.testing.assert_allclose(panel, by_rows(filled, END, "close", "total", some), rtol=1e-12)


def test_a_kept_panel_says_the_same_of_itself(filled: Store) -> None:
    first, second = filled.reader(END), filled.reader(END + timedelta(hours=3))
    made, held = first.price_panel("close", IDS, DAYS), second.price_panel("close", IDS, DAYS)
    assert np.array_equal(made, held, equal_nan=True)
    assert not held.flags.writeable
    assert isinstance(held, np.memmap)
    assert [r.rows for r in second.reads] == [r.rows for r in first.reads]
    assert [r.hash for r in second.reads] == [r.hash for r in first.reads]
    assert [r.asof for r in second.reads] == [second.asof] * 2
    assert [r.newest_known_at for r in second.reads] == [r.newest_known_at for r in first.reads]


def test_a_later_commit_and_an_earlier_clock_have_panels_of_their_own(filled: Store) -> None:
    before = filled.reader(END).price_panel("close", IDS, DAYS).copy()
    snapshot = filled.snapshot()
    bar = filled.reader(END).bars([7], adjust="none").row(5, named=True)
    row = {name: bar[name] for name in ("security_id", "session_date", "open", "high", "low", "volume")}
    row |= {"close": 999.0, "high": 1000.0, "known_at": END - timedelta(days=1)}
    filled.append(Batch("simulated", "three", "three", {"bars": pl.DataFrame([row])}, basis="exact"))
    after = filled.reader(END).price_panel("close", IDS, DAYS)
    assert (after[:, 6] != before[:, 6]).sum() > (np.isnan(before[:, 6])).sum()
    pinned = filled.reader(END, snapshot=snapshot).price_panel("close", IDS, DAYS)
    assert np.array_equal(pinned, before, equal_nan=True)
    earlier = filled.reader(MIDDLE).price_panel("close", IDS, DAYS)
    assert np.isnan(earlier[np.datetime64("2019-03-01") < DAYS]).all()


def test_a_kept_panel_that_was_changed_is_made_again(filled: Store) -> None:
    made = filled.reader(END).price_panel("close", IDS, DAYS).copy()
    folder = filled.home / "cache" / "panels"
    path = next(folder.glob("*.npy"))
    content = bytearray(path.read_bytes())
    content[-8:] = b"\x00" * 8
    path.write_bytes(content)
    cache = panel_cache.PanelCache(folder, set())
    assert cache.load(path.stem) is None
    path.unlink()
    assert np.array_equal(filled.reader(END).price_panel("close", IDS, DAYS), made, equal_nan=True)


def test_the_longest_unused_go_when_room_is_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_cache, "MOST_BYTES", 3_000)
    cache = panel_cache.PanelCache(tmp_path / "panels", set())
    for name in ("a", "b", "c"):
        cache.keep(name, np.zeros((10, 15)), [])
    assert {p.stem for p in (tmp_path / "panels").glob("*.npy")} == {"b", "c"}


def test_sessions_ascend(filled: Store) -> None:
    with pytest.raises(StoreError, match="ascend"):
        filled.reader(END).price_panel("close", IDS, DAYS[::-1])
    assert filled.reader(END).price_panel("close", [], DAYS).shape == (2_000, 0)
