"""QuantLib's objects for one option of strike 1 whose quotes are set again and again. Loaded only where needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import QuantLib as ql

TODAY = ql.Date(
    1, 1, 2050
)  # later than any evaluation date: nothing is expired, and the global setting stays alone
YEAR = ql.Actual365Fixed()
LONG = 36_500  # days that stand for the whole life where dividends have their places in it
DOUBLE = 200, 400  # time and space steps where there are two exercise boundaries


class Market:
    """A Black-Scholes-Merton process on four quotes."""

    def __init__(self) -> None:
        self.spot, self.rate, self.carry, self.volatility = (ql.SimpleQuote(0.1) for _ in range(4))
        rate = ql.FlatForward(TODAY, ql.QuoteHandle(self.rate), YEAR)
        carry = ql.FlatForward(TODAY, ql.QuoteHandle(self.carry), YEAR)
        calendar = ql.NullCalendar()
        surface = ql.BlackConstantVol(TODAY, calendar, ql.QuoteHandle(self.volatility), YEAR)
        self.process = ql.BlackScholesMertonProcess(
            ql.QuoteHandle(self.spot), ql.YieldTermStructureHandle(carry), ql.YieldTermStructureHandle(rate),
            ql.BlackVolTermStructureHandle(surface),
        )  # fmt: skip

    def set(self, spot: float, rate: float, carry: float, volatility: float) -> None:
        self.spot.setValue(spot)
        self.rate.setValue(rate)
        self.carry.setValue(carry)
        self.volatility.setValue(volatility)


class Contract:
    """A call (+1) or put (-1) with strike 1 and one year to run."""

    def __init__(self, kind: int, scheme: str) -> None:
        self.kind, self.market = kind, Market()
        self.option = _option(kind, 365, american=True)
        self.option.setPricingEngine(_engine(scheme, self.market.process))
        self.exact = scheme in ("fast", "accurate", "precise")

    def price(self, spot: float, rate: float, carry: float, volatility: float) -> float:
        first, second = (rate, carry) if self.kind < 0 else (carry, rate)
        if second < first < 0.0 and self.exact:  # exercise pays between two boundaries: the engine knows one
            return extrapolated(self.kind, True, (spot, rate, carry, volatility), (), DOUBLE)
        self.market.set(spot, rate, carry, volatility)
        return answered(self.option)


def answered(option: Any) -> float:
    """The engine's price; NaN where its search or its grid fails, which it does for inputs far from any market's."""
    try:
        return float(option.NPV())
    except RuntimeError:
        return float("nan")


def _option(kind: int, days: int, american: bool) -> Any:
    payoff = ql.PlainVanillaPayoff(ql.Option.Call if kind > 0 else ql.Option.Put, 1.0)
    exercise = ql.AmericanExercise(TODAY, TODAY + days) if american else ql.EuropeanExercise(TODAY + days)
    return ql.VanillaOption(payoff, exercise)


def _engine(scheme: str, process: Any) -> Any:
    match scheme:
        case "fast":
            return ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.fastScheme())
        case "accurate":
            return ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.accurateScheme())
        case "precise":
            return ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.highPrecisionScheme())
        case "qd_plus":
            return ql.QdPlusAmericanEngine(process)
        case "ju":
            return ql.JuQuadraticApproximationEngine(process)
        case "barone_adesi_whaley":
            return ql.BaroneAdesiWhaleyApproximationEngine(process)
    return ql.BjerksundStenslandApproximationEngine(process)


def extrapolated(
    kind: int, american: bool, quotes: tuple[float, float, float, float],
    dividends: Sequence[tuple[float, float]], grid: tuple[int, int],
) -> float:  # fmt: skip
    """Finite differences with the first-order error in time and the second-order error in space taken out."""
    times, spaces = grid
    whole = steps(kind, american, quotes, dividends, grid)
    in_time = whole - steps(kind, american, quotes, dividends, (times // 2, spaces))
    in_space = whole - steps(kind, american, quotes, dividends, (times, spaces // 2))
    return max(whole + in_time + in_space / 3.0, kind * (quotes[0] - 1.0) if american else 0.0, 0.0)


def steps(
    kind: int, american: bool, quotes: tuple[float, float, float, float],
    dividends: Sequence[tuple[float, float]], grid: tuple[int, int],
) -> float:  # fmt: skip
    """Finite differences: strike 1, a life of 100 years (quotes are of one year), dividends by fraction of it."""
    spot, rate, carry, volatility = quotes
    market = Market()
    market.set(spot, rate / 100.0, carry / 100.0, volatility / 10.0)
    schedule = ql.DividendSchedule()
    for fraction, amount in dividends:
        schedule.append(ql.FixedDividend(amount, TODAY + max(1, round(fraction * LONG))))
    option = _option(kind, LONG, american)
    scheme = (
        ql.FdmSchemeDesc.TrBDF2()
    )  # damped at the start, so that the payoff's kink does not ring in the Greeks
    option.setPricingEngine(ql.FdBlackScholesVanillaEngine(market.process, schedule, *grid, 0, scheme))
    return answered(option)
