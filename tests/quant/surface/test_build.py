"""From a chain to a surface: what made the quotes is found again, with noise and faults in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.quant.options import american, black76
from engine.quant.surface import (
    Chain,
    Reason,
    VolSurface,
    build_surface,
    delta_moneyness,
    delta_volatility,
    forward_volatility,
    premium_free,
    realized_volatility,
    smile_measures,
    ssvi_total_variance,
    variance_risk_premium,
)
from tests.quant.surface.chains import DISCOUNT, FORWARD, TRUE, YEARS, made


def true_surface() -> VolSurface:
    return VolSurface("SSVI", YEARS, FORWARD, DISCOUNT, TRUE.raw, TRUE)


def flat(volatility: float = 0.2) -> VolSurface:
    theta = volatility**2 * YEARS
    raw = replace(TRUE, theta=theta, rho=0.0, eta=1e-9).raw
    return VolSurface("SVI", YEARS, FORWARD, DISCOUNT, raw)


@pytest.mark.parametrize("model", ["SVI", "SSVI"])
def test_the_surface_is_found_again(model: str) -> None:
    built = build_surface(made(half_spread=0.0), model)  # type: ignore[arg-type]
    np.testing.assert_allclose(built.forwards.forward, FORWARD, rtol=1e-9)
    assert np.nanmax(built.quality.worst) < 1e-6
    assert built.report.free.all() or model == "SVI"
    assert (built.ssvi.ssvi.rho, built.ssvi.ssvi.gamma) == pytest.approx((TRUE.rho, TRUE.gamma), abs=1e-5)
    np.testing.assert_allclose(built.report.mass, 1.0, atol=1e-6)


@pytest.mark.parametrize("model", ["SVI", "SSVI"])
def test_noise_within_the_spread_stays_within_it(model: str) -> None:
    built = build_surface(made(half_spread=0.01, seed=2), model)  # type: ignore[arg-type]
    k = np.linspace(-1.5, 1.5, 7) * np.sqrt(TRUE.theta)[:, None]
    error = built.surface.implied_volatility(k, YEARS[:, None]) - true_surface().implied_volatility(
        k, YEARS[:, None]
    )
    assert np.abs(error).max() < 0.01
    assert (built.quality.inside > 0.85).all()
    assert built.report.butterfly_free.all()


def test_bad_quotes_are_named_and_change_nothing() -> None:
    chain = made(half_spread=0.004, seed=3)
    bid, ask = chain.bid.copy(), chain.ask.copy()
    rng = np.random.default_rng(0)
    otm = np.flatnonzero(chain.kind * (chain.strike - 100) > 2)
    bad = rng.choice(otm, 24, replace=False)
    bid[bad[:6]], ask[bad[:6]] = ask[bad[:6]] * 1.2, bid[bad[:6]]  # crossed
    bid[bad[6:12]] = 0.0
    ask[bad[12:18]] *= 4.0  # too wide
    factor = rng.choice([0.6, 1.7], 6)  # a price of another time
    bid[bad[18:]] *= factor
    ask[bad[18:]] *= factor
    built = build_surface(replace(chain, bid=bid, ask=ask))
    assert not built.used[bad].any()
    assert built.cleaned.counts[Reason.CROSSED] == 6
    assert built.cleaned.counts[Reason.ZERO_BID] == 6
    lost = ~built.used & np.isin(np.arange(len(bid)), otm) & ~np.isin(np.arange(len(bid)), bad)
    assert lost.sum() <= 6
    k = np.linspace(-1, 1, 5) * np.sqrt(TRUE.theta)[:, None]
    error = built.surface.implied_volatility(k, YEARS[:, None]) - true_surface().implied_volatility(
        k, YEARS[:, None]
    )
    assert np.abs(error).max() < 0.005


def test_every_quote_is_used_or_has_a_reason() -> None:
    built = build_surface(made(half_spread=0.004, seed=3))
    assert (built.used == (built.cleaned.reason == "")).all()
    assert sum(built.cleaned.counts.values()) + built.used.sum() == len(built.used)
    assert np.isfinite(built.fitted[built.used]).all()


def test_american_quotes_lie_on_the_european_smile() -> None:
    years = np.repeat([0.3, 1.0], 42)
    strike = np.tile(np.repeat(np.linspace(75, 130, 21), 2), 2)
    kind = np.tile([1.0, -1.0], 42)
    price = american(kind, 100.0, strike, years, 0.05, 0.01, 0.3, scheme="accurate")
    chain = Chain(kind, strike, years, price - 0.005, price + 0.005, spot=100.0)
    built = build_surface(chain, pricer=lambda *a: american(*a, scheme="fast"))
    np.testing.assert_allclose(built.quotes.mid[built.used], 0.3, atol=1.5e-3)
    european = build_surface(chain)  # what is made of them without
    assert np.abs(european.quotes.mid[european.used] - 0.3).max() > 4e-3


def test_the_premium_taken_off_leaves_the_european_price() -> None:
    strike = np.linspace(80, 120, 9)
    price = american(-1.0, 100.0, strike, 1.0, 0.05, 0.0, 0.25)
    found = premium_free(
        price, -1.0, 100.0, strike, 1.0, 0.05, 0.0, lambda *a: american(*a, scheme="accurate"), 0.3
    )
    expected = black76(-1.0, 100.0 * np.exp(0.05), strike, 1.0, 0.25, np.exp(-0.05))
    np.testing.assert_allclose(found[:7], expected[:7], atol=2e-4)


def test_a_chain_that_makes_no_surface_says_why() -> None:
    chain = made()
    with pytest.raises(ValueError, match="no bid: one-sided"):
        build_surface(replace(chain, bid=np.zeros(len(chain.bid))))


# -- between and beyond expiries ------------------------------------------------------------------------


def test_total_variance_runs_straight_between_expiries() -> None:
    built = build_surface(made(half_spread=0.004, seed=1))
    one, other = YEARS[2], YEARS[3]
    k = np.linspace(-0.3, 0.3, 7)
    low, high = built.surface.total_variance(k, one), built.surface.total_variance(k, other)
    np.testing.assert_allclose(
        built.surface.total_variance(k, (one + other) / 2), (low + high) / 2, rtol=1e-12
    )
    np.testing.assert_allclose(
        built.surface.total_variance(k, 4.0), built.surface.total_variance(k, 2.0) * 2, rtol=1e-12
    )
    early = built.surface.implied_volatility(k, 0.01)
    np.testing.assert_allclose(early, built.surface.implied_volatility(k, YEARS[0]), rtol=1e-12)


def test_ssvi_keeps_its_formula_between_expiries() -> None:
    surface = true_surface()
    theta = (TRUE.theta[1] + TRUE.theta[2]) / 2
    k = np.linspace(-0.4, 0.4, 5)
    expected = ssvi_total_variance(k, theta, TRUE.rho, TRUE.eta, TRUE.gamma)
    np.testing.assert_allclose(surface.total_variance(k, (YEARS[1] + YEARS[2]) / 2), expected, rtol=1e-12)
    times = np.linspace(0.02, 3.0, 80)
    assert (np.diff(surface.total_variance(k, times[:, None]), axis=0) >= 0).all()
    np.testing.assert_allclose(surface.forward_at(times), 100 * np.exp(0.021 * times), rtol=1e-12)
    np.testing.assert_allclose(surface.discount_at(times), np.exp(-0.034 * times), rtol=1e-12)


def test_forward_volatility_adds_up() -> None:
    surface = true_surface()
    between = forward_volatility(surface, YEARS[:-1], YEARS[1:])
    total = TRUE.theta[0] + (between**2 * np.diff(YEARS)).sum()
    assert total == pytest.approx(TRUE.theta[-1])


# -- deltas --------------------------------------------------------------------------------------------


def test_strikes_of_a_flat_smile_by_delta() -> None:
    """Closed form: k = s^2 / 2 - s N^-1(delta), s = volatility sqrt(years)."""
    from scipy.special import ndtri

    surface = flat()
    s = 0.2 * np.sqrt(YEARS)
    for delta in (0.1, 0.25, 0.5, 0.9):
        np.testing.assert_allclose(
            delta_moneyness(surface, YEARS, delta), s * s / 2 - s * ndtri(delta), atol=1e-9
        )
        put = delta_moneyness(surface, YEARS, delta - 1.0)
        np.testing.assert_allclose(put, delta_moneyness(surface, YEARS, delta), atol=1e-12)
    carry = DISCOUNT * FORWARD / 100.0
    spot = delta_moneyness(surface, YEARS, 0.25, convention="spot", spot=100.0)
    np.testing.assert_allclose(spot, s * s / 2 - s * ndtri(0.25 / carry), atol=1e-9)
    with pytest.raises(ValueError, match="give spot"):
        delta_moneyness(surface, YEARS, 0.25, convention="spot")


def test_a_flat_smile_has_no_wings() -> None:
    m = smile_measures(flat(), YEARS)
    np.testing.assert_allclose(m.at_the_money, 0.2, rtol=1e-8)
    for name in (
        "skew",
        "risk_reversal_25",
        "risk_reversal_10",
        "butterfly_25",
        "butterfly_10",
        "moneyness_skew",
    ):
        np.testing.assert_allclose(getattr(m, name), 0.0, atol=1e-7)


def test_measures_of_a_skewed_smile() -> None:
    surface = true_surface()
    m = smile_measures(surface, YEARS)
    # d w / d k at the money is rho theta phi, so d sigma / d k = rho sqrt(theta) phi / (2 sqrt(t))
    phi = TRUE.eta / (TRUE.theta**TRUE.gamma * (1 + TRUE.theta) ** (1 - TRUE.gamma))
    np.testing.assert_allclose(m.skew, TRUE.rho * np.sqrt(TRUE.theta) * phi / (2 * np.sqrt(YEARS)), rtol=1e-5)
    call, put = delta_volatility(surface, YEARS, 0.25), delta_volatility(surface, YEARS, -0.25)
    np.testing.assert_allclose(m.risk_reversal_25, call - put, rtol=1e-12)
    np.testing.assert_allclose(m.butterfly_25, (call + put) / 2 - m.at_the_money, rtol=1e-12)
    assert (m.risk_reversal_25 < 0).all()
    assert (m.butterfly_10 > 0).all()


# -- realised ------------------------------------------------------------------------------------------


def test_realised_volatility_the_slow_way() -> None:
    close = np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, (80, 2)), axis=0))
    found = realized_volatility(close, 21)
    assert np.isnan(found[:21]).all()
    for day in (21, 50, 79):
        moves = np.log(close[day - 20 : day + 1] / close[day - 21 : day])
        np.testing.assert_allclose(found[day], np.sqrt((moves**2).mean(axis=0) * 252), rtol=1e-12)
    assert variance_risk_premium(0.3, 0.2) == pytest.approx(0.05)
    assert np.isnan(realized_volatility(close[:5], 21)).all()
    with pytest.raises(ValueError, match="at least one"):
        realized_volatility(close, 0)
