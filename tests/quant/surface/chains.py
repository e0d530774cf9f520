"""Chains of quotes made from a known surface."""

from __future__ import annotations

import numpy as np

from engine.quant.options import black76
from engine.quant.surface import Chain, Ssvi, ssvi_total_variance

YEARS = np.array([0.05, 0.13, 0.3, 0.55, 1.05, 2.0])
FORWARD = 100.0 * np.exp(0.021 * YEARS)
DISCOUNT = np.exp(-0.034 * YEARS)
TRUE = Ssvi(0.22**2 * YEARS * (1.0 + 0.2 * np.exp(-YEARS)), -0.55, 1.05, 0.42)
STRIKES = np.arange(-24, 25)


def volatility(strike: np.ndarray, row: np.ndarray) -> np.ndarray:
    k = np.log(strike / FORWARD[row])
    return np.sqrt(ssvi_total_variance(k, TRUE.theta[row], TRUE.rho, TRUE.eta, TRUE.gamma) / YEARS[row])


def made(half_spread: float = 0.002, seed: int | None = None, least: float = 0.02) -> Chain:
    """Both sides of 49 strikes of six expiries on ``TRUE``; with a seed mids are off by part of the spread."""
    row = np.repeat(np.arange(len(YEARS)), 2 * len(STRIKES))
    kind = np.tile(np.repeat([1.0, -1.0], len(STRIKES)), len(YEARS))
    step = 0.12 * np.sqrt(TRUE.theta)[row]
    strike = np.round(FORWARD[row] * np.exp(np.tile(STRIKES, 2 * len(YEARS)) * step), 2)
    price = black76(kind, FORWARD[row], strike, YEARS[row], volatility(strike, row), DISCOUNT[row])
    half = np.maximum(half_spread * np.sqrt(price), 1e-9) if half_spread else np.full(len(price), 1e-10)
    if seed is not None:
        price = price + half * np.random.default_rng(seed).uniform(-0.5, 0.5, len(price))
    kept = price > least
    return Chain(
        kind[kept], strike[kept], YEARS[row][kept], (price - half)[kept], (price + half)[kept], spot=100.0,
        open_interest=np.full(int(kept.sum()), 10.0),
    )  # fmt: skip
