"""Terms of coins and perpetuals that a market's bars do not tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CryptoTerms:
    """``perpetual``: linear contracts, margined in the quote currency, long and short; else coins paid in full.

    ``initial`` and ``maintenance``: fractions of notional where the account's terms give none; venues set tiers of
    their own. ``liquidation_fee``: of notional. ``maker``: the fee of fills where they are assumed to rest in the
    book; None for the taker's, the costs' ``per_notional``.
    """

    perpetual: bool = False
    initial: float = 0.10
    maintenance: float = 0.05
    liquidation_fee: float = 0.005
    maker: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.maintenance <= self.initial <= 1:
            raise ValueError(
                f"A maintenance margin of {self.maintenance} and an initial one of {self.initial} do not go "
                "together: both are fractions of notional, and the maintenance margin is not the larger"
            )
        if not 0 <= self.liquidation_fee < 1:
            raise ValueError(f"A liquidation fee is a fraction of notional, not {self.liquidation_fee}")
