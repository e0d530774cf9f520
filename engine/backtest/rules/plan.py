"""Rules over a market: everything that a simulation asks of them, decided after the close of each session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats, Market
from engine.backtest.rules.book import Ranking, Rules
from engine.backtest.rules.optimised import OPTIMISERS, optimised
from engine.backtest.rules.selecting import rebalances, selected
from engine.backtest.rules.sizing import Level, level, listed, weights
from engine.backtest.rules.tree import Node
from engine.backtest.rules.values import FALSE, TRUE, Values

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the market, (n, k) each.

    ``entry``: a symbol without a position may be entered. ``exit``: one with a position is left; nothing is entered
    on the same session. ``again``: a symbol closed by hold or by a stop may be entered again from here on.
    ``selected``: what the ranking holds to be among its own since the last rebalance day, None without a ranking.
    """

    entry: Bools
    exit: Bools
    again: Bools
    selected: Bools | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Decisions of every session, for the machine that turns them into positions (``Machine``, ``signals``).

    ``weights`` (n, k): what a position takes of the equity if it is opened or resized after that session, above 0 on
    either side, NaN where it is not known (and then nothing is entered); None where ``shares`` says how many.
    ``rebalance`` (n,): sessions after which positions are resized and selections renewed. ``delay``: sessions from
    the decision to the fill, 1 is the next open: arrays stand at the session of the decision.
    """

    rules: Rules
    dates: NDArray[np.datetime64]
    long: Side
    short: Side
    weights: Floats | None
    shares: float | None
    stop: Level | None
    trail: Level | None
    take: Level | None
    hold: int | None
    rebalance: Bools
    delay: int

    @property
    def needs_fills(self) -> bool:
        """Whether only a simulation of orders can carry it out: stops, targets, numbers of shares."""
        return any(each is not None for each in (self.stop, self.trail, self.take, self.shares))


def plan(
    rules: Rules,
    market: Market,
    *,
    panels: Mapping[str, Floats] | None = None,
    members: Mapping[str, Bools] | None = None,
    alone: bool = False,
) -> Plan:
    """The plan of ``rules`` over ``market``.

    Parameters
    ----------
    rules : parsed
    market : sessions by symbols
    panels : values by name (n, k), as they were known at each session's close, NaN where they were not
    members : by universe (n, k), whether a symbol is a member on that session as was known then; one that is a panel
        too is what the rules are kept to. What they are kept to, or choose among, on either side holds for both, and
        equal parts are of its members of the day: who joins later has none
    alone : each symbol has an account of its own: an equal part is all of it

    Raises
    ------
    RuleError
        A characteristic or a universe that is not given, settings of an indicator that do not go together.
    ValueError
        Panels or members of another shape than the market.

    Notes
    -----
    Row t uses rows up to t. What is unknown is no signal: no entry, no exit; nor is anything entered whose size or
    whose stop is unknown. Where both sides would be entered on one session, neither is.
    """
    values = Values(market, panels)
    days = rebalances(market.dates, rules.rebalance)
    rules, within = _within(rules, values, members or {})
    chosen = [
        None if each is None else selected(each, values, days, members or {})
        for each in (rules.longs, rules.shorts)
    ]
    places = np.ones(len(days)) if alone else _places(rules, chosen)
    if places is None and within is not None:
        places = (listed(market) & within).sum(axis=1).astype(np.float64)
    sized = weights(rules, values, places)
    if rules.size.kind in OPTIMISERS:
        sized = _optimised(rules, values, chosen, days, within)
    stop, trail, take = (level(each, values) for each in (rules.stop, rules.trail, rules.take))
    enterable = np.isfinite(market.close) if sized is None else np.isfinite(sized)
    for each in (stop, trail, take):
        if each is not None and each.distance is not None:
            enterable = enterable & np.isfinite(each.distance)
    long = _side(rules.long, rules.exit, chosen[0], values, days)
    short = _side(rules.short, rules.cover, chosen[1], values, days)
    long, short = (
        each if within is None or each.selected is not None else replace(each, entry=each.entry & within)
        for each in (long, short)
    )
    free = enterable & ~(long.entry & short.entry)
    long, short = (replace(each, entry=each.entry & free) for each in (long, short))
    shares = rules.size.values[0] if rules.size.kind == "shares" else None
    return Plan(
        rules, market.dates, long, short, sized, shares, stop, trail, take, rules.hold, days, rules.delay
    )


def _within(rules: Rules, values: Values, members: Mapping[str, Bools]) -> tuple[Rules, Bools | None]:
    """Rules whose rankings have a universe each, and the members of every universe (n, k); None where none is named.

    Of an index all are given who are ever its members: that one will be is not known before.
    """
    both = (rules.longs, rules.shorts)
    named = [each.universe for each in both if each is not None and each.universe]
    if named:
        longs, shorts = (
            each if each is None or each.universe else replace(each, universe=named[0]) for each in both
        )
        rules = replace(rules, longs=longs, shorts=shorts)
    told = [members[name] for name in dict.fromkeys(named) if name in members]
    told += [each for name, each in members.items() if name in values.panels]
    return rules, np.logical_or.reduce(told).astype(bool) if told else None


def _optimised(
    rules: Rules, values: Values, chosen: Sequence[Bools | None], days: Bools, within: Bools | None
) -> Floats:
    """Weights by an optimiser, over what each side wants on a rebalance day."""
    sides = []
    for condition, those, sign in zip((rules.long, rules.short), chosen, (1, -1), strict=True):
        if condition is None and those is None:
            continue
        wanted = np.isfinite(values.market.close)
        wanted = wanted if within is None else wanted & within
        wanted = wanted if condition is None else wanted & (values.truth(condition) == TRUE)
        sides.append((wanted if those is None else wanted & those, sign))
    return optimised(rules.size, values.market, sides, days)


def _places(rules: Rules, chosen: Sequence[Bools | None]) -> Floats | None:
    """Names that the rules may hold on each session (n,), None where a side has no ranking to tell."""
    found: list[Floats] = []
    sides: tuple[tuple[Node | None, Ranking | None], ...] = (
        (rules.long, rules.longs), (rules.short, rules.shorts)
    )  # fmt: skip
    for (entry, ranking), those in zip(sides, chosen, strict=True):
        if ranking is None or those is None:
            if entry is not None:
                return None
            continue
        held = those.sum(axis=1).astype(np.float64)
        found.append(held if ranking.percent else np.full(len(held), ranking.count))
    return np.sum(found, axis=0) if found else None


def _side(
    entry: Node | None, way_out: Node | None, chosen: Bools | None, values: Values, days: Bools
) -> Side:
    shape = values.shape
    if entry is None and chosen is None:
        nothing = np.zeros(shape, dtype=bool)
        return Side(nothing, nothing, nothing, None)
    truth = None if entry is None else values.truth(entry)
    enters = np.ones(shape, dtype=bool) if truth is None else truth == TRUE
    leaves = np.zeros(shape, dtype=bool) if way_out is None else values.truth(way_out) == TRUE
    again = np.broadcast_to(days[:, None], shape) if truth is None else truth == FALSE
    if chosen is not None:
        enters, leaves = enters & chosen, leaves | ~chosen
    return Side(enters & ~leaves, leaves, again, chosen)
