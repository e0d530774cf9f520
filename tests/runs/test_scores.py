"""Scores of a user's own model: when they count, what is refused, and that a run with them opens as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.desk import Desk
from engine.encode import page_hash
from engine.errors import CommandError, DataError
from engine.runs.scores import panels, read_scores
from tests.backtest.rules.markets import of_closes

MARKET = of_closes(np.full((6, 2), 10.0), "2020-01-01")  # Wednesday 1st to Wednesday 8th


def scores_of(desk: Desk, path: Path, text: str) -> dict[str, np.ndarray]:
    path.write_text(text)
    return panels(read_scores(desk.context(None, None, None), str(path)), MARKET)


def test_a_score_counts_from_its_date_and_stands(make_desk: Callable[[], Desk], tmp_path: Path) -> None:
    found = scores_of(
        make_desk(), tmp_path / "s.csv",
        "date,ticker,score\n2020-01-02,A,1.5\n2020-01-04,A,2.5\n2020-01-07,b,-1\n2020-01-03,ZZZ,9\n",
    )["score"]  # fmt: skip
    nan = np.nan
    # the one of Saturday 4th counts on Monday 6th, never on Friday
    assert np.array_equal(found[:, 0], [nan, 1.5, 1.5, 2.5, 2.5, 2.5], equal_nan=True)
    assert np.array_equal(found[:, 1], [nan, nan, nan, nan, -1.0, -1.0], equal_nan=True)


def test_what_was_known_later_counts_later(make_desk: Callable[[], Desk], tmp_path: Path) -> None:
    found = scores_of(
        make_desk(), tmp_path / "s.csv",
        "date,ticker,known_at,score\n2020-01-01,A,2020-01-03T12:00:00Z,1\n2020-01-02,B,2020-01-06T23:00:00Z,2\n",
    )["score"]  # fmt: skip
    assert np.isnan(found[:2, 0]).all()
    assert (found[2:, 0] == 1).all()
    assert np.isnan(found[:4, 1]).all()
    assert (found[4:, 1] == 2).all()


def test_an_older_score_that_comes_late_does_not_take_a_newer_ones_place(
    make_desk: Callable[[], Desk], tmp_path: Path
) -> None:
    found = scores_of(
        make_desk(), tmp_path / "s.csv",
        "date,ticker,known_at,score\n2020-01-01,A,2020-01-07T12:00:00Z,1\n2020-01-06,A,2020-01-06T12:00:00Z,2\n"
        "2020-01-03,B,2020-01-08T12:00:00Z,3\n2020-01-04,B,2020-01-08T12:00:00Z,4\n",
    )["score"]  # fmt: skip
    nan = np.nan
    assert np.array_equal(found[:, 0], [nan, nan, nan, 2.0, 2.0, 2.0], equal_nan=True)
    assert np.array_equal(found[:, 1], [nan, nan, nan, nan, nan, 4.0], equal_nan=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("day,ticker,score\n2020-01-02,A,1\n", "date and ticker"),
        ("date,ticker\n2020-01-02,A\n", "scores whose names"),
        ("date,ticker,My Score\n2020-01-02,A,1\n", "my score"),
        ("date,ticker,score\n2020-01-02,A,1\nsoon,A,2\n", "line 3"),
        ("date,ticker,score\n2020-01-02,A,1\n2020-01-02,A,2\n", "twice"),
        ("date,ticker,known_at,score\n2020-01-02,A,soon,1\n", "line 2: known_at"),
        ("date,ticker,known_at,score\n2020-01-02,A,2020-01-03 09:30,1\n", "line 2: known_at"),
        ("date,ticker,score\n2020-01-02,A,\n2020-01-03,A,1;5\n", "line 3: score"),
    ],
)
def test_what_is_no_table_of_scores_is_told(
    make_desk: Callable[[], Desk], tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        scores_of(make_desk(), tmp_path / "s.csv", text)


@pytest.mark.parametrize("path", ["/dev/zero", "/"])
def test_what_is_no_file_is_not_read(make_desk: Callable[[], Desk], path: str) -> None:
    with pytest.raises(CommandError, match="no file"):
        read_scores(make_desk().context(None, None, None), path)


def test_a_run_with_scores_opens_after_their_file_changed(
    make_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    lines = [f"{year}-01-05,{'AAPL' if year % 2 else 'IBM'},{year}" for year in range(2003, 2012)]
    path.write_text("\n".join(["date,ticker,score", *lines]))
    desk = make_desk()
    page = desk.run(f"BACKTEST AAPL IBM top 1 by score; rebalance yearly 2004-01-01 2011-12-31 SCORES={path}")
    assert page.lineage is not None
    trades = page.panel("trades")
    assert trades is not None
    assert set(trades.figure.frame["symbol"]) == {"AAPL", "IBM"}  # type: ignore[union-attr]
    path.unlink()
    assert page_hash(desk.run(f"OPEN {page.lineage.snapshot_id}")) == page_hash(page)
    with pytest.raises(DataError, match="not among yours"):
        make_desk("colleague").run(f"OPEN {page.lineage.snapshot_id}")
