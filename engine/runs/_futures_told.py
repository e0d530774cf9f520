"""What a run of futures tells: rolls, margin calls, what was missing, and the conventions that it kept to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.runs._within_bars import PRICES
from engine.runs.derived import most_margin

if TYPE_CHECKING:
    from engine.backtest.futures import FuturesRun, Margin, Roll
    from engine.backtest.inputs import Fill
    from engine.backtest.rules import Rules
    from engine.runs._futures_roots import Lane
    from engine.runs.market_told import Telling


def tell(run: FuturesRun, lanes: Sequence[Lane], begin: int, telling: Telling) -> None:
    """Facts of the run, and notes on what its data lacked."""
    telling.fact("rolls", run.rolls)
    telling.fact("cost of rolls", round(run.roll_cost, 2))
    calls = sum(event.kind == "margin call" for event in run.result.events)
    telling.fact("margin calls", calls)
    telling.fact("most margin required at a close", most_margin(run.margin, run.result.equity))
    for lane in lanes:
        of = f"{lane.ticker}: " if len(lanes) > 1 else ""
        dates, own = lane.traded.dates, [row for row in lane.unmatched if row >= begin]
        if own:
            days = ", ".join(str(dates[row]) for row in own[:3])
            telling.note(
                f"{of}At {len(own)} rolls ({days}) no earlier session has both contracts' closes: the series of "
                "signals jumps there by their difference.",
                "warning",
            )
        last = dates[lane.own][-1]
        if last < dates[-1]:
            telling.note(
                f"Bars of {lane.ticker} end on {last}, before the run does: what is held of it stands at its last "
                "settlement from there on.",
                "warning",
            )
    if run.unsettled:
        telling.note(
            f"On {run.unsettled:,} sessions what was held had no settlement price: the close stood in.",
            "warning",
        )
    if run.thin:
        telling.note(
            f"{run.thin:,} of {run.rolls:,} rolls went into a contract that had no volume on the session before: "
            "ROLL=VOLUME or ROLL=INTEREST waits for the one that is traded.",
            "warning",
        )


def conventions(
    run: FuturesRun, lanes: Sequence[Lane], roll: Roll, join: str, settle: str, margins: Sequence[Margin],
    assumed: bool, parsed: Rules, fill: Fill = "open",
) -> tuple[str, ...]:  # fmt: skip
    """How it was run, in sentences."""
    how = {
        "calendar": f"{roll.days} sessions before a contract's last trade or first notice",
        "volume": f"once a later contract had more volume, at the latest {roll.days} sessions before its end",
        "open_interest": f"once a later contract had more open interest, at the latest {roll.days} sessions before "
        "its end",
    }[roll.rule]
    pool = (
        " One pool of cash and margin for all roots; a call cuts every position by one part."
        if lanes[1:]
        else ""
    )
    return (
        "Decided after each close on a continuous series adjusted forwards "
        f"(by {join}), which no later roll changes; traded at the next {PRICES[fill]} in the contract itself.",
        f"Rolled {how}: decided on the close before, both legs at the {PRICES[fill]} with their costs; a roll is no "
        "new trade.",
        *_stops(parsed),
        f"Settled in cash each session at its {'close' if settle == 'close' else 'settlement price'}; profits and "
        "losses stay in the contract's currency.",
        f"Margin: {_amounts(lanes, margins)}; below maintenance, contracts are closed at the next {PRICES[fill]} "
        f"until the initial is met.{_assumed(assumed)}{pool}",
        "Cash-settled contracts may be held to their last settlement; physical ones are left before first notice.",
        f"{run.rolls} rolls cost {run.roll_cost:,.2f} in all.",
    )


def _stops(parsed: Rules) -> tuple[str, ...]:
    if not any((parsed.stop, parsed.trail, parsed.take)):
        return ()
    return (
        "Stops and targets are prices of the contract that is held, counted from the fill, at work in the same bar: "
        "a gap fills at the open, of a bar that reaches both the stop. At a roll they move by the difference of the "
        "two contracts' opens; all of it is closed, and entered anew only once its condition was false.",
    )


def _amounts(lanes: Sequence[Lane], margins: Sequence[Margin]) -> str:
    if all(each == margins[0] for each in margins):
        return _amount(margins[0])
    told = zip((lane.ticker for lane in lanes), margins, strict=True)
    return ", ".join(f"{ticker} {_amount(each)}" for ticker, each in told)


def _amount(margin: Margin) -> str:
    if margin.per == "notional":
        return f"{margin.initial:.2%} initial and {margin.maintenance:.2%} maintenance of notional"
    return f"{margin.initial:,.2f} initial and {margin.maintenance:,.2f} maintenance a contract"


def _assumed(assumed: bool) -> str:
    return " No margin was given: these are the defaults; exchanges set their own." if assumed else ""
