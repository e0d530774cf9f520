"""Exotics: in plus out, limits, digitals as slopes of plain options, and simulation-free cross checks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.quant.options import BARRIERS, barrier, bsm, chooser, digital, digital_barrier, gap

REST = (0.7, 0.05, 0.02, 0.3)  # years, rate, yield, volatility
STRIKES = np.array([70.0, 90.0, 100.0, 110.0, 140.0])


@pytest.mark.parametrize("kind", [1, -1])
@pytest.mark.parametrize(("side", "level"), [("down", 85.0), ("up", 120.0)])
def test_in_and_out_together_are_the_plain_option(kind, side, level):
    both = sum(barrier(kind, 100.0, STRIKES, *REST, level, f"{side}-{w}") for w in ("in", "out"))
    np.testing.assert_allclose(both, bsm(kind, 100.0, STRIKES, *REST), rtol=1e-12)
    for cash in (None, 5.0):
        both = sum(
            digital_barrier(kind, 100.0, STRIKES, *REST, level, f"{side}-{w}", cash=cash)
            for w in ("in", "out")
        )
        np.testing.assert_allclose(both, digital(kind, 100.0, STRIKES, *REST, cash=cash), rtol=1e-12)


def test_a_barrier_out_of_reach_does_nothing_and_one_reached_everything():
    assert barrier(1, 100.0, 100.0, *REST, 1e-6, "down-out") == pytest.approx(bsm(1, 100.0, 100.0, *REST))
    assert barrier(1, 100.0, 100.0, *REST, 1e6, "up-in") == pytest.approx(0.0, abs=1e-12)
    assert barrier(1, 100.0, 90.0, *REST, 105.0, "down-out", 3.0) == 3.0
    assert barrier(1, 100.0, 90.0, *REST, 105.0, "down-in", 3.0) == bsm(1, 100.0, 90.0, *REST)
    with pytest.raises(ValueError, match="down-in"):
        barrier(1, 100.0, 90.0, *REST, 105.0, "sideways")
    assert set(BARRIERS) == {"down-in", "down-out", "up-in", "up-out"}


@pytest.mark.parametrize("which", BARRIERS)
@pytest.mark.parametrize("kind", [1, -1])
def test_barriers_with_rebates_are_quantlibs(which, kind):
    ql = pytest.importorskip("QuantLib")
    today = ql.Date(1, 1, 2050)
    level, count = (85.0 if which.startswith("down") else 120.0), ql.Actual365Fixed()
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(100.0)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, 0.02, count)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, 0.05, count)),
        ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), 0.3, count)),
    )
    name = "".join(word.title() for word in which.split("-"))
    for strike in STRIKES.tolist():
        payoff = ql.PlainVanillaPayoff(ql.Option.Call if kind > 0 else ql.Option.Put, strike)
        option = ql.BarrierOption(
            getattr(ql.Barrier, name), level, 3.0, payoff, ql.EuropeanExercise(today + 365)
        )
        option.setPricingEngine(ql.AnalyticBarrierEngine(process))
        found = barrier(kind, 100.0, strike, 1.0, 0.05, 0.02, 0.3, level, which, 3.0)
        assert found == pytest.approx(option.NPV(), abs=1e-9)


def test_digitals_are_slopes_of_plain_options_and_gaps_are_made_of_them():
    step = 1e-4
    slope = -(bsm(1, 100.0, STRIKES + step, *REST) - bsm(1, 100.0, STRIKES - step, *REST)) / (2 * step)
    np.testing.assert_allclose(digital(1, 100.0, STRIKES, *REST, cash=1.0), slope, atol=1e-8)
    both = digital(1, 100.0, STRIKES, *REST) - STRIKES * digital(1, 100.0, STRIKES, *REST, cash=1.0)
    np.testing.assert_allclose(both, bsm(1, 100.0, STRIKES, *REST), atol=1e-12)
    np.testing.assert_allclose(
        gap(-1, 100.0, STRIKES, STRIKES, *REST), bsm(-1, 100.0, STRIKES, *REST), atol=1e-12
    )
    sure = digital(1, 100.0, 90.0, *REST, cash=2.0) + digital(-1, 100.0, 90.0, *REST, cash=2.0)
    assert sure == pytest.approx(2.0 * math.exp(-0.035))


def test_a_chooser_lies_between_the_dearer_option_and_both():
    years, *rest = REST
    call, put = (bsm(k, 100.0, STRIKES, years, *rest) for k in (1, -1))
    now, last = (chooser(100.0, STRIKES, years, choice, *rest) for choice in (0.0, years))
    np.testing.assert_allclose(now, np.maximum(call, put), rtol=1e-12)
    np.testing.assert_allclose(last, call + put, rtol=1e-12)
