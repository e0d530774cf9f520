"""Splits against brute force over every pair of rows, and against skfolio where conventions agree."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.honesty import (
    Labels,
    combinatorial_purged,
    label_spans,
    purged_k_fold,
    walk_forward,
)


def brute_train(labels: Labels, test: list[int], embargo: int) -> list[int]:
    """Every row asked of every run of test rows: does its span meet theirs, is it among the rows just after?"""
    runs: list[list[int]] = []
    for row in test:
        if runs and runs[-1][-1] == row - 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    kept = []
    for row in range(len(labels)):
        bad = row in test
        for run in runs:
            begin = min(labels.start[i] for i in run)
            over = max(labels.end[i] for i in run)
            bad |= labels.start[row] <= over and begin <= labels.end[row]
            later = [i for i in range(len(labels)) if labels.start[i] > over]
            bad |= row in later[:embargo]
        if not bad:
            kept.append(row)
    return kept


@st.composite
def drawn_labels(draw: st.DrawFn) -> Labels:
    n = draw(st.integers(12, 40))
    steps = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    lengths = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    start = np.cumsum(steps)
    return label_spans(n, start, start + lengths)


@settings(max_examples=60, deadline=None)
@given(drawn_labels(), st.integers(2, 4), st.integers(0, 2))
def test_purged_folds_are_what_brute_force_leaves(labels: Labels, folds: int, embargo: int) -> None:
    tests = [list(each) for each in np.array_split(np.arange(len(labels)), folds)]
    wanted = [brute_train(labels, each, embargo) for each in tests]
    if not all(wanted):
        with pytest.raises(ValueError, match="nothing to train on"):
            purged_k_fold(labels, folds, embargo)
        return
    found = purged_k_fold(labels, folds, embargo)
    assert [list(split.test) for split in found] == tests
    assert [list(split.train) for split in found] == wanted


@settings(max_examples=40, deadline=None)
@given(drawn_labels(), st.integers(3, 6), st.data())
def test_combinatorial_splits_are_what_brute_force_leaves(
    labels: Labels, groups: int, data: st.DataObject
) -> None:
    k = data.draw(st.integers(1, groups - 1))
    try:
        found = combinatorial_purged(labels, groups, k, embargo=1)
    except ValueError as error:
        assert "nothing to train on" in str(error)
        return
    parts = np.array_split(np.arange(len(labels)), groups)
    assert len(found.splits) == comb(groups, k)
    for chosen, split in zip(found.tested, found.splits, strict=True):
        test = sorted(int(row) for number in chosen for row in parts[number])
        assert list(split.test) == test
        assert list(split.train) == brute_train(labels, test, 1)


@pytest.mark.parametrize(("groups", "k"), [(6, 2), (6, 3), (5, 4), (4, 1), (10, 2)])
def test_paths_take_each_test_once(groups: int, k: int) -> None:
    found = combinatorial_purged(label_spans(60), groups, k)
    assert found.paths.shape == (comb(groups, k) * k // groups, groups)
    used = {(int(split), group) for path in found.paths for group, split in enumerate(path)}
    assert used == {(split, int(g)) for split, chosen in enumerate(found.tested) for g in chosen}
    values = np.full((len(found.splits), 60), np.nan)
    for number, split in enumerate(found.splits):
        values[number, split.test] = number
    joined = found.join(values)
    assert np.isfinite(joined).all()
    assert (joined[:, np.searchsorted(found.group, range(groups))] == found.paths).all()


def test_the_books_figure_of_six_groups_two_tested() -> None:
    """Lopez de Prado (2018), figures 12.1 and 12.2: 15 splits, 5 paths; path 1 joins S1 S1 S2 S3 S4 S5."""
    found = combinatorial_purged(label_spans(60), 6, 2)
    assert len(found.splits) == 15
    assert (found.paths[0] + 1).tolist() == [1, 1, 2, 3, 4, 5]
    assert (found.paths[1] + 1).tolist() == [2, 6, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("groups", "k", "horizon", "embargo"), [(6, 2, 0, 0), (6, 2, 3, 2), (5, 3, 2, 0), (8, 4, 1, 4)]
)
def test_skfolio_agrees_where_folds_are_equal(groups: int, k: int, horizon: int, embargo: int) -> None:
    """It purges by row counts and gives the last fold the remainder: equal where labels look h rows ahead."""
    from skfolio.model_selection import CombinatorialPurgedCV

    n = groups * 12
    peer = CombinatorialPurgedCV(n_folds=groups, n_test_folds=k, purged_size=horizon, embargo_size=embargo)
    ours = combinatorial_purged(label_spans(n, horizon=horizon), groups, k, embargo)
    theirs = list(peer.split(np.zeros((n, 1))))
    assert len(theirs) == len(ours.splits)
    for split, (train, tests) in zip(ours.splits, theirs, strict=True):
        assert np.array_equal(split.train, train)
        assert np.array_equal(split.test, np.concatenate(tests))
    assert np.array_equal(peer.recombined_paths, ours.paths.T)


def test_walk_forward_rolls_and_is_anchored() -> None:
    labels = label_spans(20)
    rolling = walk_forward(labels, 8, 4)
    assert [(s.train[0], s.train[-1], s.test[0], s.test[-1]) for s in rolling] == [
        (0, 7, 8, 11), (4, 11, 12, 15), (8, 15, 16, 19),
    ]  # fmt: skip
    anchored = walk_forward(labels, 8, 4, anchored=True)
    assert [len(s.train) for s in anchored] == [8, 12, 16]
    assert all(s.train[0] == 0 for s in anchored)


def test_walk_forward_purges_gaps_and_keeps_a_partial_end() -> None:
    labels = label_spans(22, horizon=2)
    splits = walk_forward(labels, 8, 4, gap=1, partial=True)
    for split in splits:
        assert labels.end[split.train].max() < labels.start[split.test[0]]
        assert split.train[-1] == split.test[0] - 3  # labels of two rows; the gap of one lies within
    assert [len(s.test) for s in splits] == [4, 4, 4, 1]
    assert len(walk_forward(labels, 8, 4, gap=1)) == 3


def test_walk_forward_is_skfolios_where_labels_are_points() -> None:
    from skfolio.model_selection import WalkForward

    theirs = list(WalkForward(test_size=7, train_size=30, purged_size=3).split(np.zeros((100, 1))))
    ours = walk_forward(label_spans(100), 30, 7, gap=3)
    assert len(ours) == len(theirs)
    for split, (train, test) in zip(ours, theirs, strict=True):
        assert np.array_equal(split.train, train)
        assert np.array_equal(split.test, test)


def test_dates_serve_as_rows_do() -> None:
    days = np.datetime64("2020-01-01") + np.arange(60)
    dated = purged_k_fold(label_spans(60, days, days + np.timedelta64(4, "D")), 5, 2)
    rows = purged_k_fold(label_spans(60, horizon=4), 5, 2)
    for left, right in zip(dated, rows, strict=True):
        assert np.array_equal(left.train, right.train)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: label_spans(3, [0, 1, 2]), "both"),
        (lambda: label_spans(3, [0, 2, 1], [3, 3, 3]), "ascend"),
        (lambda: label_spans(3, [0, 1, 2], [0, 0, 2]), "row 1 ends before"),
        (lambda: label_spans(2, [0, 1], [0.0, np.nan]), "whole numbers or dates"),
        (lambda: label_spans(1, np.array(["NaT"], "M8[D]"), np.array(["NaT"], "M8[D]")), "missing"),
        (lambda: purged_k_fold(label_spans(5), 6), "2 to 5 folds"),
        (lambda: combinatorial_purged(label_spans(99), 40, 20), "fewer groups"),
        (lambda: walk_forward(label_spans(10), 9, 4), "longer history"),
    ],
)
def test_refusals_are_sentences(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
