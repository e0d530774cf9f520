"""What a simulation assumes where the data does not tell: sentences for who reads its result."""

from __future__ import annotations

from engine.backtest.happened import of_kind
from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.result import Result
from engine.backtest.rules.plan import Plan

_PRICES = {
    "open": "the next session's open",
    "vwap": "the mean of the next session's open, high, low and close, a stand-in for its volume-weighted price",
    "close": "the next session's close",
}


def of_weights(inputs: Inputs, spec: RunSpec, result: Result) -> tuple[str, ...]:
    """Of a run that trades weights at one price a session."""
    price = _PRICES["close" if inputs.fills == "close" else spec.fill]
    return (
        f"Decided after each close on what was known then, filled at {price}; sizes are of the equity at that price.",
        *_common(spec, result),
    )


def of_orders(inputs: Inputs, spec: RunSpec, plan: Plan, result: Result) -> tuple[str, ...]:
    """Of a run whose positions have stops, targets or numbers of shares."""
    told = list(of_weights(inputs, spec, result))
    if plan.stop or plan.trail or plan.take:
        told.insert(
            1,
            "Stops and targets are counted from the price of the fill that opened a position and work from then on. "
            "Of what a bar may have done after its open the worse is assumed: a gap beyond a stop fills at the open, "
            "and where stop and target both lie within the bar the stop was first.",
        )
    if plan.trail:
        told.insert(
            2, "A trailing stop follows the extremes of the sessions before, never the session's own."
        )
    if inputs.fills == "close" and (plan.stop or plan.trail or plan.take):
        told.append("There are no opens, highs and lows: a stop is met only by a close, and fills at it.")
    return tuple(told)


def of_given_orders(spec: RunSpec, result: Result) -> tuple[str, ...]:
    """Of a run whose strategy gives orders itself."""
    return (
        "Orders given after a close work from the next session's open. Of what a bar may have done after its open "
        "the worse is assumed: a gap beyond a stop or a limit fills at the open, and a stop comes before a limit.",
        "A limit that is touched fills, in parts where PARTICIPATION= limits the volume; a trailing stop follows the "
        "extremes of the sessions before.",
        *_common(spec, result),
    )


def _common(spec: RunSpec, result: Result) -> tuple[str, ...]:
    told = [
        "Sizes are rounded towards nothing to whole shares."
        if not spec.terms.fractional
        else "Fractions of shares are held, to 1e-8 of one."
    ]
    if spec.accounts:
        told.append("Each symbol is an account of its own with the whole capital; figures add them up.")
    told.append("Without a bar nothing fills: orders wait, and what is held is marked at its last close.")
    lost = len(of_kind(result.events, "ruin"))
    if lost:
        accounts = "The account" if lost == 1 and not spec.accounts else f"{lost} of the accounts"
        told.append(
            f"{accounts} lost everything: the return of that session is -100%, and nothing after it counts. "
            "Positions are cut before only where margin is asked for."
        )
    unknown = sum("nobody told" in event.text for event in of_kind(result.events, "delisting"))
    if unknown:
        positions = "1 position" if unknown == 1 else f"{unknown} positions"
        told.append(
            f"{positions} ended in a delisting whose final return nobody told: the last close was paid."
        )
    if spec.costs.impact and spec.costs.participation is None:
        told.append(
            "Impact moves the price of an order but volume does not limit it: no participation was set."
        )
    return tuple(told)
