"""What is left to who holds an account that lost more than everything: nothing, from then on.

Without margin terms nobody cuts a position, and equity can fall below zero. Ratios to it would then turn round: a
loss over negative equity is a gain, and the Sharpe ratio of such returns above zero. So whoever holds the account
has lost it all at the first close at which its equity is not above zero, and neither gains nor loses after it. The
account's money is told as it is booked; only what is a share of the equity follows this.
"""

from __future__ import annotations

import numpy as np

from engine.backtest.market import Floats


def owned(equity: Floats) -> Floats:
    """Equity (n,) or (n, m) of who holds it: 0 from the first row on that is not above 0. Missing rows stay so."""
    lost = equity <= 0
    if not lost.any():
        return equity
    return np.where(np.logical_or.accumulate(lost, axis=0), 0.0, equity)


def returns_of(equity: Floats, capital: float) -> Floats:
    """A row's simple returns (n,), the first over the capital: -1 where all is lost, 0 after it."""
    held = owned(equity)
    before = np.concatenate([[capital], held[:-1]])
    return over(held, before) - np.where(before > 0, 1.0, 0.0)


def over(values: Floats, equity: Floats) -> Floats:
    """Values (n,) or (n, k) over the equity (n,) of who holds it, 0 where that is nothing."""
    held = owned(equity)
    held = held if values.ndim == 1 else held[:, None]
    if held.all():
        return np.asarray(values / held)
    return np.divide(values, held, out=np.zeros(values.shape), where=held != 0)


def ruin_text(equity: float) -> str:
    """What is told of the session in which it happened."""
    return (
        f"Equity is {equity:,.2f}: everything is lost. The return of this session is -100%, and nothing after it "
        "counts; margin terms would have cut positions before."
    )
