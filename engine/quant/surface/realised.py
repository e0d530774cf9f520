"""What volatility was, beside what options say it will be."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.surface.svi import Floats

SESSIONS = 252  # a year of trading


def realized_volatility(close: ArrayLike, window: int, *, sessions: int = SESSIONS) -> Floats:
    """Close-to-close volatility a year over the last ``window`` returns, at each session.

    sqrt(sessions / window * sum of squared log returns), the mean taken as nothing: what a variance swap pays, and so
    what implied variance is to be held against.

    Parameters
    ----------
    close : (n,) or (n, k)
        Adjusted closes, time on axis 0.
    window
        Of returns, at least 1.

    Returns
    -------
    Of the same shape; NaN over the first ``window`` sessions and where a close is missing in the window.

    Raises
    ------
    ValueError
        ``window`` is below 1.
    """
    if window < 1:
        raise ValueError("A window has at least one return.")
    prices = np.asarray(close, dtype=np.float64)
    squares = np.square(np.diff(np.log(prices), axis=0))
    out = np.full(prices.shape, np.nan)
    if len(squares) >= window:
        windows = np.lib.stride_tricks.sliding_window_view(squares, window, axis=0)
        out[window:] = np.sqrt(sessions / window * windows.sum(axis=-1))
    return out


def variance_risk_premium(implied: ArrayLike, realized: ArrayLike) -> Floats:
    """Implied variance less realised, both a year: positive where insurance cost more than it paid.

    It is the premium of Carr and Wu (2009), "Variance risk premiums", Review of Financial Studies 22(3), with the
    sign of the seller, where ``implied`` is the square root of a variance swap's rate (a portfolio of options of all
    strikes) and ``realized`` of the life of the swap. At-the-money volatility squared is less than that rate where
    there is skew, and volatility of the past is not what the swap will pay: what these give is a difference, no more.
    """
    return np.asarray(np.square(np.asarray(implied, float)) - np.square(np.asarray(realized, float)))
