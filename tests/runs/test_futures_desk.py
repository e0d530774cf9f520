"""Several futures from the line: pages by root, a run opened again, a sweep whose rows are their BACKTESTs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.desk import Desk
from engine.encode import page_hash
from engine.errors import CommandError
from engine.page import Metrics, Page, Table
from engine.runs import carry
from tests.engine.test_sweep_kinds import each_row_is_its_run
from tests.runs.derivatives import another, two_contracts
from tests.runs.stores import World

RULES = "long when close > sma(close, 3); short when close < sma(close, 3); stop 0.3%; size shares(2)"
YEARS = "2021-01-20..2021-03-30 CAPITAL=100000"


def table(page: Page, name: str) -> list[dict[str, object]]:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return panel.figure.frame.to_dicts()


def test_several_roots_on_the_pages_of_a_run(world: World) -> None:
    _, days = two_contracts(world)
    another(world, days)
    clock = datetime.combine(days[-1] + timedelta(days=2), datetime.min.time(), UTC)
    desk = Desk(world.store, "tester", clock=lambda: clock)
    line = f"BACKTEST X Y {RULES} {YEARS}"
    trades = table(desk.run(f"{line} PAGE=TRADES"), "trades")
    assert {row["symbol"] for row in trades} == {"X", "Y"}
    assert all(str(row["why_in"])[:5] in ("XH1: ", "XM1: ", "YM1: ") for row in trades)
    assert any("stop 0.3%" in str(row["why_out"]) for row in trades)
    page = desk.run(f"{line} PAGE=ATTRIBUTION")
    who = {str(row["name"]): row for row in table(page, "symbols")}
    assert set(who) == {"X", "Y", "together"}
    assert page_hash(desk.run(f"OPEN {page.lineage.snapshot_id}")) == page_hash(page)
    proof = desk.run(f"{line} PAGE=INPUTS").panel("proof")
    assert proof is not None
    assert isinstance(proof.figure, Metrics)
    assert proof.figure.items[-1].value == "none changed"
    swept = desk.run(f'SWEEP X "{RULES.replace("0.3%", "{0.1,0.6}%")}" {YEARS}')
    each_row_is_its_run(desk, swept, 2, 100_000)
    with pytest.raises(CommandError, match="futures, currencies and coins share one account"):
        desk.run(f"{line} EACH=ALONE")


def test_money_that_changes_hands_is_contracts_by_price_by_multiplier(world: World) -> None:
    """1,000 contracts of 50 a point, and of 5: what capacity is told by."""
    _, days = two_contracts(world)
    another(world, days)
    clock = datetime.combine(days[-1] + timedelta(days=2), datetime.min.time(), UTC)
    Desk(world.store, "tester", clock=lambda: clock).run(f"BACKTEST X Y {RULES} {YEARS}")
    run = next(reversed(carry._runs._held.values())).value
    assert run.traded is not None
    first = days.index(run.first)
    assert run.traded[0, 0] == 1_000 * 50.0 * (100.0 + 0.5 * first)
    known = [at for at in range(first, len(days)) if at % 5 != 4]
    assert run.traded[known[0] - first, 1] == 1_000 * 5.0 * (1_000.0 + 4.0 * ((7 * known[0]) % 11))
    assert all(np.isnan(run.traded[at - first, 1]) for at in range(first, len(days)) if at % 5 == 4)
