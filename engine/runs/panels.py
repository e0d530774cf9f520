"""Panels: what filings tell of every session, as known at its close, by the maths that screens use.

Between two filings (or splits) of a company its figures stand still, so that they are worked out once for each and
repeated; what depends on the price follows each session's close. Of a multiple v(p) two prices tell all: those over
the price are a + b p (market and enterprise value, P/E, P/B, ...), yields are c / p.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.runs.known import instants
from engine.runs.listed import Named
from engine.runs.market_days import Axis, row_of
from engine.runs.market_told import Telling
from engine.runs.spans import Span, SpanCache, name_of

if TYPE_CHECKING:
    import polars as pl

    from engine.backtest.market import Market
    from engine.quant.fundamentals.shares import Splits
    from store.reader import AsOfReader

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DAYS = 1_300  # what a screen of one day looks back to, in calendar days
_COMPANIES = 25  # read at a time
_PRICE = 64.0  # a power of two, and twice it: prices that multiples are probed at
_YIELDS = ("fcf_yield", "payout_yield")
_MOST = 2_000  # companies' spans that are kept
_KEY = ("period_end", "concept", "unit", "period_start", "accession")


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
    import polars as pl

    found = {name: np.full(decided.close.shape, np.nan) for name in wanted}
    if not wanted:
        return found
    closes = _standing(decided)
    order, kept = decided.ids.tolist(), SpanCache(reader.layout.cache / "spans")
    estimated = filers = 0
    for at in range(0, len(order), _COMPANIES):
        part = order[at : at + _COMPANIES]
        facts = _facts(reader, part, axis)
        estimated += int(facts["known_basis"].str.starts_with("estimated").sum())
        splits = reader.vintages("actions", part, None, axis.dates[-1].item()).filter(
            pl.col("kind") == "split"
        )
        by_id = {
            int(str(key[0])): each for key, each in facts.partition_by("security_id", as_dict=True).items()
        }
        for place, number in enumerate(part, at):
            telling.step(place, len(order), f"statements of {names[number].ticker}")
            own = by_id.get(number)
            if own is None:
                continue
            filers += 1
            company = _Company(own, splits.filter(pl.col("security_id") == number), axis, place, kept)
            price = np.full(len(axis.dates), np.nan) if number in unpriced else closes[:, place]
            company.write(found, price, names[number].currency)
    telling.table("facts", reader.reads, estimated)
    telling.fact("companies with filings", filers)
    if filers < len(order):
        telling.note(
            f"Filings of {len(order) - filers:,} of {len(order):,} securities are not known: {', '.join(wanted)} of "
            "them is unknown, and no condition on it holds.",
            "warning",
        )
    return found


def _facts(reader: AsOfReader, ids: Sequence[int], axis: Axis) -> pl.DataFrame:
    """Every version of the facts that lines are made of, oldest first."""
    import polars as pl

    from engine.quant.fundamentals.lines import CONCEPTS

    start = axis.dates[0].item() - timedelta(days=DAYS)
    versions = reader.vintages("facts", tuple(ids), start, axis.dates[-1].item())
    return versions.filter(pl.col("concept").is_in(sorted(CONCEPTS))).sort("security_id", "known_at", "seq")


def _standing(market: Market) -> Floats:
    """The close of each session, or the last of the four before it, in the session's shares."""
    from engine.backtest.rules.characteristics import standing

    factor = market.forward_factor()
    return standing(market.close * factor) / factor


# Spans by what they were made from (the rows themselves, not the clock): rules that are edited run quickly.
_made: OrderedDict[str, tuple[Span, ...]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class _Company:
    """One company's versions of facts, oldest first, and of splits."""

    facts: pl.DataFrame
    splits: pl.DataFrame
    axis: Axis
    column: int
    kept: SpanCache

    def write(self, found: Mapping[str, Floats], price: Floats, currency: str) -> None:
        """Fills its column of every panel."""
        dates = self.axis.dates
        for span in self._spans(tuple(found), currency):
            until = int(np.searchsorted(dates, np.datetime64(span.until, "D"), side="right"))
            rows = slice(span.row, max(min(span.after, until), span.row))
            for name, panel in found.items():
                panel[rows, self.column] = _valued(name, span.one[name], span.two[name], price[rows])

    def _spans(self, names: tuple[str, ...], currency: str) -> tuple[Span, ...]:
        """Its spans, from memory or from beside the store where the same rows were asked the same before."""
        closed, dates = self.axis.closed(self.column), self.axis.dates
        name = name_of((self.facts, self.splits), names, currency, closed.tobytes(), dates.tobytes())
        if name not in _made:
            held = self.kept.load(name)
            if held is None:
                held = tuple(self._worked(names, currency))
                self.kept.keep(name, held)
            _made[name] = held
            while len(_made) > _MOST:
                _made.popitem(last=False)
        return _made[name]

    def _worked(self, names: tuple[str, ...], currency: str) -> Iterator[Span]:
        rows = self._rows()
        for row, after in zip(rows, [*rows[1:], len(self.axis.dates)], strict=True):
            known = self._known(row)
            day: date = self.axis.dates[row].item()
            if known.height:
                one, two, until = _probed(names, known, self._splits_at(row, day), day, currency)
                yield Span(row, after, one, two, until)

    def _rows(self) -> list[int]:
        """Rows from which something else is known."""
        closed = self.axis.closed(self.column)
        told = row_of(closed, np.unique(instants(self.facts)))
        days = self.splits["ex_date"].to_numpy().astype("datetime64[D]")
        effective = np.maximum(
            np.searchsorted(self.axis.dates, days, side="left"), row_of(closed, instants(self.splits))
        )
        rows = np.unique(np.concatenate([told, effective]))
        kept: list[int] = rows[rows < len(self.axis.dates)].tolist()
        return kept

    def _known(self, row: int) -> pl.DataFrame:
        """Facts in force at a row's close, of the periods that a screen of that day looks at."""
        import polars as pl

        closed = int(self.axis.closed(self.column)[row])
        day: date = self.axis.dates[row].item()
        count = int(np.searchsorted(instants(self.facts), closed, side="right"))
        known = self.facts.head(count).filter(
            pl.col("period_end") >= day - timedelta(days=DAYS), pl.col("period_end") <= day
        )
        return known.unique(_KEY, keep="last", maintain_order=True).filter(~pl.col("deleted"))

    def _splits_at(self, row: int, day: date) -> Splits:
        """Splits known and effective at a row's close."""
        import polars as pl

        from engine.quant.fundamentals.shares import Splits

        closed = int(self.axis.closed(self.column)[row])
        known = self.splits.filter(pl.Series(instants(self.splits) <= closed), pl.col("ex_date") <= day)
        known = known.unique(["ex_date"], keep="last", maintain_order=True)
        known = known.filter(~pl.col("deleted"), pl.col("ratio") > 0)
        return Splits.of(known.select("ex_date", "ratio").iter_rows())


def _probed(
    names: tuple[str, ...], facts: pl.DataFrame, splits: Splits, day: date, currency: str
) -> tuple[dict[str, float], dict[str, float], date]:
    """Fields at the two probing prices, and the day after which the newest statement says nothing any more."""
    import polars as pl

    from engine.quant.fundamentals.figures import Figures
    from engine.quant.fundamentals.told import read_books
    from engine.quant.screener import company_fields
    from engine.quant.screener.books import OLD

    accepted = facts.with_columns(pl.lit(None, pl.Datetime("us", "UTC")).alias("accepted_at"))
    figures = Figures(read_books(accepted, splits))
    ends = [*(p.end for p in figures.periods("trailing", 1)), *figures.balance_days()[:1]]
    newest = max(ends, default=day - timedelta(days=2 * OLD)) + timedelta(days=OLD)
    told = [company_fields(names, figures, price, day, currency) for price in (_PRICE, 2 * _PRICE)]
    one, two = (
        {name: np.nan if (v := each[name].value) is None else float(v) for name in names} for each in told
    )
    return one, two, newest


def _valued(name: str, one: float, two: float, price: Floats) -> Floats | float:
    """A field at each price."""
    from engine.quant.screener.fields import MULTIPLES

    if name not in MULTIPLES:
        return one
    if name in _YIELDS:
        return one * _PRICE / price
    slope = (two - one) / _PRICE
    return (2.0 * one - two) + slope * price
