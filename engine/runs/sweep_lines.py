"""The BACKTEST lines of a sweep's points: each runs what its point ran."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

from engine.function import Args, Argument
from engine.runs.terms_args import COSTS, DERIVED_ARGS
from engine.values import write
from engine.words import quote

if TYPE_CHECKING:
    from engine.backtest.inputs import Code
    from engine.runs.scores import Scores
    from engine.runs.sweep_order import Order

TERMS: tuple[Argument, ...] = tuple(each for each in COSTS if each.name != "each")


def tail_of(
    args: Args, kind: str, accounts: bool, warm_up: int, states_of: int | None, code: Code | None,
    scores: Scores | None,
) -> str:  # fmt: skip
    """What a BACKTEST line says after its strategy, so that it runs as the points did."""
    derived = kind in ("future", "currency", "crypto")
    taken = (*TERMS, *(DERIVED_ARGS if derived else ()))
    given = {each.name: args[each.name] for each in taken if args[each.name] != each.default}
    given |= {name: args[name] for name in ("universe", "panels") if args[name]}
    if states_of is not None:
        given["benchmark"] = args["benchmark"]
    if code is not None:
        given["code"] = sha256(code.source.encode()).hexdigest()
    if scores is not None:
        given["scores"] = scores.digest
    words = [str(args["period"]), *(f"{name.upper()}={quote(write(value))}" for name, value in given.items())]
    words += ["EACH=ALONE"] if accounts else []
    # averages are seeded by the first sessions that are read
    return " ".join([*words, *([f"WARMUP={warm_up}"] if kind in ("rules", "code") else [])])


def line_of(order: Order, subject: int, text: str) -> str:
    """The BACKTEST line of a point."""
    held = order.subjects[subject]
    security = held.label.replace(",", "") if held.ids else ""
    short = re.fullmatch(r"\S+", text) is not None
    strategy = text if short else quote(text, always=True)
    if order.kind == "code":
        strategy = f"FILE={order.code[0]} PARAMETERS={quote(text)}"
    return " ".join(word for word in ("BACKTEST", security, strategy, order.tail) if word)
