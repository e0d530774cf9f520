"""Charts of what a backtest traded: a future's contracts joined, and trades marked as traded and as drawn."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import CommandError
from engine.page import Candles, Page, Table
from tests.runs.derivatives import future_bar, known, two_contracts
from tests.runs.stores import World

ROLL = date(2021, 3, 12)  # the fifth session before 19 March


def desk_of(world: World, day: date) -> Desk:
    return Desk(world.store, "tester", clock=lambda: known(day) + timedelta(hours=12))


def bars(page: Page) -> pl.DataFrame:
    panel = page.panel("price")
    assert panel is not None
    assert isinstance(panel.figure, Candles)
    return panel.figure.frame


def close(frame: pl.DataFrame, day: date) -> float:
    return float(frame.filter(pl.col("session_date") == day)["close"].item())


def table(page: Page, name: str) -> list[dict[str, object]]:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return panel.figure.frame.to_dicts()


def test_a_future_is_drawn_as_the_contract_held_joined_back_from_the_newest(world: World) -> None:
    _, days = two_contracts(world)
    desk = desk_of(world, days[-1])
    before, first = days[days.index(ROLL) - 1], days[0]
    old = 100.0 + 0.5 * (70 - days.index(before))  # XH1's close; XM1's is two points more
    page = desk.run("X COMDTY GP")
    joined = bars(page)
    assert joined["contract"].to_list() == ["XH1" if day < ROLL else "XM1" for day in days]
    assert close(joined, days[-1]) == 100.0 + 0.5 * (70 - 59) + 2.0  # the newest stands as it trades
    assert close(joined, before) == pytest.approx(old + 2.0, rel=1e-12)
    assert close(joined, first) == pytest.approx(100.0 * (old + 2.0) / old, rel=1e-12)
    assert [(event.date, event.label) for event in page.panels[0].figure.events] == [
        (ROLL, "roll from XH1 to XM1")
    ]
    assert "joined back from the newest by ratio; rolled 5 sessions before" in page.panels[0].title
    moved = bars(desk.run("X COMDTY GP JOIN=DIFFERENCE"))
    assert close(moved, first) == 102.0
    traded = bars(desk.run("X COMDTY GP RAW"))
    assert (close(traded, first), close(traded, before)) == (100.0, old)
    assert bars(desk.run("X COMDTY GP ROLLDAYS=10"))["contract"].to_list().index("XM1") == (
        days.index(ROLL) - 5
    )
    why = encode(desk.run("WHY 1 close"), "text")
    assert "futures_bars" in why
    assert "XH1" in why
    assert "Nothing" not in encode(desk.run("X COMDTY GP W"), "text")
    assert table(desk.run("X COMDTY HP 5D"), "prices")[0]["contract"] == "XM1"
    assert desk.run("X COMDTY DES").panel("price") is not None


def test_a_chart_at_an_old_clock_knows_no_later_roll_nor_correction(world: World) -> None:
    number, days = two_contracts(world)
    wrong = future_bar(number, "XH1", days[3], 1.0, 1.0, known_at=datetime(2021, 3, 20, tzinfo=UTC))
    world.append(futures_bars=[wrong])
    desk = desk_of(world, days[-1])
    seen = bars(desk_of(world, days[20]).run("X COMDTY GP"))
    assert seen["contract"].unique().to_list() == ["XH1"]
    assert close(seen, days[3]) == 101.5
    assert close(bars(desk.run("X COMDTY GP RAW")), days[3]) == 1.0


def test_marks_stand_at_their_price_as_traded_and_as_drawn(world: World) -> None:
    (number,) = world.ids("AAA")
    days = world.days[:40]
    world.append(
        securities=[world.name(number, "AAA")],
        bars=[world.bar(number, day, 100.0 if at < 20 else 25.0) for at, day in enumerate(days)],
        actions=[
            {
                "security_id": number, "ex_date": days[20], "kind": "split", "ratio": 4.0, "pay_date": None,
                "known_at": world.close_of(days[15]),
            }
        ],
    )  # fmt: skip
    desk = desk_of(world, days[-1])
    line = f'AAA GP MARK="{days[5]} LONG 101; {days[30]} EXIT 24.5"'
    page = desk.run(line)
    rows = table(page, "marks")
    assert [(row["what"], row["traded"], row["drawn"]) for row in rows] == [
        ("entry, long", 101.0, 25.25), ("exit", 24.5, 24.5),
    ]  # fmt: skip
    marks = [event for event in page.panels[0].figure.events if event.level is not None]
    assert [(event.date, event.level) for event in marks] == [(days[5], 25.25), (days[30], 24.5)]
    assert "entry, long at 101.00, drawn at 25.25" in encode(page, "text")
    assert '"level":25.25' in encode(page, "json")
    again = desk.run(page.lineage.command)
    assert table(again, "marks") == rows
    other = desk.run(f'AAA GP MARK="{days[5]} SHORT 2.35 AAA 2021-06-18 P 90"')
    (mark,) = table(other, "marks")
    assert (mark["what"], mark["of"], mark["drawn"]) == ("entry, short", "AAA 2021-06-18 P 90", None)
    with pytest.raises(CommandError, match="ROLL= is for futures only"):
        desk.run("AAA GP ROLL=VOLUME")
    with pytest.raises(CommandError, match="MARK= takes a date, LONG, SHORT or EXIT"):
        desk.run("AAA GP MARK=tomorrow")


def test_choosing_a_trade_opens_its_chart_with_its_fills_marked(world: World) -> None:
    (number,) = world.ids("AAA")
    days = world.days[:120]
    level = [(100.0 + 4.0 * ((7 * at) % 5) + at % 2) / (4 if at >= 60 else 1) for at in range(len(days))]
    world.append(
        securities=[world.name(number, "AAA")],
        bars=[world.bar(number, day, each) for day, each in zip(days, level, strict=True)],
        actions=[
            {"security_id": number, "ex_date": days[60], "kind": "split", "ratio": 4.0, "pay_date": None,
             "known_at": world.close_of(days[50])}
        ],
    )  # fmt: skip
    desk = desk_of(world, days[-1])
    years = f"{days[40]}..{days[-1]} PAGE=TRADES"
    free = "COST=0 SLIP=0 LOTS=FRACTIONS"
    held = table(desk.run(f"BACKTEST AAA long when close > 1; {years} {free}"), "trades")
    marked = table(desk.run(str(held[0]["command"])), "marks")
    first = days[41]  # decided after the fortieth session, filled at the next open, as it was then traded
    assert (marked[0]["day"], marked[0]["what"]) == (first, "entry, long")
    assert marked[0]["drawn"] == pytest.approx(float(str(held[0]["entry_price"])))
    assert marked[0]["traded"] == pytest.approx(4 * float(str(held[0]["entry_price"])))
    assert len(marked) == 1  # still open
    sold = "sell put delta 0.30 expiry 30; size contracts(5); prices simulated"
    rows = table(desk.run(f'BACKTEST AAA "{sold}" {years}'), "trades")
    contract = next(row for row in rows if " P " in str(row["symbol"]) and row["exit"] is not None)
    page = desk.run(str(contract["command"]))
    assert page.panels[0].title.endswith("as traded")
    entry, out = table(page, "marks")
    assert (entry["what"], entry["of"], entry["drawn"]) == ("entry, short", contract["symbol"], None)
    assert (entry["day"], out["day"], out["what"]) == (contract["entry"], contract["exit"], "exit")


def test_a_trade_of_a_future_is_marked_at_its_contracts_price(world: World) -> None:
    _, days = two_contracts(world)
    desk = desk_of(world, days[-1])
    line = "BACKTEST X long when close > sma(close, 3); size shares(2) 2021-01-20..2021-03-30 CAPITAL=100000"
    rows = table(desk.run(f"{line} PAGE=TRADES COST=0 SLIP=0 ROLLDAYS=10 JOIN=DIFFERENCE"), "trades")
    page = desk.run(str(rows[-1]["command"]))
    assert "difference; rolled 10 sessions" in page.panels[0].title
    entry = table(page, "marks")[0]
    row = bars(page).filter(pl.col("session_date") == entry["day"])
    assert row["contract"].item() == "XH1"
    assert entry["traded"] == float(str(rows[-1]["entry_price"]))
    assert entry["drawn"] == pytest.approx(row["open"].item())
