"""Trials counted, clustered, deflated and cut: closed forms, known clusters, other libraries."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtr, ndtri

from engine.backtest.honesty import (
    Trial,
    TrialBook,
    adjust_p_values,
    deflate,
    deflate_returns,
    deflated_by,
    haircut_sharpe,
    independent_trials,
    spread_of,
    trial_key,
    trial_of,
)


def test_a_book_counts_parameters_once_and_survives_json() -> None:
    key = trial_key("snapshot", "sma cross")
    book = TrialBook().add(key, Trial("50,200", 0.05, 2520)).add(key, Trial("20,100", 0.02, 2520, -0.3, 6.0))
    again = book.add(key, Trial("50,200", 0.06, 2520))
    assert (TrialBook().count(key), book.count(key), again.count(key)) == (0, 2, 2)
    assert again.sharpes(key).tolist() == [0.06, 0.02]
    assert book.sharpes(key).tolist() == [0.05, 0.02]  # a value: adding changed nothing
    assert TrialBook.from_plain(json.loads(json.dumps(again.to_plain()))) == again
    assert pickle.loads(pickle.dumps(again)) == again  # noqa: S301
    other = TrialBook().add(key, Trial("5,10", 0.0, 2520)).add("else", Trial("a", 0.1, 9))
    merged = again.merge(other)
    assert (merged.count(key), merged.count("else")) == (3, 1)


def test_keys_do_not_run_together() -> None:
    assert trial_key("ab", "c") != trial_key("a", "bc")
    assert trial_key("1", "1:x") != trial_key("11", ":x")
    assert trial_key("a", "b") == trial_key("a", "b")


def test_a_trial_of_returns_has_the_periods_moments(rng: np.random.Generator) -> None:
    returns = rng.standard_t(5, 800) * 0.01 + 0.0005
    holes = np.insert(returns, 7, np.nan)
    trial = trial_of("p", holes)
    assert trial.observations == 800
    assert trial.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1))
    assert trial.skew == pytest.approx(stats.skew(returns))
    assert trial.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False))
    assert trial_of("idle", np.zeros(50)) == Trial("idle", 0.0, 50)
    with pytest.raises(ValueError, match="no finite Sharpe"):
        Trial("p", float("nan"), 10)


def blocks(rng: np.random.Generator, clusters: int, each: int, rho: float, n: int = 1500) -> np.ndarray:
    common = np.repeat(rng.normal(size=(n, clusters)), each, axis=1)
    return np.sqrt(rho) * common + np.sqrt(1 - rho) * rng.normal(size=(n, clusters * each))


@pytest.mark.parametrize(("clusters", "each"), [(2, 6), (4, 5), (6, 4)])
def test_known_clusters_are_found(clusters: int, each: int, rng: np.random.Generator) -> None:
    found = independent_trials(blocks(rng, clusters, each, 0.7))
    assert (found.raw, found.clusters) == (clusters * each, clusters)
    assert np.array_equal(found.labels, np.repeat(np.arange(clusters), each))


def test_clusters_do_not_depend_on_the_order_of_trials(rng: np.random.Generator) -> None:
    columns = blocks(rng, 3, 5, 0.6)
    order = rng.permutation(15)
    plain, moved = independent_trials(columns), independent_trials(columns[:, order])
    same = plain.labels[:, None] == plain.labels
    assert np.array_equal(same[np.ix_(order, order)], moved.labels[:, None] == moved.labels)


def test_clusters_returns_are_weighted_by_inverse_variance(rng: np.random.Generator) -> None:
    columns = blocks(rng, 2, 3, 0.8) * np.array([1, 2, 3, 1, 1, 5.0])
    found = independent_trials(columns)
    weights = 1 / columns[:, :3].var(axis=0, ddof=1)
    np.testing.assert_allclose(found.returns[:, 0], columns[:, :3] @ weights / weights.sum())


def test_few_or_equal_trials(rng: np.random.Generator) -> None:
    one = rng.normal(size=(100, 1))
    assert independent_trials(one).clusters == 1
    assert independent_trials(np.hstack([one] * 9)).clusters == 1
    assert independent_trials(np.hstack([one] * 9)).implied == pytest.approx(1)
    assert independent_trials(np.hstack([one, one, rng.normal(size=(100, 1))])).labels.tolist() == [0, 0, 1]
    pairs = np.hstack([one, one, -one, -one])
    assert independent_trials(pairs).clusters == 2
    exact = np.linalg.qr(np.hstack([np.ones((100, 1)), rng.normal(size=(100, 3))]))[0][:, 1:]
    assert independent_trials(exact).implied == pytest.approx(3)


def test_deflation_in_closed_form(rng: np.random.Generator) -> None:
    chosen = Trial("best", 0.1, 1250, -0.5, 5.0)
    sharpes = rng.normal(0, 0.03, 50)
    found = deflate(chosen, sharpes)
    g = 0.5772156649015329
    hurdle = sharpes.std(ddof=1) * ((1 - g) * ndtri(1 - 1 / 50) + g * ndtri(1 - 1 / (50 * np.e)))
    spread = np.sqrt(1 + 0.5 * 0.1 + (5 - 1) / 4 * 0.01)
    assert found.raw.hurdle == pytest.approx(hurdle)
    assert found.raw.probability == pytest.approx(ndtr((0.1 - hurdle) * np.sqrt(1249) / spread))
    assert found.probabilistic == pytest.approx(ndtr(0.1 * np.sqrt(1249) / spread))
    assert found.effective is None
    alone = deflate(chosen, [0.1])
    assert alone.raw.probability == pytest.approx(alone.probabilistic)


def test_a_run_that_hardly_held_anything_is_no_sample_of_the_others() -> None:
    """Ratios -2..2 and one of -100: its distance is beyond 5 x 1.4826 x the median distance, 1. Without it 2.5."""
    ratios = [-2.0, -1.0, 0.0, 1.0, 2.0]
    assert spread_of(ratios) == pytest.approx(2.5)
    assert spread_of([*ratios, -100.0, np.nan]) == pytest.approx(2.5)
    assert spread_of([*ratios, -7.0]) == pytest.approx(
        np.var([*ratios, -7.0], ddof=1)
    )  # within: -0.5 +- 11.1
    assert (spread_of([]), spread_of([3.0]), spread_of([1.0, 1.0, 1.0, 9.0])) == (0.0, 0.0, 0.0)
    assert spread_of([0.0, 4.0]) == pytest.approx(8.0)  # of two, neither is the one apart


def test_tries_that_resemble_each_other_are_no_less_lucky() -> None:
    """At no spread at all the ratio's own: 1 / (n - 1)."""
    chosen = Trial("best", 0.05, 2521)
    found = deflated_by(chosen, 400, 1e-9)
    assert found.variance == pytest.approx(1 / 2520)
    assert found == deflated_by(chosen, 400, float("nan"))
    assert deflated_by(chosen, 1, 5.0).hurdle == 0


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 0.01), st.integers(1, 2000), st.integers(1, 2000))
def test_more_tries_of_one_spread_never_lower_the_hurdle(variance: float, one: int, more: int) -> None:
    chosen = Trial("best", 0.05, 1000)
    few, many = (deflated_by(chosen, each, variance) for each in (one, one + more))
    assert many.hurdle >= few.hurdle
    assert many.probability <= few.probability


def test_the_best_of_noise_is_no_discovery_and_like_trials_are_few(
    rng: np.random.Generator,
) -> None:
    chances = [deflate_returns(rng.normal(0, 0.01, (750, 12)), seed=1).raw.probability for _ in range(12)]
    assert 0.3 < np.mean(chances) < 0.7
    alike = blocks(rng, 3, 8, 0.9) * 0.01
    alike[:, :8] += 0.0015
    found = deflate_returns(alike)
    assert found.effective is not None
    assert (found.raw.trials, found.effective.trials) == (24, 3)
    assert found.chosen.parameters.removeprefix("column ") in map(str, range(8))


def test_trials_that_never_moved_count_raw_and_in_no_cluster(rng: np.random.Generator) -> None:
    moving = blocks(rng, 3, 5, 0.8) * 0.01
    found = deflate_returns(np.hstack([moving, np.zeros((1500, 2))]))
    assert found.effective is not None
    assert (found.raw.trials, found.effective.trials) == (17, 3)
    sharpes = np.append(moving.mean(axis=0) / moving.std(axis=0, ddof=1), [0, 0])
    assert found.raw.variance == pytest.approx(sharpes.var(ddof=1))
    with pytest.raises(ValueError, match="missing"):
        deflate_returns(np.where(moving == moving[3, 2], np.nan, moving))


@pytest.mark.parametrize(
    ("ours", "theirs"), [("bonferroni", "bonferroni"), ("holm", "holm"), ("bhy", "fdr_by")]
)
@settings(max_examples=40, deadline=None)
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_statsmodels_adjusts_the_same(ours, theirs: str, p: list[float]) -> None:
    from statsmodels.stats.multitest import multipletests

    np.testing.assert_allclose(adjust_p_values(p, ours), multipletests(p, method=theirs)[1], atol=1e-12)


def test_six_p_values_by_hand() -> None:
    """c(6) = 2.45: the fourth's 6 x 2.45 / 4 x 0.0135 = 0.0496 serves the three below it as well."""
    p = [0.06, 0.005, 0.009, 0.0128, 0.0135, 0.045]
    bonferroni = [0.36, 0.03, 0.054, 0.0768, 0.081, 0.27]
    holm = [0.09, 0.03, 0.045, 0.0512, 0.0512, 0.09]
    bhy = [0.147, 0.0496125, 0.0496125, 0.0496125, 0.0496125, 0.1323]
    np.testing.assert_allclose(adjust_p_values(p, "bonferroni"), bonferroni)
    np.testing.assert_allclose(adjust_p_values(p, "holm"), holm)
    np.testing.assert_allclose(adjust_p_values(p, "bhy"), bhy)


def test_the_haircut_of_one_trial_is_none_and_bonferronis_is_in_closed_form() -> None:
    single = haircut_sharpe([1.0], 120, "monthly", "bonferroni")
    assert single.haircut[0] == pytest.approx(0, abs=1e-9)
    many = haircut_sharpe([1.0] + [0.0] * 199, 240, "monthly", "bonferroni")
    p = 2 * stats.t.sf(1.0 * np.sqrt(240 / 12), 239)
    assert many.p_value[0] == pytest.approx(p)
    wanted = stats.t.isf(min(200 * p, 1) / 2, 239) / np.sqrt(20)
    assert many.adjusted_sharpe[0] == pytest.approx(wanted)
    assert many.haircut[0] == pytest.approx(1 - wanted)
    assert np.isnan(many.haircut[1])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-4, 12), min_size=1, max_size=15))
def test_a_haircut_never_lengthens_and_holm_is_no_stricter_than_bonferroni(sharpes: list[float]) -> None:
    cuts = {m: haircut_sharpe(sharpes, 2520, "daily", m) for m in ("bonferroni", "holm", "bhy")}
    for cut in cuts.values():
        assert (np.abs(cut.adjusted_sharpe) <= np.abs(cut.sharpe) + 1e-12).all()
        assert (cut.adjusted_sharpe * cut.sharpe >= 0).all()
        assert (cut.adjusted >= cut.p_value).all()
    assert (cuts["holm"].adjusted <= cuts["bonferroni"].adjusted + 1e-15).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: adjust_p_values([0.1, np.nan]), "0 to 1"),
        (lambda: adjust_p_values([0.1], "sidak"), "bonferroni"),
        (lambda: haircut_sharpe([1.0], 2), "Three observations"),
        (lambda: deflate(Trial("a", 0.1, 9), []), "at least the chosen"),
        (lambda: independent_trials(np.zeros((50, 3))), "never moved"),
        (lambda: independent_trials(np.full((50, 3), np.nan)), "missing"),
    ],
)
def test_refusals_are_sentences(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
