"""Causal by construction: nothing computed up to a day changes when later days do, for every public function."""

from __future__ import annotations

import importlib
import inspect

import numpy as np
import pytest

from tests.quant.causal import DAYS, altered, cases, market, packages, timeless

CUTS = (300, 451, DAYS - 2)


@pytest.mark.parametrize("name", sorted(cases()))
def test_what_comes_later_changes_nothing_before(name: str) -> None:
    case = cases()[name]
    whole = np.asarray(case(market()))
    assert len(whole) == DAYS, "a case answers one row a day"
    assert np.isfinite(whole[DAYS // 2 :]).any(), "a case that answers nothing tests nothing"
    for last in CUTS:
        again = np.asarray(case(altered(market(), last, seed=last)))
        np.testing.assert_array_equal(again[: last + 1], whole[: last + 1], err_msg=f"after day {last}")


@pytest.mark.parametrize("package", packages())
def test_every_public_function_is_tried_or_has_no_time(package: str) -> None:
    module = importlib.import_module(f"engine.quant.{package}")
    assert getattr(module, "__all__", ()), "a package says what is public"
    public = [
        f"{package}.{name}"
        for name in getattr(module, "__all__", ())
        if inspect.isfunction(getattr(module, name)) or inspect.isbuiltin(getattr(module, name))
    ]
    told = {name.split("[")[0] for name in cases()} | set(timeless())
    assert [name for name in public if name not in told] == []
    stale = [name for name in told if name.split(".")[0] == package and name not in public]
    assert stale == [], "cases of functions that are not public"


def test_the_alteration_alters() -> None:
    one, other = market(), altered(market(), 300, seed=1)
    assert (one.close[:301] == other.close[:301]).all()
    assert (one.close[301:] != other.close[301:]).all()
    assert (other.high >= np.maximum(other.open, other.close) - 1e-12).all()
