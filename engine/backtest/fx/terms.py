"""An account of currency pairs: its spread, its lots, its margin, its rollover."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.backtest.fx.rollover import Rollover
from engine.backtest.money import MINOR

_WIDE = frozenset(("JPY", "HUF", "KRW", "THB", "INR", "RUB", "ISK", "CLP", "CZK"))
INITIAL = 1 / 30  # of notional: what major pairs need (ESMA decision 2018/796)
CLOSE_OUT = 0.5  # of the initial margin: where that decision has positions closed


def pip(pair: str) -> float:
    """The pair's pip: 0.01 of a quote currency that is a hundredth of a dollar or so, else 0.0001."""
    return 0.01 if pair[3:] in _WIDE else 0.0001


@dataclass(frozen=True, slots=True)
class FxTerms:
    """``pips``: bid to ask, half of it paid a fill. ``lot``: units of the base currency that positions are multiples
    of. ``sweep``: what a pair made is changed into the account's currency at the close that it is flat at."""

    currency: str = "USD"
    pips: float = 0.0
    lot: float = 1.0
    sweep: bool = True
    rollover: Rollover = field(default_factory=Rollover)

    def __post_init__(self) -> None:
        if not self.pips >= 0:
            raise ValueError(f"A spread is 0 pips or more, not {self.pips}")
        if not (self.lot * MINOR >= 1 and float(self.lot * MINOR).is_integer()):
            raise ValueError(f"A lot is a multiple of 0.0001 units, not {self.lot}")
