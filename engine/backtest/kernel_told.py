"""Fills told one by one, put on a tape together."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from engine.backtest.actions import RECEIVED
from engine.backtest.broker import CALLED
from engine.backtest.kernel_scalar import Prices
from engine.backtest.kernel_turns import Turn
from engine.backtest.rules.plan import Plan
from engine.backtest.rules.told import codes
from engine.backtest.tape import Batch, Fill, Tape


class Told:
    """Collects what a tape tells, in any order. ``gone``: shares that went without a trade, by session and whether
    before its trades (0) or after (1)."""

    def __init__(self, prices: Prices, names: tuple[str, ...]) -> None:
        self.prices, self.tape = prices, Tape(names=(*names, RECEIVED, CALLED), rates=prices.rates)
        # session, phase, column, shares, price, reference, commission, reason, whether at the tape's rates
        self.fills: list[tuple[int, int, int, float, float, float, float, int, bool]] = []
        self.decided: list[tuple[int, int, int, int]] = []  # session, column, side before and after
        self.gone: list[tuple[int, int, int, Fill]] = []

    def fill(
        self, row: int, phase: int, column: int, moved: float, price: float, limit: float | None,
        code: int | Turn,
    ) -> tuple[float, float]:  # fmt: skip
        """A fill's price and commission."""
        prices = self.prices
        filled, fee, worse = prices.fill(row, column, moved, price, limit)
        shares, reason = moved / prices.lots, code if isinstance(code, int) else self._place(code, column)
        self.fills.append((row, phase, column, shares, filled, price, fee, reason, worse is None))
        if worse is not None:
            notional = abs(shares) * price
            for kind, rate in worse.items():
                self.tape.cost(row, kind, notional * rate)
        return filled, fee

    def _place(self, turn: Turn, column: int) -> int:
        self.decided.append((turn.row, column, turn.was, turn.side))
        return len(self.tape.names) + len(self.decided) - 1

    def close(self, row: int, turn: int, column: int, shares: float, price: float, why: str) -> None:
        """Shares that went without a trade."""
        self.gone.append((row, turn, column, Fill(row, column, shares, price, price, 0.0, "", why)))

    def finished(self, plan: Plan) -> Tape:
        """The tape, by session; those of a session and symbol in the order in which they were told."""
        tape = self.tape
        self.gone.sort(key=lambda each: each[:3])
        tape.fills.extend(each[3] for each in self.gone)
        before = [each[:2] for each in self.gone]
        self.fills.sort()
        rows, _, columns, *told, reasons, plain = zip(*self.fills, strict=True) if self.fills else ([],) * 9
        floats = [np.array(each, dtype=np.float64) for each in told]
        column, reason = (np.array(each, dtype=np.int64) for each in (columns, reasons))
        begin = 0
        for end in range(1, len(rows) + 1):
            if end < len(rows) and rows[end] == rows[begin] and plain[end] == plain[begin]:
                continue
            part, row = slice(begin, end), rows[begin]
            after = bisect_right(before, (row, 0)) if before else 0
            shares, price, reference, fee = (each[part] for each in floats)
            tape.batches.append(
                Batch(row, after, column[part], shares, price, reference, fee, reason[part], plain[begin])
            )
            begin = end
        tape.places = np.concatenate([np.arange(len(tape.names)), self._codes(plan)])
        return tape

    def _codes(self, plan: Plan) -> np.ndarray:
        if not self.decided:
            return np.empty(0, dtype=np.int64)
        row, column, was, side = np.array(self.decided, dtype=np.int64).T
        return codes(plan, (row, column), was.astype(np.int8), side.astype(np.int8))
