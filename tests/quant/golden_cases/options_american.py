"""American prices: the published tables of each method, and the exact values of Ju 1999 and Andersen et al. 2015."""

from engine.quant.options import american, bsm
from tests.quant.golden_cases.options_bsm_european import terms


def _by(scheme):
    return lambda inputs, quantity: american(*terms(inputs), scheme=scheme)


def _qd_plus(inputs, quantity):
    found = american(*terms(inputs), scheme="qd_plus")
    if (
        inputs["T"] == 0.0
    ):  # the row's engine calls it expired and worthless; ours is at its payoff: compare the rest
        return found - max(-(inputs["S"] - inputs["K"]), 0.0)
    return found


def _premium(inputs, quantity):
    return american(*terms(inputs), scheme="precise") - bsm(*terms(inputs))


CASES = {
    "american_baw": _by("barone_adesi_whaley"),
    "american_bs93": _by("bjerksund_stensland"),
    "american_exact": _by("accurate"),
    "american_ju": _by("ju"),
    "american_qdplus": _qd_plus,
    "american_premium": _premium,
}
