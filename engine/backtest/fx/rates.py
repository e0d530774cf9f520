"""What each currency is worth in the account's, from the pairs traded and from fixings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.backtest.market import Floats
from engine.quant.crosses import crosses


@dataclass(frozen=True, slots=True)
class Fixings:
    """Rates by pair (n,) known at each session's close beside the pairs that are traded, NaN where none is."""

    rates: Mapping[str, Floats] = field(default_factory=dict)

    def since(self, row: int) -> Fixings:
        return Fixings({pair: rates[row:] for pair, rates in self.rates.items()})

    def filled(self) -> Fixings:
        """Each carried on over sessions without one."""
        return Fixings({pair: carried(rates) for pair, rates in self.rates.items()})


def carried(values: Floats) -> Floats:
    """Each value kept over the rows without one."""
    places = np.where(np.isfinite(values), np.arange(len(values)), 0)
    found: Floats = values[np.maximum.accumulate(places)]
    return found


def worth(prices: Mapping[str, float], currencies: Sequence[str], account: str) -> dict[str, float]:
    """One unit of each currency in the account's, over the fewest pairs; of two ways that of the first pairs given.

    Raises
    ------
    ValueError
        No pairs lead from a currency to the account's.
    """
    wanted = [account, *(code for code in currencies if code != account)]
    found = crosses({pair: rate for pair, rate in prices.items() if np.isfinite(rate)}, wanted)
    missing = [code for code in wanted[1:] if (code, account) not in found]
    if missing:
        raise ValueError(
            f"Nothing leads from {', '.join(missing)} to {account}, the account's currency: give a fixing of "
            f"{missing[0]}{account}, or of both against a third currency."
        )
    return {code: found[code, account].rate for code in wanted[1:]}
