"""SVI, one expiry's smile: raw, natural and jump-wing parameters, and the way between them.

Gatheral (2004), "A parsimonious arbitrage-free implied volatility parameterization"; Gatheral and Jacquier (2014),
"Arbitrage-free SVI volatility surfaces", Quantitative Finance 14(1), section 3. ``k`` is log(strike / forward),
``w`` the total implied variance, implied_volatility ** 2 * years. Parameters may be arrays, one an expiry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Values: TypeAlias = float | Floats  # a number, or one an expiry


@dataclass(frozen=True, slots=True)
class RawSvi:
    """w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)); b >= 0, |rho| < 1, sigma > 0."""

    a: Values
    b: Values
    rho: Values
    m: Values
    sigma: Values

    def at(self, index: int) -> RawSvi:
        """The parameters of one expiry of many."""
        return RawSvi(*(float(np.asarray(each)[index]) for each in self.values))

    @property
    def values(self) -> tuple[Values, Values, Values, Values, Values]:
        return self.a, self.b, self.rho, self.m, self.sigma

    @property
    def column(self) -> RawSvi:
        """The same with an axis for ``k`` behind the one of the expiries."""
        return RawSvi(*(np.asarray(each, dtype=np.float64)[..., None] for each in self.values))


@dataclass(frozen=True, slots=True)
class NaturalSvi:
    """w(k) = delta + omega/2 (1 + zeta rho (k - mu) + sqrt((zeta (k - mu) + rho)^2 + 1 - rho^2))."""

    delta: Values
    mu: Values
    rho: Values
    omega: Values
    zeta: Values


@dataclass(frozen=True, slots=True)
class JumpWingSvi:
    """What a trader sees: variance at the money ``v``, skew ``psi``, slopes of the put wing ``p`` and of the call
    wing ``c``, least variance ``v_tilde``, of an expiry in ``years``."""

    v: Values
    psi: Values
    p: Values
    c: Values
    v_tilde: Values
    years: Values


def svi_total_variance(k: Values, raw: RawSvi) -> Floats:
    """Total implied variance at log-moneyness ``k``; parameters broadcast against it (see ``RawSvi.column``)."""
    x = np.asarray(k - raw.m)
    return np.asarray(raw.a + raw.b * (raw.rho * x + np.sqrt(x * x + np.square(raw.sigma))))


def svi_derivatives(k: Values, raw: RawSvi) -> tuple[Floats, Floats, Floats]:
    """``w`` and its first and second derivative by ``k``."""
    x = np.asarray(k - raw.m)
    root = np.sqrt(x * x + np.square(raw.sigma))
    w = np.asarray(raw.a + raw.b * (raw.rho * x + root))
    return w, np.asarray(raw.b * (raw.rho + x / root)), np.asarray(raw.b * np.square(raw.sigma) / root**3)


def natural_to_raw(natural: NaturalSvi) -> RawSvi:
    """Gatheral and Jacquier (2014), lemma 3.1."""
    root = np.sqrt(1.0 - np.square(natural.rho))
    return RawSvi(
        natural.delta + natural.omega / 2 * root * root, natural.omega * natural.zeta / 2, natural.rho,
        natural.mu - natural.rho / natural.zeta, root / natural.zeta,
    )  # fmt: skip


def raw_to_natural(raw: RawSvi) -> NaturalSvi:
    """Gatheral and Jacquier (2014), lemma 3.1."""
    root = np.sqrt(1.0 - np.square(raw.rho))
    omega = 2.0 * raw.b * raw.sigma / root
    return NaturalSvi(
        raw.a - omega / 2 * root * root, raw.m + raw.rho * raw.sigma / root, raw.rho, omega, root / raw.sigma
    )


def raw_to_jump_wings(raw: RawSvi, years: Values) -> JumpWingSvi:
    """Gatheral and Jacquier (2014), equations 3.5."""
    root = np.sqrt(np.square(raw.m) + np.square(raw.sigma))
    w = raw.a + raw.b * (-raw.rho * raw.m + root)
    scale = np.sqrt(w)
    least = raw.a + raw.b * raw.sigma * np.sqrt(1.0 - np.square(raw.rho))
    return JumpWingSvi(
        w / years, raw.b / 2 * (raw.rho - raw.m / root) / scale, raw.b * (1 - raw.rho) / scale,
        raw.b * (1 + raw.rho) / scale, least / years, years,
    )  # fmt: skip


def jump_wings_to_raw(wings: JumpWingSvi) -> RawSvi:
    """Gatheral and Jacquier (2014), lemma 3.2.

    Raises
    ------
    ValueError
        The skew is steeper than the wings allow (|beta| > 1), or there is none (psi = 0): the least variance is at
        the money then, and how curved the smile is there is not among the five.
    """
    w, least = np.asarray(wings.v * wings.years), np.asarray(wings.v_tilde * wings.years)
    scale = np.sqrt(w)
    b = scale / 2 * (wings.c + wings.p)
    rho = 1.0 - wings.p * scale / b
    beta = rho - 2.0 * wings.psi * scale / b
    if (np.abs(beta) > 1.0).any():
        raise ValueError("No SVI has these jump-wings: the skew psi must lie between -p/2 and c/2.")
    if (np.asarray(wings.psi) == 0.0).any():
        raise ValueError(
            "Jump-wings without skew (psi = 0) do not say how curved the smile is: give raw parameters."
        )
    root = np.sqrt(1.0 - rho * rho)
    # with beta = m / sqrt(m^2 + sigma^2): no division by beta, so that m = 0 needs no case of its own
    cosine = np.sqrt(1.0 - beta * beta)
    length = (w - least) / (b * (1.0 - rho * beta - root * cosine))
    sigma = length * cosine
    return RawSvi(least - b * sigma * root, b, rho, length * beta, sigma)


def without_butterflies(wings: JumpWingSvi) -> JumpWingSvi:
    """The nearest smile of SSVI's kind: c = p + 2 psi, v_tilde = 4 v p c / (p + c)^2, with v, psi and p kept.

    Free of butterfly arbitrage where the SSVI conditions hold too (Gatheral and Jacquier 2014, section 5.1).
    """
    c = wings.p + 2.0 * wings.psi
    least = 4.0 * wings.v * wings.p * c / np.square(wings.p + c)
    return JumpWingSvi(wings.v, wings.psi, wings.p, c, least, wings.years)
