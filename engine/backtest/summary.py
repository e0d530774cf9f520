"""Figures of many accounts at once, in blocks that stay in the cache: how a run over hundreds of symbols is read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.backtest.market import Floats

BLOCK = 64  # accounts
SPAN = 20  # sessions of a stretch


@dataclass(frozen=True, slots=True)
class Summary:
    """One value an account (k,): return over the whole run, Sharpe ratio annualised, largest fall from a peak."""

    total_return: Floats
    sharpe_ratio: Floats
    max_drawdown: Floats


def summary(accounts: Floats, capital: float, periods: float = 252.0) -> Summary:
    """Figures of accounts' equity.

    Parameters
    ----------
    accounts : equity (n, k) of accounts, each started with ``capital`` before the first session.
    periods : sessions a year.

    Returns
    -------
    Summary
        ``sharpe_ratio`` = mean of the n - 1 simple returns from the first close on, over their standard deviation
        (ddof 1), times ``sqrt(periods)`` (Sharpe 1994, without a risk-free rate); NaN of an account that never moved.
        ``max_drawdown`` = lowest equity over the highest before it, less 1, at closes.
    """
    columns = accounts.shape[1]
    sharpe, fall = np.empty(columns), np.empty(columns)
    for begin in range(0, columns, BLOCK):
        part = slice(begin, min(begin + BLOCK, columns))
        held = np.ascontiguousarray(accounts[:, part].T)
        moves = held[:, 1:] / held[:, :-1]
        mean = moves.mean(axis=1)
        moves -= mean[:, None]
        spread = np.sqrt(np.einsum("ij,ij->i", moves, moves) / max(moves.shape[1] - 1, 1))
        with np.errstate(invalid="ignore", divide="ignore"):
            sharpe[part] = np.where(spread > 0, (mean - 1.0) / spread, np.nan)
        fall[part] = _fall(held)
    return Summary(accounts[-1] / capital - 1.0, sharpe * np.sqrt(periods), fall)


def _fall(held: Floats) -> Floats:
    """Lowest equity over the highest before it, less 1, of accounts (m, n).

    A running highest is a chain of comparisons that wait for each other: here stretches of ``SPAN`` sessions run side
    by side, and what was highest before each is told to it after.
    """
    count, rows = held.shape
    stretches = -(-rows // SPAN)
    if rows % SPAN:  # the last session again: it is no new peak and no deeper fall
        held = np.hstack([held, np.repeat(held[:, -1:], stretches * SPAN - rows, axis=1)])
    across = np.ascontiguousarray(held.reshape(-1, SPAN).T)
    peaks = across.copy()
    for place in range(1, SPAN):
        np.maximum(peaks[place], peaks[place - 1], out=peaks[place])
    ends = peaks[-1].reshape(count, stretches)
    before = np.maximum.accumulate(np.hstack([held[:, :1], ends[:, :-1]]), axis=1)
    np.maximum(peaks, before.ravel(), out=peaks)
    np.divide(across, peaks, out=across)
    found: Floats = across.min(axis=0).reshape(count, stretches).min(axis=1) - 1.0
    return found
