"""Greeks: Haug 1998, Hull, py_vollib's table. Theta per year unless the quantity says per day."""

from engine.quant.options import bsm_greeks
from tests.quant.golden_cases.options_bsm_european import terms


def _greek(inputs, quantity):
    found = bsm_greeks(*terms(inputs))
    return found.theta / 365.0 if quantity == "theta_per_day" else getattr(found, quantity)


CASES = {"bsm": _greek}
