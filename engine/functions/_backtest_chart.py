"""The line that draws a trade of a backtest: its security's chart over its days, entry and exit marked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.functions._gp_marks import Mark, written
from engine.runs.terms_args import DERIVED_ARGS
from engine.words import quote

if TYPE_CHECKING:
    from datetime import date

    from engine.backtest.result import Trade
    from engine.context import Context
    from engine.runs.carry import Run

_MARGIN = timedelta(days=60)
_ROLLS = {each.name: each.default for each in DERIVED_ARGS if each.name in ("roll", "rolldays", "join")}


def tickers(context: Context, run: Run) -> dict[str, str]:
    """What a symbol of the run is called at the clock, as a command takes it; a contract by what is under it."""
    found = {}
    for symbol, id_ in zip(run.market.symbols, run.market.ids.tolist(), strict=True):
        known = context.directory.by_id(int(id_))
        if known is not None:
            ref = known.ref
            found[symbol] = ref.ticker if context.directory.unambiguous(ref.ticker) else ref.label
    if run.asked.kind == "options" and len(found) == 1:
        (under,) = found.values()
        found |= dict.fromkeys(run.outcome.result.symbols, under)
    return found


def chart_of(trade: Trade, called: Mapping[str, str], run: Run) -> str | None:
    """GP of what a trade was in, two months around it, with its fills as they were traded; None where it has none."""
    word = called.get(trade.symbol)
    if not word:
        return None
    start, end = _day(trade.entry_date), _day(trade.exit_date)
    own = dict(run.asked.terms_of) if any(ref.asset_class == "future" for ref in run.asked.refs) else {}
    rolls = "".join(
        f" {name.upper()}={own[name]}" for name, usual in _ROLLS.items() if own.get(name, usual) != usual
    )
    if trade.symbol not in run.market.symbols:
        rolls += " ADJUST=NONE"  # strikes are of prices as traded
    return f"{word} GP {start - _MARGIN}..{end + _MARGIN}{rolls} MARK={quote(written(_marks(trade, run)))}"


def _marks(trade: Trade, run: Run) -> list[Mark]:
    """Entry, and exit where there was one. Prices of a trade are in shares of its exit: splits are undone."""
    of = "" if trade.symbol in run.market.symbols else trade.symbol
    word = "SHORT" if trade.shares < 0 else "LONG"
    marks = [Mark(_day(trade.entry_date), word, trade.entry_price * _split(trade, run), of)]
    return marks if trade.open else [*marks, Mark(_day(trade.exit_date), "EXIT", trade.exit_price, of)]


def _split(trade: Trade, run: Run) -> float:
    """Shares at the exit for one at the entry; of an option by its underlying's splits."""
    market = run.market
    column = market.symbols.index(trade.symbol) if trade.symbol in market.symbols else 0
    first, last = np.searchsorted(market.dates, [trade.entry_date, trade.exit_date])
    ratio = market.split[first + 1 : last + 1, column]
    return float(np.prod(ratio[np.isfinite(ratio) & (ratio > 0)]))


def _day(moment: np.datetime64) -> date:
    day: date = moment.astype("datetime64[D]").astype(object)
    return day
