"""Prices with Greeks, implied volatility and American options, beside bare numpy, QuantLib and py_vollib_vectorized.

One run, the sides taken in turn, medians; answers are held against each other before anything is timed. A peer that
is not installed is left out and said so.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import math
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from scipy.special import ndtr

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine.quant import options

COUNT, FEW, PRECISE, ROUNDS = 100_000, 2_000, 200, 15
Run = Callable[[], Any]


def book(count: int, seed: int = 7) -> dict[str, np.ndarray]:
    """Options as a day's chains have them."""
    rng = np.random.default_rng(seed)
    return {
        "kind": np.where(rng.random(count) < 0.5, 1.0, -1.0),
        "spot": np.full(count, 100.0),
        "strike": rng.uniform(60.0, 150.0, count),
        "years": rng.uniform(7 / 365, 2.0, count),
        "rate": rng.uniform(0.0, 0.06, count),
        "dividend_yield": rng.uniform(0.0, 0.04, count),
        "volatility": rng.uniform(0.1, 0.8, count),
    }


def bare(b: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    """The textbook formulas, whole arrays: the bound that others are measured against."""
    k, s, x, t, r, q, v = b.values()
    root = np.sqrt(t)
    d1 = (np.log(s / x) + (r - q + 0.5 * v * v) * t) / (v * root)
    d2 = d1 - v * root
    lost, worth, bell = np.exp(-q * t), np.exp(-r * t), np.exp(-0.5 * d1 * d1) / 2.5066282746310002
    n1, n2 = ndtr(k * d1), ndtr(k * d2)
    price = k * (s * lost * n1 - x * worth * n2)
    theta = -s * lost * bell * v / (2 * root) - k * r * x * worth * n2 + k * q * s * lost * n1
    return (
        price,
        k * lost * n1,
        lost * bell / (s * v * root),
        s * lost * bell * root,
        theta,
        k * x * t * worth * n2,
    )


def timed(sides: dict[str, Run], rounds: int = ROUNDS) -> dict[str, float]:
    """Median seconds of each, taken in turn."""
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for run in sides.values():
        run()
    for _ in range(rounds):
        for name, run in sides.items():
            start = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - start)
    return {name: median(each) for name, each in taken.items()}


def report(title: str, seconds: dict[str, float], counts: dict[str, int]) -> dict[str, float]:
    """Prints options a second, and answers them."""
    speed = {name: counts[name] / each for name, each in seconds.items()}
    print(f"\n{title}")
    for name, each in speed.items():
        print(f"  {name:42s} {each / 1e6:9.4f} M/s   ({counts[name]:,} in {seconds[name] * 1e3:9.2f} ms)")
    return speed


def told(ratio: float, target: float, what: str) -> None:
    print(f"  -> {ratio:.2f}x {what}: target {target:g}x, {'met' if ratio >= target else 'MISSED'}")


def prices_and_greeks() -> None:
    b = book(COUNT)
    ours, theirs = options.bsm_sensitivities(**b), bare(b)
    for name, wanted in zip(("price", "delta", "gamma", "vega", "theta", "rho"), theirs, strict=True):
        np.testing.assert_allclose(getattr(ours, name), wanted, rtol=1e-9, atol=1e-10)
    few = {name: values[:FEW] for name, values in b.items()}
    sides: dict[str, Run] = {
        "ours: price and five Greeks": lambda: options.bsm_sensitivities(**b),
        "bare numpy + ndtr": lambda: bare(b),
        "ours: price and all Greeks (24)": lambda: options.bsm_greeks(**b),
    }
    counts = dict.fromkeys(sides, COUNT)
    for name, run in quantlib_sides(few, theirs).items():
        sides[name], counts[name] = run, FEW
    speed = report("price, delta, gamma, vega, theta, rho", timed(sides), counts)
    told(speed["ours: price and five Greeks"] / speed["bare numpy + ndtr"], 0.8, "the numpy bound")


def quantlib_sides(b: dict[str, np.ndarray], wanted: tuple[np.ndarray, ...]) -> dict[str, Run]:
    """QuantLib's engine on reused quotes, and its calculator."""
    import QuantLib as ql

    today, count = ql.Date(1, 1, 2050), ql.Actual365Fixed()
    quotes = [ql.SimpleQuote(0.1) for _ in range(4)]
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(quotes[0]),
        ql.YieldTermStructureHandle(ql.FlatForward(today, ql.QuoteHandle(quotes[2]), count)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, ql.QuoteHandle(quotes[1]), count)),
        ql.BlackVolTermStructureHandle(
            ql.BlackConstantVol(today, ql.NullCalendar(), ql.QuoteHandle(quotes[3]), count)
        ),
    )
    engine = ql.AnalyticEuropeanEngine(process)
    rows = list(zip(*(values.tolist() for values in b.values()), strict=True))

    def objects() -> list[float]:
        found = []
        for k, s, x, t, r, q, v in rows:
            for quote, value in zip(quotes, (s, r, q, v), strict=True):
                quote.setValue(value)
            payoff = ql.PlainVanillaPayoff(ql.Option.Call if k > 0 else ql.Option.Put, x)
            option = ql.VanillaOption(payoff, ql.EuropeanExercise(today + round(t * 365)))
            option.setPricingEngine(engine)
            found.append(option.NPV())
            option.delta(), option.gamma(), option.vega(), option.theta(), option.rho()
        return found

    def calculator() -> list[float]:
        found = []
        for k, s, x, t, r, q, v in rows:
            payoff = ql.PlainVanillaPayoff(ql.Option.Call if k > 0 else ql.Option.Put, x)
            one = ql.BlackCalculator(payoff, s * math.exp((r - q) * t), v * t**0.5, math.exp(-r * t))
            found.append(one.value())
            one.delta(s), one.gamma(s), one.vega(t), one.theta(s, t), one.rho(t)
        return found

    np.testing.assert_allclose(calculator(), wanted[0][:FEW], rtol=1e-9, atol=1e-10)
    return {"QuantLib objects": objects, "QuantLib calculator": calculator}


def implied() -> None:
    b = book(COUNT)
    discount = np.exp(-b["rate"] * b["years"])
    forward = b["spot"] / discount
    at = b["kind"], forward, b["strike"], b["years"]
    price = options.black76(*at, b["volatility"], discount)
    vega = options.black76_greeks(*at, b["volatility"], b["rate"]).vega
    seen = vega > 1e-6 * forward  # below, the price's last digit moves the volatility by more than 1e-9
    sides: dict[str, Run] = {"ours": lambda: options.implied_volatility(price, *at, discount).volatility}
    counts = {"ours": COUNT}
    with_vollib(sides, counts, b, price)
    with_quantlib(sides, counts, at, price, discount)
    print(f"\nimplied volatility: {seen.sum():,} of {COUNT:,} quotes have a vega above 1e-6 of the forward")
    for name, run in sides.items():
        found = np.asarray(run())
        part = seen[: len(found)]
        with np.errstate(invalid="ignore"):
            error = np.abs(found - b["volatility"][: len(found)])[part]
        blank = int(np.isnan(error).sum())
        print(f"  {name:42s} largest error {np.nanmax(error):.1e}, none for {blank:,}")
    speed = report("implied volatility", timed(sides, 9), counts)
    if "py_vollib_vectorized" in speed:
        told(speed["ours"] / speed["py_vollib_vectorized"], 1.5, "py_vollib_vectorized")


def with_vollib(
    sides: dict[str, Run], counts: dict[str, int], b: dict[str, np.ndarray], price: np.ndarray
) -> None:
    try:
        from py_vollib_vectorized import vectorized_implied_volatility as vollib
    except ImportError:
        print("py_vollib_vectorized is not installed: left out")
        return
    flag = np.where(b["kind"] > 0, "c", "p")
    inputs = price, b["spot"], b["strike"], b["years"], b["rate"], flag
    sides["py_vollib_vectorized"] = lambda: vollib(*inputs, on_error="ignore", return_as="numpy")
    counts["py_vollib_vectorized"] = COUNT


def with_quantlib(
    sides: dict[str, Run],
    counts: dict[str, int],
    at: tuple[np.ndarray, ...],
    price: np.ndarray,
    discount: np.ndarray,
) -> None:
    import QuantLib as ql

    part = (price[:FEW] > 1e-8) & (
        price[:FEW] / discount[:FEW] > np.maximum(at[0] * (at[1] - at[2]), 0)[:FEW] + 1e-8
    )
    rows = list(
        zip(*(column[:FEW].tolist() for column in (*at, price, discount)), part.tolist(), strict=True)
    )

    def one(k: float, f: float, x: float, t: float, p: float, d: float, there: bool) -> float:
        if not there:
            return float("nan")
        kind = ql.Option.Call if k > 0 else ql.Option.Put
        return float(ql.blackFormulaImpliedStdDev(kind, x, f, p, d, 0.0, 0.3, 1e-12, 200)) / t**0.5

    sides["QuantLib blackFormulaImpliedStdDev"] = lambda: [one(*row) for row in rows]
    counts["QuantLib blackFormulaImpliedStdDev"] = FEW


def americans() -> None:
    b = book(FEW, 11)
    part = {name: values[:PRECISE] for name, values in b.items()}
    wanted = options.american(**part, scheme="precise")
    print(f"\nAmerican, {PRECISE} against the precise scheme (strikes of 60 to 150)")
    for scheme in options.SCHEMES:
        if scheme != "precise":
            error = np.abs(options.american(**part, scheme=scheme) - wanted)
            print(f"  {scheme:42s} largest error {error.max():.1e}, median {np.median(error):.1e}")
    cash = {name: values[:10] for name, values in b.items() if name != "dividend_yield"}
    sides: dict[str, Run] = {
        "fast": lambda: options.american(**b, scheme="fast"),
        "accurate": lambda: options.american(**b, scheme="accurate"),
        "precise": lambda: options.american(
            **{name: values[:20] for name, values in part.items()}, scheme="precise"
        ),
        "Greeks, accurate": lambda: options.american_greeks(**part),
        "cash dividends, finite differences": lambda: options.american_cash(**cash, dividends=[(0.1, 1.0)]),
    }
    counts = dict(zip(sides, (FEW, FEW, 20, PRECISE, 10), strict=True))
    print()
    for name, each in timed(sides, 3).items():
        print(f"  {name:42s} {counts[name] / each:12,.0f} a second")


def main() -> None:
    warnings.filterwarnings("ignore")
    print(f"Python {sys.version.split()[0]}, one thread of BLAS")
    for name in ("numpy", "scipy", "QuantLib", "py_vollib_vectorized", "py_lets_be_rational", "numba"):
        try:
            print(f"  {name} {version(name)}")
        except PackageNotFoundError:
            print(f"  {name}: not installed")
    prices_and_greeks()
    implied()
    americans()


if __name__ == "__main__":
    main()
