"""A sweep's points in the user's book of trials, each under the name that the BACKTEST of its row has there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from engine.function import Args
from engine.runs import trials
from engine.runs.sweep_found import Found, Place
from engine.runs.sweep_order import Order

if TYPE_CHECKING:
    from engine.context import Context

_AT_ONCE = 500


def counted_of(context: Context, args: Args, found: Found, best: Place) -> trials.Counted:
    """What the line says of this sweep's trials; else the book's count, in which every point is entered."""
    order, named = found.order, _names(found.order)
    name = repr(
        (order.text, order.tail, order.within, [(each.ids, each.universes) for each in order.subjects])
    )
    if (told := trials.told(args["trials"], name)) is not None:
        return told
    counted, capital = trials.Counted(1, float("nan")), float(order.terms["capital"])
    for subject, column in enumerate(found.columns):
        held, runs = order.subjects[subject], {}
        for point in column.there.nonzero()[0].tolist():
            equity = column.equity[:, point]
            returns = equity / np.concatenate([[capital], equity[:-1]]) - 1.0
            runs[named(found.grid.text(point))] = (
                returns - column.rate if column.trades[point] else 0.0 * returns
            )
            if point % _AT_ONCE == 0:
                context.check_cancelled()
                context.progress(point, len(found.grid), "counting trials")
        now = trials.count(context, trials.data_key(held.ids, held.universes), runs, _step(order))
        counted = now if subject == best.subject else counted
    return replace(counted, of=trials.mark(name))


def _names(order: Order) -> Callable[[str], str]:
    """What tells a point's run from another, as BACKTEST says it."""
    from engine.backtest import options, rules

    derived = order.more if order.kind in ("future", "currency", "crypto") else ()
    more, reader = tuple(each for each in (order.scores, derived) if each), order.reader

    def named(text: str) -> str:
        if order.kind == "code":
            return repr((order.code[0], order.spec(text), order.period, *more))
        if order.kind == "options":
            written = options.write(options.parse(text))
        else:
            written = order.strategy(text) if order.within else rules.write(reader(text))
        return repr((written, order.spec(written), order.period, *more))

    return named


def _step(order: Order) -> str:
    """What Sharpe ratios are counted by: days, or the bars within them."""
    bars = str(dict(order.more).get("bars", "1D"))
    return bars.lower() if order.kind == "crypto" and bars != "1D" else "daily"


def as_it_was(order: Order) -> dict[str, str]:
    """Arguments that hold source and scores as they were, so that the page opens after their files changed."""
    found = {"scores": order.scores} if order.scores else {}
    if order.kind == "code":
        found["code"] = sha256(order.code[1].encode()).hexdigest()
    return found
