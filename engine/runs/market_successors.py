"""Successors of mergers that a run did not ask for: columns of its account that no rule, rank or list sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.backtest.window import first_columns, paid_out
from engine.runs import listed, market_bars
from engine.runs.listed import Names
from engine.runs.market_told import Telling

if TYPE_CHECKING:
    from engine.backtest.market import Market
    from engine.runs.market_bars import Rows
    from engine.runs.market_days import Axis
    from engine.runs.mergers import Told
    from store.reader import AsOfReader

_SEEN = ("open", "high", "low", "close", "volume")


def joined(
    reader: AsOfReader, rows: Rows, names: Names, told: Told, currency: str, first: date, end: date,
    telling: Telling,
) -> tuple[Rows, Names]:  # fmt: skip
    """Rows and names with those of the successors that have prices to be held at: of the same currency and the
    same hours as the run's own, not a vendor's adjusted level. What is told of prices stays of the run's own."""
    import polars as pl

    called = {
        terms.into: terms.successor
        for terms in told.terms.values()
        if terms.into and terms.into not in rows.ids
    }
    if not called:
        return rows, names
    more = listed.named(reader, tuple(called), called)
    calendars = {names[number].calendar for number in rows.ids}
    fit = [
        number
        for number, each in more.items()
        if each.currency in ("", currency) and each.calendar in calendars and not listed.is_rate(each)
    ]
    if not fit:
        return rows, names
    found = market_bars.read(reader, fit, first, None, end, Telling(stop=telling.stop))
    kept = [number for number in found.ids if found.basis.get(number) != "adjusted"]
    chosen = pl.col("security_id").is_in(kept)
    whole = replace(
        rows, bars=pl.concat([rows.bars, found.bars.filter(chosen)], how="diagonal_relaxed"),
        closes=pl.concat([rows.closes, found.closes.filter(chosen)], how="diagonal_relaxed"),
        basis={**rows.basis, **{n: found.basis[n] for n in kept if n in found.basis}}, ids=(*rows.ids, *kept),
    )  # fmt: skip
    versions = pl.concat([names.versions, more.versions], how="diagonal_relaxed")
    return whole, Names({**names.held, **{number: more[number] for number in kept}}, versions)


def first_of(axis: Axis, count: int) -> Axis:
    return replace(axis, group=axis.group[:count])


def unseen(market: Market, count: int) -> Market:
    """The market as decisions see it: symbols after the first ``count`` are not there for code, and for rules have
    never had a price."""
    hidden: dict[str, Any] = {}
    for name in _SEEN:
        values = np.array(getattr(market, name).T, order="C").T
        values[:, count:] = np.nan
        hidden[name] = values
    return replace(market, **hidden, mergers=(), unseen=len(market.symbols) - count)


def placed(market: Market, seen: Market | None, count: int, alone: bool) -> tuple[Market, Market | None]:
    """The account's market and what decisions know of it. ``alone``: accounts of one symbol each get what the shares
    of a successor are worth at its close, so that no column of others is needed."""
    if alone:
        known = None if seen is None else first_columns(seen, count)
        return first_columns(paid_out(market), count), known
    if count < len(market.symbols):
        told = replace(market, unseen=len(market.symbols) - count)
        return told, unseen(market if seen is None else seen, count)
    if seen is None and market.mergers:
        return market, replace(market, mergers=())
    return market, seen


def padded(panels: Mapping[str, NDArray[np.float64]], more: int) -> dict[str, NDArray[np.float64]]:
    """Panels with ``more`` columns of which nothing is known."""
    if not more:
        return dict(panels)
    return {
        name: np.hstack([values, np.full((len(values), more), np.nan)]) for name, values in panels.items()
    }


def padded_members(members: Mapping[str, NDArray[np.bool_]], more: int) -> dict[str, NDArray[np.bool_]]:
    """Universes with ``more`` columns that were never members."""
    if not more:
        return dict(members)
    return {
        name: np.hstack([values, np.zeros((len(values), more), dtype=bool)])
        for name, values in members.items()
    }
