"""How long indicators remember their seeds: told by formula, and seen where a history begins later."""

from __future__ import annotations

import numpy as np
import pytest

from engine.quant.indicators import CATALOGUE, compute
from engine.quant.indicators.memory import FOREVER, LEFT, forgets

BARS = 6_000
_R = np.random.default_rng(11)
_CLOSE = 50.0 * np.exp(np.cumsum(_R.normal(0.0, 0.015, BARS)))
_SPREAD = np.abs(_R.normal(0.0, 0.008, (2, BARS)))
_OPEN = _CLOSE * np.exp(_R.normal(0.0, 0.005, BARS))
FIELDS = {
    "open": _OPEN, "high": np.maximum(_OPEN, _CLOSE) * (1 + _SPREAD[0]),
    "low": np.minimum(_OPEN, _CLOSE) * (1 - _SPREAD[1]), "close": _CLOSE,
    "volume": np.round(1e6 * np.exp(_R.normal(0.0, 0.4, BARS))), "periods": _R.integers(2, 30, BARS).astype(float),
}  # fmt: skip
SEEDED = sorted(name for name, each in CATALOGUE.items() if each.seeded and name not in FOREVER)


def left(name: str, first: int, **settings: object) -> float:
    """The largest difference, in deviations of the line, of a history that begins at ``first``, once it forgot."""
    entry = CATALOGUE[name]
    whole = compute(name, FIELDS, **settings)
    later = compute(name, {field: values[first:] for field, values in FIELDS.items()}, **settings)
    told = entry.warm_up(**settings) + forgets(name, settings)
    worst = 0.0
    for line in whole:
        one, other = whole[line][first + told :], later[line][told:]
        assert len(one) > 1_000
        both = np.isfinite(one) & np.isfinite(other)
        scale = np.nanstd(whole[line]) or 1.0
        worst = max(worst, float(np.abs(one[both] - other[both]).max(initial=0.0)) / scale)
    return worst


@pytest.mark.parametrize("name", SEEDED)
def test_what_is_seeded_is_the_same_from_a_later_start_once_it_forgot(name: str) -> None:
    assert left(name, 700) < 50 * LEFT


@pytest.mark.parametrize("kind", ["EMA", "DEMA", "TEMA", "T3", "ZLEMA", "RMA", "KAMA"])
def test_means_that_a_setting_chooses_are_those_of_their_own_name(kind: str) -> None:
    assert forgets("MA", {"matype": kind, "timeperiod": 60}) == forgets(kind, {"timeperiod": 60})
    assert left("MA", 300, matype=kind, timeperiod=60) < 50 * LEFT


def test_the_rule_by_hand() -> None:
    # (1 - 2 / 201)^w < 1e-6 from w = 13.8155 / 0.0100 on, (1 - 1 / 14)^w from 13.8155 / 0.0741
    assert forgets("EMA", {"timeperiod": 200}) == 1382
    assert forgets("RSI", {"timeperiod": 14}) == 187
    assert forgets("SMA", {"timeperiod": 200}) == forgets("OBV", {}) == 0
    # two means of a half each: (w + 1) / 2^w < 1e-6 from w = 25 on
    assert forgets("DEMA", {"timeperiod": 3}) == 25


def test_nothing_else_is_seeded() -> None:
    """Windows answer the same from wherever a history begins: what is not told to forget has nothing to."""
    told = {name for name in CATALOGUE if forgets(name, {})}
    assert told == set(SEEDED)
