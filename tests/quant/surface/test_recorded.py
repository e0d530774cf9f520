"""A real chain: Apple's 3,576 options at the close of 2026-07-24, as Cboe told them."""

from __future__ import annotations

from datetime import datetime, time
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.quant.options import american
from engine.quant.surface import Chain, ChainSurface, Reason, build_surface, smile_measures

FILE = Path(__file__).parents[4] / "shared" / "data" / "options" / "aapl_chain_2026-07-24_cboe_delayed.csv.gz"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FILE.exists(), reason="the recorded option chain in ../shared is not here"),
]
SPOT = 333.8  # of the underlying's file beside it


@cache
def built(model: str) -> ChainSurface:
    frame = pl.read_csv(FILE, try_parse_dates=True)
    at = datetime(2026, 7, 24, 16)
    ends = [datetime.combine(day, time(16)) for day in frame["expiry"]]
    years = np.array([(end - at).total_seconds() / 86_400 / 365 for end in ends])
    columns = [
        np.array(frame[name].cast(pl.Float64).to_numpy())
        for name in ("strike", "bid", "ask", "open_interest")
    ]
    kind = np.where((frame["right"] == "C").to_numpy(), 1.0, -1.0)
    chain = Chain(kind, columns[0], years, columns[1], columns[2], SPOT, open_interest=columns[3])
    return build_surface(chain, model, pricer=lambda *a: american(*a, scheme="fast"))  # type: ignore[arg-type]


def test_the_rate_is_near_the_treasurys() -> None:
    """Treasury bills and notes of a month to two years stood at 3.7 to 4.1% that summer."""
    assert 0.034 < float(built("SVI").forwards.rate[0]) < 0.044


def test_each_expirys_smile_is_near_its_quotes() -> None:
    found = built("SVI")
    assert len(found.surface.years) >= 20
    assert np.nanmedian(found.quality.rmse) < 0.004
    assert (found.quality.inside > 0.9).all()
    assert found.report.butterfly_free.all()
    np.testing.assert_allclose(found.report.mass, 1.0, atol=1e-4)


def test_calendars_cross_nowhere_among_quotes() -> None:
    assert not (built("SVI").report.calendar_quoted < 0).any()


def test_one_surface_without_any_arbitrage() -> None:
    found = built("SSVI")
    assert found.ssvi.conditions.free
    assert found.report.free.all()


def test_everything_thrown_out_has_a_reason() -> None:
    found = built("SVI")
    counts = found.cleaned.counts
    assert sum(counts.values()) + found.used.sum() == 3_576
    assert counts[Reason.EXPIRED] == 154  # they expired with that close
    assert counts[Reason.ZERO_BID] > 300


def test_the_skew_is_a_shares() -> None:
    measures = smile_measures(built("SVI").surface, built("SVI").surface.years)
    assert (measures.skew < 0).all()
    assert (measures.butterfly_10 > 0).all()
