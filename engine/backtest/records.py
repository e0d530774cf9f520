"""What an account in several currencies left behind, session by session, and its result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats
from engine.backtest.money import MINOR
from engine.backtest.result import Event, Result
from engine.backtest.rounds import Rounds
from engine.backtest.ruin import over, ruin_text
from engine.backtest.tape import Tape


class Books(Protocol):
    """An account's money in minor units of the currency that it is told in, and its bookings in order."""

    @property
    def equity(self) -> int: ...

    @property
    def cash_based(self) -> int: ...

    @property
    def entries(self) -> Sequence[object]: ...


class Records:
    """Rows are filled in as sessions end. ``values`` (n, k): exposures in the account's currency; ``margin`` and
    ``maintenance`` (n,): what the positions required at the close."""

    def __init__(self, dates: NDArray[np.datetime64], symbols: tuple[str, ...], capital: float) -> None:
        rows, columns = len(dates), len(symbols)
        self.dates, self.symbols, self.capital = dates, symbols, capital
        self.equity, self.cash = np.zeros(rows), np.zeros(rows)
        self.values: Floats = np.zeros((rows, columns))
        self.margin, self.maintenance = np.zeros(rows), np.zeros(rows)
        self.tape = Tape()
        self.rounds = Rounds(dates, symbols)
        self.events: list[Event] = []

    def tell(self, row: int, kind: str, symbol: str, text: str) -> None:
        self.events.append(Event(self.dates[row], kind, symbol, text))

    def traded(self, row: int, notional: float) -> None:
        """Bought or sold, in the account's currency."""
        self.tape.traded[row] = self.tape.traded.get(row, 0.0) + abs(notional)

    def close(self, row: int, ledger: Books) -> None:
        """A session's end: money as the ledger has it."""
        self.equity[row], self.cash[row] = ledger.equity / MINOR, ledger.cash_based / MINOR

    def result(self, ledger: Books) -> Result:
        """The run, in the account's currency."""
        rows = len(self.dates)
        before = np.concatenate([[self.capital], self.equity[:-1]])
        gross = np.abs(self.values).sum(axis=1)
        return Result(
            self.dates,
            self.symbols,
            self.capital,
            self.equity,
            self.cash,
            over(gross, self.equity),
            over(self.values.sum(axis=1), self.equity),
            over(self.values, self.equity),
            over(self.tape.traded_rows(rows), before),
            self.rounds.finish(rows - 1),
            self.tape.cost_rows(rows),
            tuple(sorted((*self.events, *self._ruined()), key=lambda event: event.date)),
            None,
            ledger.entries,
        ).frozen()

    def _ruined(self) -> list[Event]:
        """The session in which the account lost everything."""
        lost = np.flatnonzero(self.equity <= 0)[:1].tolist()
        return [Event(self.dates[row], "ruin", "", ruin_text(float(self.equity[row]))) for row in lost]
