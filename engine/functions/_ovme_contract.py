"""The option that OVME prices: one contract, and the library's answer for any of its inputs changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.quant.options import AmericanGreeks, Greeks, Implied

QUICK, FINE = (100, 200), (200, 400)  # grids of finite differences: of many prices, of one


@dataclass(frozen=True, slots=True)
class Contract:
    """Terms and market of one option. ``model`` is BSM, GK, BLACK76 or BACHELIER; ``carry`` the dividend yield, or
    the foreign rate; ``dividends`` are (years from now, amount) in cash, of BSM alone."""

    model: str
    kind: int
    american: bool
    spot: float
    strike: float
    years: float
    rate: float
    carry: float
    volatility: float
    dividends: tuple[tuple[float, float], ...] = ()

    @property
    def yielded(self) -> float:
        """What the underlying loses a year against cash: a future costs nothing to hold."""
        return self.rate if self.model in ("BLACK76", "BACHELIER") else self.carry

    @property
    def discount(self) -> float:
        from math import exp

        return exp(-self.rate * self.years)

    @property
    def forward(self) -> float:
        """For delivery at expiry: the spot less cash dividends, carried on."""
        from math import exp

        from engine.quant.options import present_value

        carry = self.rate - self.yielded
        held = self.spot - float(present_value(self.dividends, carry, self.years))
        return held * exp(carry * self.years)

    @property
    def intrinsic(self) -> float:
        return max(0.0, self.kind * (self.spot - self.strike))  # in this order: no -0.0 at the money

    @property
    def european(self) -> Contract:
        return replace(self, american=False)

    def after(self, years: float) -> Contract:
        """The same option when so much time has passed; dividends are nearer by as much."""
        due = tuple((when - years, amount) for when, amount in self.dividends)
        return replace(self, years=max(self.years - years, 0.0), dividends=due)

    def price(
        self, spot: Any = None, volatility: Any = None, *, spot_model: bool = False, quick: bool = True
    ) -> Any:
        """The value, over spots and volatilities that broadcast. ``spot_model``: European prices with cash dividends
        as the American ones have them, so that the two can be compared."""
        from engine.quant import options

        s = self.spot if spot is None else spot
        v = self.volatility if volatility is None else volatility
        if self.model == "BACHELIER":
            return options.bachelier(self.kind, s, self.strike, self.years, v, self.discount)
        rest = self.kind, s, self.strike, self.years, self.rate
        if self.dividends and (self.american or spot_model):
            grid = QUICK if quick else FINE
            return options.american_cash(
                *rest, self.dividends, v, self.carry, european=not self.american, grid=grid
            )
        if self.american:
            return options.american(*rest, self.yielded, v, "fast" if quick else "precise")
        if self.dividends:
            return options.european_cash(*rest, self.dividends, v, self.carry)
        return options.bsm(*rest, self.yielded, v)

    def greeks(self) -> Greeks | AmericanGreeks:
        from engine.quant import options

        rest = self.kind, self.spot, self.strike, self.years, self.rate
        if self.american and self.dividends:
            return options.american_cash_greeks(*rest, self.dividends, self.volatility, self.carry)
        if self.american:
            found = options.american_greeks(*rest, self.yielded, self.volatility)
            if (
                self.model == "BLACK76"
            ):  # the rate moves and the future's price stays: what it loses moves with it
                return replace(
                    found, rho=found.rho + found.dividend_rho, dividend_rho=0.0 * found.dividend_rho
                )
            return found
        if self.model in ("BLACK76", "BACHELIER"):
            of = options.black76_greeks if self.model == "BLACK76" else options.bachelier_greeks
            return of(self.kind, self.spot, self.strike, self.years, self.volatility, self.rate)
        if self.dividends:  # escrowed: Black-Scholes on what is left of the spot
            return options.european_cash_greeks(*rest, self.dividends, self.volatility, self.carry)
        return options.bsm_greeks(*rest, self.carry, self.volatility)

    def in_the_money(self) -> float:
        """N(kind * d2), the model's probability of the forward ending beyond the strike."""
        from engine.quant import options

        if self.model == "BACHELIER":
            found = options.bachelier_greeks(
                self.kind, self.forward, self.strike, self.years, self.volatility, 0.0
            )
        else:
            found = options.black76_greeks(
                self.kind, self.forward, self.strike, self.years, self.volatility, 0.0
            )
        return float(found.in_the_money)

    def implied(self, price: float) -> Implied:
        """The volatility at which the model gives ``price``; none for Bachelier's, whose prices are not Black's."""
        from engine.quant import options

        if self.american and self.dividends:
            return self._implied_by_steps(price)
        if self.american:
            return options.american_implied_volatility(
                price, self.kind, self.spot, self.strike, self.years, self.rate, self.yielded
            )
        return options.implied_volatility(
            price, self.kind, self.forward, self.strike, self.years, self.discount
        )

    def _implied_by_steps(self, price: float) -> Implied:
        """With cash dividends and early exercise: bisection of finite differences, to 1e-6."""
        from engine.quant.options import Implied

        low, high = 1e-3, 5.0
        if price <= self.intrinsic:
            return Implied(float("nan"), 4 if price < self.intrinsic else 5)
        if price <= float(
            self.price(volatility=low)
        ):  # exercised at the best moment, it is worth more already
            return Implied(float("nan"), 4)
        if price >= float(self.price(volatility=high)):
            return Implied(float("nan"), 6)
        while high - low > 1e-6:
            middle = 0.5 * (low + high)
            low, high = (middle, high) if float(self.price(volatility=middle)) < price else (low, middle)
        return Implied(0.5 * (low + high), 0)


def spots_around(contract: Contract, count: int, wide: float = 3.0) -> NDArray[np.float64]:
    """Spots from ``wide`` deviations below to as many above, with the spot and the strike's side in sight."""
    import numpy as np

    if contract.model == "BACHELIER":
        reach = max(
            wide * contract.volatility * contract.years**0.5, abs(contract.strike - contract.spot) * 1.2
        )
        return np.linspace(contract.spot - reach, contract.spot + reach, count)
    reach = min(max(wide * contract.volatility * contract.years**0.5, 0.1), 1.5)
    apart = abs(float(np.log(contract.strike / contract.spot))) * 1.2
    return contract.spot * np.exp(np.linspace(-max(reach, apart), max(reach, apart), count))
