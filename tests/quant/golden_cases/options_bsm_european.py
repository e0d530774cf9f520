"""European prices: Haug 1998, Hull, py_vollib's table."""

from engine.quant.options import bsm

KIND = {"call": 1.0, "put": -1.0}


def terms(inputs):
    """The seven inputs in the library's order."""
    return KIND[inputs["type"]], *(inputs[name] for name in ("S", "K", "T", "r", "q", "sigma"))


CASES = {"bsm": lambda inputs, quantity: bsm(*terms(inputs))}
