"""What a simulation assumes where the data does not tell: sentences for who reads its result."""

from __future__ import annotations

from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.result import Result

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


def _common(spec: RunSpec, result: Result) -> tuple[str, ...]:
    told = [
        "Sizes are rounded towards nothing to whole shares."
        if not spec.terms.fractional
        else "Fractions of shares are held, to 1e-8 of one."
    ]
    if spec.accounts:
        told.append("Each symbol is an account of its own with the whole capital; figures add them up.")
    told.append("Without a bar nothing fills: orders wait, and what is held is marked at its last close.")
    unknown = sum(event.kind == "delisting" and "nobody told" in event.text for event in result.events)
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
