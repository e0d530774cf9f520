"""What scatters and timelines are made of, without a screen: labels, states a column, shares of a column."""

from __future__ import annotations

import numpy as np
from figure_cases import timeline
from hypothesis import given
from hypothesis import strategies as st

from engine.figures import Timeline
from engine.page import Series
from terminal.strips import cell_len
from terminal.widgets.chart.scatter_layout import place_labels
from terminal.widgets.chart.timeline_data import TimelineData, column_means, column_states, runs, stacked

PLACES = st.lists(st.tuples(st.integers(0, 79), st.integers(0, 19)), max_size=60)


@given(PLACES, st.data())
def test_no_label_covers_a_mark_or_another_label(places: list[tuple[int, int]], data: st.DataObject) -> None:
    texts = [data.draw(st.text("AB三", max_size=8)) for _ in places]
    found = place_labels(places, texts, 80, 20)
    cells = dict.fromkeys(places, "mark")
    for index, (x, y) in found.items():
        assert 0 <= y < 20
        assert x >= 0
        assert x + cell_len(texts[index]) <= 80
        for column in range(x, x + cell_len(texts[index])):
            assert (column, y) not in cells
            cells[column, y] = texts[index]


def test_what_matters_most_is_named_first() -> None:
    places, texts = [(5, 0), (6, 0)], ["FIRST", "SECOND"]
    assert set(place_labels(places, texts, 12, 1)) == set()
    assert set(place_labels([(0, 0), (8, 0)], texts, 10, 1)) == {0}
    assert set(place_labels([(0, 0), (8, 0)], ["LONG", "LONG"], 9, 1, order=[1, 0])) == {1}
    assert place_labels([(5, 3)], ["A"], 20, 8) == {0: (7, 3)}


def test_a_state_holds_until_the_next_is_told() -> None:
    monthly = np.array(["2020-01-31", "2020-02-28"], "datetime64[D]")
    daily = np.arange("2020-01-30", "2020-03-03", dtype="datetime64[D]")
    line = Series("x", daily, np.ones(len(daily)))
    data = TimelineData(Timeline(monthly, ("a", "b"), np.array([0, 1]), np.array([[1.0, 0], [0, 1]]), line))
    assert data.states[:3].tolist() == [-1, 0, 0]
    assert data.states[-4:].tolist() == [1, -1, -1, -1]  # after the last date nothing is known
    assert data.probabilities is not None
    assert np.isnan(data.probabilities[0]).all()
    assert data.probabilities[2].tolist() == [1.0, 0.0]


def test_a_column_shows_the_state_of_most_of_its_dates() -> None:
    columns = np.array([0, 0, 0, 1, 1, 4])
    states = np.array([1, 1, 0, -1, -1, 2])
    assert column_states(states, columns, 5, 3).tolist() == [1, -1, -1, -1, 2]
    means = column_means(np.array([[0.2, 0.8]] * 2 + [[np.nan] * 2] * 4), columns, 5)
    assert means[0].tolist() == [0.2, 0.8]
    assert np.isnan(means[1:]).all()
    assert runs(np.array([1, 1, 2, -1])) == [(1, 0, 2), (2, 2, 3), (-1, 3, 4)]


@given(
    st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=30), st.integers(1, 12)
)
def test_stacked_shares_fill_the_column_to_an_eighth(drawn: list[list[float]], rows: int) -> None:
    shares = np.array(drawn) + 1e-9
    lower, upper, part = stacked(shares, rows)
    filled = np.zeros((3, len(shares)))
    for state in range(3):
        filled[state] = np.where(lower == state, part, 0).sum(axis=0) + np.where(
            upper == state, 8 - part, 0
        ).sum(axis=0)
    assert (filled.sum(axis=0) == rows * 8).all()
    wished = (shares / shares.sum(axis=1, keepdims=True)).T * rows * 8
    # the middle one of three that meet in one cell is not drawn: it is then less than a cell
    assert (np.abs(filled - wished)[1] <= 8).all()
    assert (np.abs(filled - wished)[[0, 2]] <= 8).all()
    assert (lower <= upper).all()


def test_unknown_shares_are_blank() -> None:
    lower, upper, _ = stacked(np.array([[np.nan, np.nan], [0.5, 0.5]]), 4)
    assert (lower[:, 0] == -1).all()
    assert (upper[:, 0] == -1).all()
    assert lower[:, 1].tolist() == [1, 1, 0, 0]


def test_a_timeline_of_twenty_years_is_reduced_in_a_moment() -> None:
    data = TimelineData(timeline(5000))
    assert len(data.dates) == len(data.states) == 5000
