"""Barriers, digitals, digital barriers, cash dividends, choosers: Haug 1998 and 2007, Hull."""

from engine.quant.options import barrier, chooser, digital, digital_barrier, european_cash, gap
from tests.quant.golden_cases.options_bsm_european import KIND, terms

WHICH = {"DownIn": "down-in", "DownOut": "down-out", "UpIn": "up-in", "UpOut": "up-out"}


def _barrier(inputs, quantity):
    return barrier(*terms(inputs), inputs["barrier"], WHICH[inputs["barrier_type"]], inputs["rebate"])


def _digital_barrier(inputs, quantity, cash):
    return digital_barrier(*terms(inputs), inputs["barrier"], WHICH[inputs["barrier_type"]], cash=cash)


def _gap(inputs, quantity):
    kind, spot, trigger, *rest = terms(inputs)
    return gap(kind, spot, trigger, inputs["second_strike"], *rest)


def _escrowed(inputs, quantity):
    values = (inputs[name] for name in ("S", "K", "T", "r", "dividends", "sigma"))
    return european_cash(KIND[inputs["type"]], *values)


CASES = {
    "barrier": _barrier,
    "digital_cash": lambda inputs, quantity: digital(*terms(inputs), cash=inputs["cash"]),
    "digital_asset": lambda inputs, quantity: digital(*terms(inputs)),
    "digital_gap": _gap,
    "binary_barrier_cash": lambda inputs, quantity: _digital_barrier(inputs, quantity, inputs["cash"]),
    "binary_barrier_asset": lambda inputs, quantity: _digital_barrier(inputs, quantity, None),
    "bsm_escrowed_dividends": _escrowed,
    "simple_chooser": lambda inputs, quantity: chooser(
        *(inputs[name] for name in ("S", "K", "T", "t_choose", "r", "q", "sigma"))
    ),
}
