"""At which price of the next bar pairs and coins are filled, and how stops work within it, in words."""

from __future__ import annotations

from collections.abc import Mapping

from engine.backtest.inputs import Fill
from engine.backtest.market import Market
from engine.backtest.result import Signals
from engine.backtest.rules.plan import Plan
from engine.backtest.targets import Targets
from engine.backtest.window import filled_at

PRICES: Mapping[Fill, str] = {"open": "open", "close": "close", "vwap": "average price"}


def filled_for(
    market: Market, fill: Fill, wants: Targets | Signals | Plan, perpetual: bool = False
) -> Market:
    """The market with the price that decisions get as its open.

    Raises
    ------
    ValueError
        What works within the bar counts from its open.
    """
    if fill == "open":
        return market
    if perpetual or isinstance(wants, Plan):
        what = "Perpetuals are liquidated" if perpetual else "Stops and targets work"
        raise ValueError(
            f"{what} within a bar from its open on, so orders fill at the open, not at the {fill}: leave FILL= out"
        )
    return filled_at(market, fill)


def guarded(wants: Targets | Signals | Plan, closes: bool, perpetual: bool = False) -> tuple[str, ...]:
    """How stops work, where the rules have any."""
    if not isinstance(wants, Plan):
        return ()
    if closes:
        return (
            "These prices have one value a session: a stop or a target is met by the first one at or beyond it, and "
            "fills there.",
        )
    forced = ", a stop nearer than the liquidation comes before it" if perpetual else ""
    return (
        "Stops and targets count from the fill that opened the position and work within its bar. A bar that reaches "
        f"both ends at the stop, a gap fills at the open{forced}.",
    )
