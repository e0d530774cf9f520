"""How many independent trials correlated ones amount to.

Optimal number of clusters (Lopez de Prado & Lewis 2019, "Detection of false investment strategies using unsupervised
learning methods", Quantitative Finance 19(9)): k-means on the rows
of the distance matrix sqrt((1 - rho) / 2), the number of clusters by the best mean over deviation of the silhouettes,
then the clusters below the average quality clustered again, kept if that betters them. Of k-means' starts the one of
least inertia serves (theirs: of the best silhouettes), which scores each number of clusters once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class IndependentTrials:
    """Trials counted three ways.

    ``raw``: as many as were made. ``clusters``: groups of like ones; ``labels`` says which trial is in which, (k,).
    ``implied``: rho + (1 - rho) raw of the average correlation rho (Bailey & Lopez de Prado 2014, appendix), rho
    taken as 0 where it is below. ``returns``: each cluster's, of its trials weighted by inverse variance,
    (n, clusters).
    """

    raw: int
    clusters: int
    implied: float
    labels: Ints
    returns: Floats


def independent_trials(
    returns: ArrayLike, seed: int = 0, most: int | None = None, starts: int = 10
) -> IndependentTrials:
    """Groups of trials whose returns move together.

    Parameters
    ----------
    returns : (n, k), a column a trial, all over the same periods; trials that never moved are to be left out
    seed : of k-means' starts
    most : clusters at most tried, the lesser of k - 1 and 50 where None; what it cuts off makes the hurdle too low
    starts : of k-means for each number of clusters

    Returns
    -------
    Silhouettes say nothing of one cluster or of as many as trials: three or fewer trials are clusters of their own
    unless their correlation is above 1 - 1e-9, and trials all of whose correlations are above 0.99 are one.

    Raises
    ------
    ValueError
        A missing return, a trial that never moved, or fewer than three periods.
    """
    columns = np.asarray(returns, dtype=np.float64)
    if columns.ndim != 2 or len(columns) < 3 or not columns.shape[1]:
        raise ValueError("Trials are columns of one matrix (periods, trials) of three periods or more.")
    if not np.isfinite(columns).all():
        raise ValueError("A trial has a missing return: give all trials over the same periods.")
    if (np.ptp(columns, axis=0) == 0).any():
        raise ValueError("A trial never moved: it has no correlation. Leave it out and count it by itself.")
    size = columns.shape[1]
    correlation = np.corrcoef(columns, rowvar=False).reshape(size, size)
    apart = correlation[np.triu_indices(size, 1)]
    average = float(np.clip(apart.mean(), 0.0, 1.0)) if size > 1 else 0.0
    labels = _in_order(_labels(correlation, apart, seed, most, starts))
    return IndependentTrials(
        size, int(labels.max()) + 1, average + (1 - average) * size, labels, _joined(columns, labels)
    )


def _labels(correlation: Floats, apart: Floats, seed: int, most: int | None, starts: int) -> Ints:
    size = len(correlation)
    if size == 1 or (apart > 0.99).all():
        return np.zeros(size, dtype=np.int64)
    if size <= 3:
        same = correlation > 1 - 1e-9
        return np.asarray(same.argmax(axis=0), dtype=np.int64)
    return _top(correlation, seed, min(size - 1, 50) if most is None else max(2, min(most, size - 1)), starts)


def _base(correlation: Floats, seed: int, most: int, starts: int) -> tuple[Ints, Floats]:
    """Labels and silhouettes of the best number of clusters."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_samples

    distance = np.sqrt(np.clip((1 - correlation) / 2, 0.0, None))
    different = len(np.unique(distance.round(9), axis=0))  # no more clusters than points
    best: tuple[float, Ints, Floats] | None = None
    for count in range(2, min(most, different, len(distance) - 1) + 1):
        labels = KMeans(count, n_init=starts, random_state=seed).fit_predict(distance)
        silhouette = np.asarray(silhouette_samples(distance, labels), dtype=np.float64)
        quality = _quality(silhouette)
        if best is None or quality > best[0]:
            best = quality, np.asarray(labels, dtype=np.int64), silhouette
    if best is None:
        return np.zeros(len(distance), dtype=np.int64), np.zeros(len(distance))
    return best[1], best[2]


def _quality(silhouette: Floats) -> float:
    """Mean over deviation; clusters that are all points of one place are perfect."""
    spread = float(silhouette.std())
    return float(silhouette.mean()) / spread if spread > 1e-12 else float(silhouette.mean()) / 1e-12


def _top(correlation: Floats, seed: int, most: int, starts: int) -> Ints:
    """Clusters below the average quality are clustered again; what that makes is kept if their mean rises."""
    labels, silhouette = _base(correlation, seed, most, starts)
    qualities = {int(label): _quality(silhouette[labels == label]) for label in np.unique(labels)}
    average = float(np.mean([*qualities.values()]))
    poor = [label for label, quality in qualities.items() if quality < average]
    rows = np.flatnonzero(np.isin(labels, poor))
    if len(poor) < 2 or len(rows) < 4:
        return labels
    again = _top(correlation[np.ix_(rows, rows)], seed, min(most, len(rows) - 1), starts)
    trial = labels.copy()
    trial[rows] = again + labels.max() + 1
    renewed = _silhouettes(correlation, trial)
    after = [_quality(renewed[trial == label]) for label in np.unique(trial[rows])]
    return trial if np.mean(after) > np.mean([qualities[label] for label in poor]) else labels


def _silhouettes(correlation: Floats, labels: Ints) -> Floats:
    from sklearn.metrics import silhouette_samples

    if not 2 <= len(np.unique(labels)) < len(labels):
        return np.zeros(len(labels))
    distance = np.sqrt(np.clip((1 - correlation) / 2, 0.0, None))
    return np.asarray(silhouette_samples(distance, labels), dtype=np.float64)


def _in_order(labels: Ints) -> Ints:
    """Numbered from 0 by the first trial of each."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse], dtype=np.int64)


def _joined(columns: Floats, labels: Ints) -> Floats:
    """Each cluster's returns, its trials weighted by inverse variance."""
    inverse = 1.0 / columns.var(axis=0, ddof=1)
    weights = np.zeros((columns.shape[1], int(labels.max()) + 1))
    weights[np.arange(len(labels)), labels] = inverse
    return np.asarray(columns @ (weights / weights.sum(axis=0)))
