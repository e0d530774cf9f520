"""BACKTEST's pictures of its trades: how far they went against, and how many ended where."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from engine.figures import Mark, Scatter
from engine.functions._backtest_chart import chart_of, tickers
from engine.functions._backtest_found import Found
from engine.page import Bars

if TYPE_CHECKING:
    from engine.context import Context

_MOST = 500  # trades of the scatter, the newest
_BINS = 15


def excursions(context: Context, found: Found) -> Scatter:
    """A point a trade: the worst it stood at, and how it ended; choosing one opens its chart."""
    held, called = found.run.outcome.result.trades, tickers(context, found.run)
    order = np.argsort(-held.entry, kind="stable")[:_MOST]
    marks = []
    for at in order.tolist():
        one = held[at]
        marks.append(
            Mark(
                one.mae,
                one.return_,
                f"{one.symbol} {one.entry_date}",
                "made money" if one.pnl > 0 else "lost money",
                command=chart_of(one, called, found.run) or "",
            )
        )
    return Scatter(tuple(marks), "worst close while held", "return", x_kind="percent", y_kind="percent",
                   x_decimals=1, y_decimals=1)  # fmt: skip


def spread(found: Found) -> Bars:
    """Trades by their return, the ends gathered at the 1% and 99% quantiles."""
    returns = 100 * found.run.outcome.result.trades.return_
    low, high = np.quantile(returns, [0.01, 0.99])
    if not high > low:
        return Bars((f"{low:.1f}",), (float(len(returns)),), "", 0)
    counts, edges = np.histogram(np.clip(returns, low, high), bins=min(_BINS, max(3, len(returns) // 3)))
    labels = tuple(f"{a:.1f} to {b:.1f}%" for a, b in pairwise(edges))
    return Bars(labels, tuple(counts.astype(float).tolist()), "", 0)
