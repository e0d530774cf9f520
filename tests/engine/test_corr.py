"""CORR: matrices of common days, what is significant, and closes of different hours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.desk import Desk
from engine.errors import AsofError
from engine.figures import Heatmap
from engine.page import Lines, Metrics, Page, Table
from tests.engine.test_risk import returns, rows

MakeDesk = Callable[..., Desk]


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()


def heat(page: Page) -> Heatmap:
    panel = page.panel("matrix")
    assert panel is not None
    assert isinstance(panel.figure, Heatmap)
    return panel.figure


def test_matrix_of_common_days(desk: Desk) -> None:
    page = desk.run("CORR AAPL MSFT IBM MAX")
    r = returns(desk, "AAPL", "MSFT", "IBM")
    matrix = heat(page)
    order = [("AAPL", "MSFT", "IBM").index(name) for name in matrix.rows]
    np.testing.assert_allclose(matrix.values, np.corrcoef(r[:, order].T), atol=1e-12)
    pairs = rows(page, "pairs")
    assert [abs(float(row["correlation"])) for row in pairs] == sorted(  # type: ignore[arg-type]
        (abs(float(row["correlation"])) for row in pairs), reverse=True  # type: ignore[arg-type]
    )  # fmt: skip
    assert pairs[0]["days"] == len(r)
    lines = page.panel("rolling")
    assert lines is not None
    assert isinstance(lines.figure, Lines)
    last = lines.figure.series[0].values[-1]
    assert last == pytest.approx(np.corrcoef(r[-60:, 0], r[-60:, 1])[0, 1])


def test_what_moves_together_stands_together(desk: Desk) -> None:
    names = heat(desk.run("CORR JPM XOM BAC CVX 2Y")).rows
    assert abs(names.index("JPM") - names.index("BAC")) == 1
    assert abs(names.index("XOM") - names.index("CVX")) == 1


def test_other_correlations_and_weights(desk: Desk) -> None:
    from scipy import stats

    r = returns(desk, "AAPL", "IBM")
    for word, theirs in (("SPEARMAN", stats.spearmanr), ("KENDALL", stats.kendalltau)):
        found = heat(desk.run(f"CORR AAPL IBM MAX {word}")).values[0, 1]
        assert found == pytest.approx(theirs(r[:, 0], r[:, 1]).statistic, rel=1e-9)
    page = desk.run("CORR AAPL IBM EWMA")
    common = page.panel("common")
    assert common is not None
    assert isinstance(common.figure, Metrics)
    assert "worth" in {item.label for item in common.figure.items}


def test_closes_of_different_hours_are_warned_of(desk: Desk) -> None:
    apart = desk.run("CORR SPX EURUSD")
    assert any("different hours" in note.text for note in apart.notes)
    weekly = desk.run("CORR SPX EURUSD WEEKLY")
    assert not any("different hours" in note.text for note in weekly.notes)
    assert not any("different hours" in note.text for note in desk.run("CORR AAPL IBM").notes)


def test_a_correlation_that_is_none_is_said_to_be_none(desk: Desk) -> None:
    pairs = rows(desk.run("CORR JPM BAC EURUSD 2018-01-01 2018-12-31"), "pairs")
    told = {row["pair"]: row["told"] for row in pairs}
    assert told["JPM BAC"] == "yes"
    assert "no" in told.values()
    assert all(float(row["holm"]) >= float(row["p"]) for row in pairs)  # type: ignore[arg-type]


def test_at_an_earlier_clock(desk: Desk) -> None:
    desk.run("ASOF 2008-09-15")
    page = desk.run("CORR JPM XOM")
    table = page.panel("pairs")
    assert table is not None
    assert isinstance(table.figure, Table)
    assert "2008-09-15" in page.panels[0].title


@pytest.mark.parametrize(("line", "words"), [("CORR AAPL", "two securities"), ("CORR AAPL UNRATE", "rate")])
def test_wrong_lines_say_what_is_right(desk: Desk, line: str, words: str) -> None:
    with pytest.raises(AsofError, match=words):
        desk.run(line)
