"""Terms of coins and perpetuals that a market's bars do not tell."""

from __future__ import annotations

from dataclasses import dataclass

from engine.backtest.money import FRACTION


@dataclass(frozen=True, slots=True)
class CryptoTerms:
    """``perpetual``: contracts with margin, long and short; else coins paid in full.

    ``face``: of inverse perpetuals, what a contract is in the quote currency (10 dollars): its margin, profit and
    funding are coins. None for linear ones, of coins, margined in the quote currency.
    ``initial`` and ``maintenance``: fractions of notional where the account's terms give none; venues set tiers of
    their own. ``liquidation_fee``: of notional. ``maker``: the fee of fills where they are assumed to rest in the
    book; None for the taker's, the costs' ``per_notional``. ``step``: the least coins that are traded, of which
    positions are multiples; an inverse contract is one by itself.
    """

    perpetual: bool = False
    initial: float = 0.10
    maintenance: float = 0.05
    liquidation_fee: float = 0.005
    maker: float | None = None
    face: float | None = None
    step: float = 1 / FRACTION

    def __post_init__(self) -> None:
        if not 0 < self.maintenance <= self.initial <= 1:
            raise ValueError(
                f"A maintenance margin of {self.maintenance} and an initial one of {self.initial} do not go "
                "together: both are fractions of notional, and the maintenance margin is not the larger"
            )
        if not 0 <= self.liquidation_fee < 1:
            raise ValueError(f"A liquidation fee is a fraction of notional, not {self.liquidation_fee}")
        if self.face is not None and not (self.perpetual and self.face >= 1e-4):
            raise ValueError(
                f"The face of an inverse perpetual is money of the quote currency, not {self.face}, and only "
                "perpetuals have one"
            )
        if round(self.step * FRACTION) < 1:
            raise ValueError(f"The least that is traded is 1e-8 of a coin or more, not {self.step}")

    @property
    def lots(self) -> int:
        """What a position is counted in: 1e-8 coins, or whole inverse contracts."""
        return FRACTION if self.face is None else 1
