"""Panels: what filings tell of every session, as known at its close, by the maths that screens use.

Between two filings (or splits) of a company its figures stand still, so that they are worked out once for each and
repeated; what depends on the price follows each session's close. Of a multiple v(p) two prices tell all: those over
the price are a + b p (market and enterprise value, P/E, P/B, ...), yields are c / p.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.runs.filings import Filings
from engine.runs.listed import Named
from engine.runs.market_days import Axis
from engine.runs.market_told import Telling
from engine.runs.spans import Entry, SpanCache, name_of

if TYPE_CHECKING:
    import polars as pl

    from engine.backtest.market import Market
    from engine.quant.fundamentals.figures import Figures
    from store.reader import AsOfReader

Floats = NDArray[np.float64]
DAYS = 1_300  # what a screen of one day looks back to, in calendar days
_COMPANIES = 50  # read at a time
_PRICE = 64.0  # a power of two, and twice it: prices that multiples are probed at
_NEVER = np.iinfo(np.int64).min  # a day before all days
_YIELDS = ("fcf_yield", "payout_yield")


def told_by_filings() -> tuple[str, ...]:
    """Names of the panels that can be made."""
    from engine.quant.screener import FIELDS

    return tuple(name for name, each in FIELDS.items() if "facts" in each.needs and each.type == "number")


def check(names: Sequence[str]) -> None:
    """Raises DataError where a panel of another name is asked for."""
    able = told_by_filings()
    unknown = [name for name in names if name not in able]
    if unknown:
        raise DataError(
            f"{', '.join(unknown)} cannot be told for every session as it was known then. What filings tell can: "
            f"{', '.join(able)}; what prices tell (ret_1m, mom_12_1, vol_1y, adv_20, ...) needs no panel."
        )


def panels(
    reader: AsOfReader, wanted: Sequence[str], names: Mapping[int, Named], decided: Market, axis: Axis,
    unpriced: Sequence[int], telling: Telling,
) -> dict[str, Floats]:  # fmt: skip
    """Panels (n, k) by name, NaN where nothing was known.

    Parameters
    ----------
    wanted : of ``told_by_filings``
    decided : the market as decisions know it
    unpriced : ids whose closes are no prices (adjusted by a vendor): nothing over the price is told of them
    """
    found = {name: np.full(decided.close.shape, np.nan) for name in wanted}
    if not wanted:
        return found
    closes, kept = _standing(decided), SpanCache(reader.layout.cache / "spans")
    order = decided.ids.tolist()
    estimated = filers = 0
    for at in range(0, len(order), _COMPANIES):
        part = order[at : at + _COMPANIES]
        telling.step(at, len(order), f"reading statements of {names[part[0]].ticker} and on")
        facts, splits = _facts(reader, part, axis), _splits(reader, part, axis)
        for place, number in enumerate(part, at):
            telling.step(place, len(order), f"statements of {names[number].ticker}")
            if number not in facts:
                continue
            filers += 1
            estimated += int(facts[number]["known_basis"].str.starts_with("estimated").sum())
            filings = Filings(facts[number], splits.get(number), axis.dates, axis.closed(place), DAYS)
            price = np.full(len(axis.dates), np.nan) if number in unpriced else closes[:, place]
            company = _Company(number, filings, names[number].currency, kept)
            company.write(found, place, price)
    kept.tidy()
    telling.table("facts", reader.reads, estimated)
    telling.fact("companies with filings", filers)
    if filers < len(order):
        telling.note(
            f"Filings of {len(order) - filers:,} of {len(order):,} securities are not known: {', '.join(wanted)} of "
            "them is unknown, and no condition on it holds. BACKFILL fetches filings; asof import takes "
            "concepts as filings write them, us-gaap:NetIncomeLoss.",
            "warning",
        )
    return found


def _facts(reader: AsOfReader, ids: Sequence[int], axis: Axis) -> dict[int, pl.DataFrame]:
    """Every version of the facts that lines are made of, by company."""
    import polars as pl

    from engine.quant.fundamentals.lines import CONCEPTS

    start = axis.dates[0].item() - timedelta(days=DAYS)
    versions = reader.vintages("facts", tuple(ids), start, axis.dates[-1].item())
    return _by_company(versions.filter(pl.col("concept").is_in(sorted(CONCEPTS))))


def _splits(reader: AsOfReader, ids: Sequence[int], axis: Axis) -> dict[int, pl.DataFrame]:
    """Every version of splits, oldest first, by company."""
    import polars as pl

    versions = reader.vintages("actions", ids, None, axis.dates[-1].item())
    return _by_company(versions.filter(pl.col("kind") == "split"))


def _by_company(rows: pl.DataFrame) -> dict[int, pl.DataFrame]:
    parts = rows.partition_by("security_id", as_dict=True, maintain_order=True)
    return {int(str(key[0])): each for key, each in parts.items()}


def _standing(market: Market) -> Floats:
    """The close of each session, or the last of the four before it, in the session's shares."""
    from engine.backtest.rules.characteristics import standing

    factor = market.forward_factor()
    return standing(market.close * factor) / factor


@dataclass(frozen=True, slots=True)
class _Company:
    """One company's fields at each of its filings."""

    number: int
    filings: Filings
    currency: str
    kept: SpanCache

    def write(self, found: Mapping[str, Floats], column: int, price: Floats) -> None:
        """Fills its column of every panel."""
        names = tuple(found)
        multiples = _multiples(names)
        rows, entries = self.filings.rows, self._entries(names)
        dates = self.filings.dates.astype(np.int64)
        at = np.searchsorted(rows, np.arange(len(dates)), side="right") - 1
        speaks = at >= 0
        speaks[speaks] = dates[speaks] <= np.array([each.until for each in entries])[at[speaks]]
        if not speaks.any():
            return
        values = np.array([each.values for each in entries])[at[speaks]]
        for place, (name, panel) in enumerate(found.items()):
            one = values[:, place]
            if name in multiples:
                two = values[:, len(names) + multiples.index(name)]
                panel[speaks, column] = _priced(name, one, two, price[speaks])
            else:
                panel[speaks, column] = one

    def _entries(self, names: tuple[str, ...]) -> list[Entry]:
        """What was told from each row on, from memory or from beside the store where it was asked before."""
        name = name_of(self.number, self.currency, names)
        held, keys = self.kept.load(name), self.filings.keys()
        missing = [at for at, key in enumerate(keys) if key not in held]
        if missing:
            made = self._made(missing, names)
            held = {**held, **{keys[at]: entry for at, entry in zip(missing, made, strict=True)}}
            self.kept.keep(name, held)
        return [held[key] for key in keys]

    def _made(self, places: Sequence[int], names: tuple[str, ...]) -> list[Entry]:
        from engine.quant.fundamentals.filed import Filed
        from engine.quant.fundamentals.unfolding import Unfolding

        found = []
        with _uncollected():
            unfolding = Unfolding(Filed.of(self.filings.facts))
            for at in places:
                instant, first, last = self.filings.view(at)
                figures = unfolding.at(instant, first, last, self.filings.splits_at(at))
                found.append(_probed(names, figures, self.currency))
            unfolding.close()
        return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles, for the fraction of a second that a company takes: it would walk through all
    of the process for objects that are let go of one by one, and take a third of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _multiples(names: Sequence[str]) -> tuple[str, ...]:
    """Those that follow the price."""
    from engine.quant.screener.fields import MULTIPLES

    return tuple(name for name in names if name in MULTIPLES)


def _probed(names: Sequence[str], figures: Figures, currency: str) -> Entry:
    """Fields at the two probing prices, and the day after which the newest statement says nothing any more."""
    from engine.quant.screener.books import OLD, company_readings

    multiples = _multiples(names)
    ends = [day for day in (figures.newest("trailing"), *figures.balance_days()[:1]) if day]
    if not ends:
        return Entry(np.full(len(names) + len(multiples), np.nan), _NEVER)
    one = company_readings(names, figures, _PRICE, max(ends), currency)
    two = company_readings(multiples, figures, 2 * _PRICE, max(ends), currency)
    told = [*(one[name].value for name in names), *(two[name].value for name in multiples)]
    values = np.array([np.nan if each is None else each for each in told], dtype=np.float64)
    return Entry(values, int(np.datetime64(max(ends), "D").astype(np.int64)) + OLD)


def _priced(name: str, one: Floats, two: Floats, price: Floats) -> Floats:
    """A multiple at each price."""
    if name in _YIELDS:
        return one * _PRICE / price
    slope = (two - one) / _PRICE
    return (2.0 * one - two) + slope * price
