"""What each currency is worth in the account's, from the pairs traded and from fixings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

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


@dataclass(slots=True)
class Ways:
    """From each currency to the account's over the fewest pairs; of two ways that of the first pairs given. Ways are
    sought once for each set of pairs that have a rate."""

    currencies: Sequence[str]
    account: str
    _found: dict[tuple[str, ...], dict[str, tuple[tuple[str, bool], ...]]] = field(default_factory=dict)

    def worth(self, prices: Mapping[str, Floats]) -> dict[str, Floats]:
        """One unit of each currency in the account's (n,), NaN where no pair that has a rate (n,) leads there yet.

        Raises
        ------
        ValueError
            No pairs ever lead from a currency to the account's.
        """
        rows = len(next(iter(prices.values())))
        there = np.column_stack([rates > 0 for rates in prices.values()])
        found = {code: np.full(rows, np.nan) for code in self.currencies if code != self.account}
        for known, which in _alike(there):
            pairs = tuple(pair for pair, has in zip(prices, known, strict=True) if has)
            ways = self._found.get(pairs)
            if ways is None:
                ways = self._found[pairs] = self._sought(pairs)
            for code, way in ways.items():
                rate = np.ones(which.stop - which.start)
                for pair, forward in way:
                    rate = rate * prices[pair][which] if forward else rate / prices[pair][which]
                found[code][which] = rate
        missing = [code for code, rates in found.items() if np.isnan(rates).all()]
        if missing:
            raise ValueError(
                f"Nothing leads from {', '.join(missing)} to {self.account}, the account's currency: give a fixing "
                f"of {missing[0]}{self.account}, or of both against a third currency"
            )
        return found

    def _sought(self, known: Sequence[str]) -> dict[str, tuple[tuple[str, bool], ...]]:
        wanted = [self.account, *(code for code in self.currencies if code != self.account)]
        found = crosses(dict.fromkeys(known, 1.0), wanted)
        leads = [code for code in wanted[1:] if (code, self.account) in found]
        return {code: _steps(code, found[code, self.account].pairs) for code in leads}


def _alike(there: NDArray[np.bool_]) -> Iterator[tuple[list[bool], slice]]:
    """Rows one after another that have the same pairs."""
    starts = [0, *(np.flatnonzero((there[1:] != there[:-1]).any(axis=1)) + 1).tolist()]
    for start, end in zip(starts, [*starts[1:], len(there)], strict=True):
        yield there[start].tolist(), slice(start, end)


def _steps(code: str, pairs: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Pairs on the way from a currency, each with whether it is walked from its base to its quote."""
    steps, here = [], code
    for pair in pairs:
        forward = pair[:3] == here
        here = pair[3:] if forward else pair[:3]
        steps.append((pair, forward))
    return tuple(steps)
