"""BACKTEST's panel that proves by trial when decisions were made: the future altered, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.page import Metric, Metrics, Text
from engine.runs.asked import DERIVED_CLASSES

if TYPE_CHECKING:
    from engine.context import Context
    from engine.functions._backtest_found import Found
    from engine.runs.carry import Run

_UNPROVED = (
    "Not proved by trial: this kind of run keeps no inputs that could be altered. What it read, and when each row "
    "became known, stands below."
)
_SHARES = "prices, and every value that rules or a strategy are told, after each session: noise, then cut off"
_SERIES = "the series that rules are told, after each session: noise, then cut off"
_OPTIONS = "the underlying's bars, quotes, rates and dividends after each session: noise, then cut off"
_FORMULA = "decisions with the future as it was and altered, compared bit for bit"
_BOOKED = (
    "equity, cash, entries and exits after each close up to the session, with the future as it was and altered, "
    "compared bit for bit; simulated contracts are listed and priced anew"
)


def proof(context: Context, found: Found, seed: int) -> Metrics | Text:
    """The future altered: no decision may change. In words, where a run keeps no inputs to alter.

    Raises
    ------
    Cancelled
        The user asked to stop.
    """
    run = found.run
    context.progress(0, 1, "altering the future")
    context.check_cancelled()
    if run.trial is not None:
        from engine.runs.option_proof import prove_options

        tried, changes = prove_options(run.trial, seed, context.progress, context.cancelled)
        return _told(tried, len(changes), str(changes[0]) if changes else "", _OPTIONS, _BOOKED, "")
    if run.inputs is None:
        return Text((_UNPROVED,))
    from engine.runs.prove import prove

    tried, changed = prove(run.inputs, run.asked.spec, seed)
    count = sum(each.count for each in changed)
    what = _SERIES if _derived(run) else _SHARES
    return _told(tried, count, str(changed[0]) if changed else "", what, _FORMULA, _kept(run))


def _told(tried: int, count: int, first: str, what: str, formula: str, kept: str) -> Metrics:
    drawn = "; half of them of sessions that decided something" if what is _OPTIONS else ""
    word = f"{count:,} changed" if count else "none changed"
    items = [
        Metric("sessions tried", tried, "integer", formula=f"drawn by the seed{drawn}"),
        Metric("altered", what),
        *([Metric("not altered", kept)] if kept else []),
        Metric("decisions up to them", word, note=first, formula=formula),
    ]
    return Metrics(tuple(items))


def _kept(run: Run) -> str:
    """What the proof leaves as it is."""
    if _derived(run):
        return "rolls, rates and funding: each is read as known at its session, see above"
    return "who belongs to a universe: read as known each day" if run.asked.universes else ""


def _derived(run: Run) -> bool:
    return any(ref.asset_class in DERIVED_CLASSES for ref in run.asked.refs)
