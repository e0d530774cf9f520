"""Panels of the market's state: an earlier clock has the same values, and rules may ask for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import numpy as np
import pytest

from engine.desk import Desk
from engine.errors import DataError
from engine.runs.market import gather
from engine.runs.states import STATES
from engine.runs.wanted import Gathered, Wanted


def at(desk: Desk, clock: datetime | None, names: tuple[str, ...] = STATES) -> Gathered:
    context = desk.context(clock, None, None)
    ids = [
        context.directory.resolve(*each).security.ref.security_id for each in (("AAPL",), ("SPX", "INDEX"))
    ]
    wanted = Wanted((ids[0],), start=date(2001, 6, 1), end=date(2004, 6, 30), panels=names, states_of=ids[1])
    return gather(context.reader, wanted)


def test_an_earlier_clock_has_the_same_values(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    late = at(desk, None).inputs
    early = at(desk, datetime(2003, 3, 3, 22, tzinfo=UTC)).inputs
    rows = len(early.market.dates)
    assert rows > 400
    for name in STATES:
        assert np.array_equal(late.panels[name][:rows], early.panels[name], equal_nan=True), name
        known = late.panels[name][np.isfinite(late.panels[name])]
        assert len(known)
        assert ((known >= 0) & (known <= 1)).all()
    states = late.panels["market_calm"] + late.panels["market_wild"]
    assert set(np.unique(states[np.isfinite(states)])) <= {0.0, 1.0}


def test_without_an_index_nothing_tells_them(make_desk: Callable[[], Desk]) -> None:
    context = make_desk().context(None, None, None)
    number = context.directory.resolve("AAPL").security.ref.security_id
    with pytest.raises(DataError, match="BENCHMARK="):
        gather(context.reader, Wanted((number,), panels=("market_wild",)))


def test_a_filter_keeps_a_run_out_of_wild_markets(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run(
        "BACKTEST AAPL long when close > 0 and market_wild = 0 2004-01-01 2010-12-31 ATTRIBUTION"
    )
    panel = page.panel("states")
    assert panel is not None
    told = {row["state"]: row for row in panel.figure.frame.to_dicts()}  # type: ignore[union-attr]
    assert told["calm"]["gross"] > 0.9
    # the page's states are of the benchmark over the run's own years, the panel's of all the years before
    assert told["wild"]["gross"] < 0.6
