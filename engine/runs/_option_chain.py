"""Option quotes of the store as decisions knew them, as a chain on the sessions of their underlying."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.backtest.options import CASH_AM, CASH_PM, PHYSICAL, ChainMarket, chain_of, labels
from engine.runs._option_years import TABLE, Year, name_of, read_year
from engine.runs.market_days import Days
from engine.runs.market_told import Telling

if TYPE_CHECKING:
    import polars as pl

    from engine.runs.listed import Named
    from engine.runs.wanted import Fact
    from store.reader import AsOfReader
    from store.reads import Read

# Index options that settle on the open of their last day; their weekly and end-of-month series (SPXW, NDXP) do not.
_AM_ROOTS = ("SPX", "NDX", "RUT", "DJX", "VIX", "MXEA", "MXEF")
_OCC = r"\d{6}[CP]\d{8}$"  # what follows the root in a contract's symbol
_CODES = 1 << 32
_MOST_KEPT = 64 << 20  # bytes of a column of quotes: 8 million of them


def read_chain(
    reader: AsOfReader, security_id: int, named: Named, dates: Days, telling: Telling
) -> ChainMarket:
    """Each session's last quote of each contract that was known when decisions after it were made.

    A quote that became known, or was corrected, later than an hour after its session's close is what nobody
    could trade on: the version known by then counts, or none. Adjusted contracts (their root ends in a digit)
    deliver something else than their multiplier says and are left out.
    """
    first, last = (int(str(day)[:4]) for day in (dates[0], dates[-1]))
    years = range(first, last + 1)
    files = tuple(name_of(reader, security_id, year, named.calendar) for year in years)
    key = reader.layout.home, files, named, dates.tobytes()
    held = _held.get(key)
    if held is None:
        before, own = len(reader.reads), Telling(telling.progress, telling.stop)
        parts = []
        for year in years:
            own.step(year - first, len(years), f"option quotes of {year}")
            parts.append(read_year(reader, security_id, year, named.calendar))
        own.table(TABLE, _as_one(reader.reads[before:]), 0)
        held = _Kept(_closed(_chain(parts, named, dates, own)), tuple(own.facts), reader.reads[before:])
        if all(files) and held.chain.contract.nbytes <= _MOST_KEPT:
            _held.clear()  # the last one, which edited rules and the points of a sweep ask for again
            _held[key] = held
    else:
        for read in held.reads:
            reader.enter(replace(read, asof=reader.asof))
    telling.facts += held.facts
    return held.chain


@dataclass(frozen=True, slots=True)
class _Kept:
    """A chain, what was told of it, and the reads that made it."""

    chain: ChainMarket
    facts: tuple[tuple[str, Fact], ...]
    reads: tuple[Read, ...]


_held: dict[tuple[object, ...], _Kept] = {}


def _closed(chain: ChainMarket) -> ChainMarket:
    """Closed to writing: later runs share it."""
    for each in fields(chain):
        if isinstance(value := getattr(chain, each.name), np.ndarray):
            value.setflags(write=False)
    return chain


def _as_one(reads: Sequence[Read]) -> list[Read]:
    """The reads of several years as one, which has as many rows as they have together."""
    told = [read for read in reads if read.rows and read.start]
    rows: dict[int, int] = {}
    for read in told:  # what was read again for its versions counts once
        year = read.start.year if read.start else 0
        rows[year] = max(read.rows, rows.get(year, 0))
    newest = max((read.newest_known_at for read in told if read.newest_known_at), default=None)
    sources = tuple(sorted({source for read in told for source in read.sources}))
    return [
        replace(one, rows=sum(rows.values()), newest_known_at=newest, sources=sources) for one in told[:1]
    ]


def _chain(parts: Sequence[Year], named: Named, dates: Days, telling: Telling) -> ChainMarket:
    """Contracts in the order of their expiry, strike and right, and their quotes by session."""
    days = dates.astype("datetime64[D]").astype(np.int64)
    late = sum(int(np.isin(part.late, days).sum()) for part in parts)
    if late:
        telling.fact("option_quotes: known too late for their session's decision", late)
    terms, places = _terms(parts)
    gone = terms["expiry"].to_numpy() < days[0]
    found = [_quotes(part, place, gone, days) for part, place in zip(parts, places, strict=True)]
    row, contract, bid, ask = (np.concatenate([each[at] for each in found]) for at in range(4))
    odd = terms["contract"].str.replace(_OCC, "").str.contains(r"\d$").to_numpy()
    if odd.any() and (left := odd[contract]).any():
        telling.fact("option_quotes: of adjusted contracts, left out", int(left.sum()))
        row, contract, bid, ask = (each[~left] for each in (row, contract, bid, ask))
    telling.fact("option_quotes: sessions with quotes", len(np.unique(row)))
    used = np.zeros(terms.height, dtype=bool)
    used[contract] = True
    contract = (np.cumsum(used) - 1)[contract]
    return _built(terms.filter(used), named, dates, row, contract, bid, ask)


def _terms(parts: Sequence[Year]) -> tuple[pl.DataFrame, list[NDArray[np.int64]]]:
    """The contracts of all years, each with the terms told first (what is told later changes nothing that was
    decided), and where those of each year stand among them."""
    import polars as pl

    names = ("contract", "expiry", "strike", "call", "multiplier", "style")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    told = pl.DataFrame({name: values for name, values in columns.items() if name != "contract"})
    every = told.with_columns(contract=pl.Series(columns["contract"].tolist(), dtype=pl.String))
    terms = (
        every.group_by("contract")
        .agg(
            pl.col("expiry", "strike", "call").first(),
            pl.col("multiplier").filter(pl.col("multiplier").is_not_nan()).first(),
            pl.col("style").filter(pl.col("style") >= 0).first(),
        )
        .sort("expiry", "strike", ~pl.col("call"), "contract")
        .with_row_index("place")
    )
    place = every.join(terms.select("contract", "place"), on="contract", how="left", maintain_order="left")[
        "place"
    ]
    cuts = np.cumsum([len(part.contract) for part in parts])[:-1]
    return terms, np.split(place.to_numpy().astype(np.int64), cuts)


def _quotes(
    part: Year, place: NDArray[np.int64], gone: NDArray[np.bool_], days: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Sessions and contracts of a year's quotes on the run's sessions, in order; their bids and asks."""
    row = np.minimum(np.searchsorted(days, part.days), len(days) - 1)
    contract = place[part.code]
    kept = (days[row] == part.days) & ~gone[contract]
    columns = row, contract, part.bid, part.ask
    if not kept.all():
        columns = row[kept], contract[kept], part.bid[kept], part.ask[kept]
    return columns


def _built(
    terms: pl.DataFrame, named: Named, dates: Days, row: NDArray[np.int64], contract: NDArray[np.int64],
    bid: NDArray[np.float64], ask: NDArray[np.float64],
) -> ChainMarket:  # fmt: skip
    import polars as pl

    index = named.asset_class == "index"
    kind = np.where(terms["call"].to_numpy(), 1, -1).astype(np.int64)
    strike = terms["strike"].to_numpy()
    expiry = terms["expiry"].to_numpy().astype("datetime64[D]")
    style = terms["style"].fill_null(1 if index else 0)
    columns: dict[str, NDArray[np.generic]] = {
        "kind": kind, "strike": strike, "expiry": expiry,
        "multiplier": terms["multiplier"].fill_null(100.0).round().cast(pl.Int64).to_numpy(),
        "american": (style == 0).to_numpy(), "settlement": _settlements(terms, index),
    }  # fmt: skip
    symbols = _symbols(named.ticker, terms, kind, strike, expiry)
    if (np.diff(row * _CODES + contract) <= 0).any():  # terms that changed between years
        return chain_of(dates, symbols, columns, row, contract, bid, ask)
    first = np.searchsorted(row, np.arange(len(dates) + 1))
    return ChainMarket(dates, symbols, **columns, first=first, contract=contract, bid=bid, ask=ask)  # type: ignore[arg-type]


def _settlements(terms: pl.DataFrame, index: bool) -> NDArray[np.int64]:
    """Shares of a stock or fund change hands; an index settles in cash, its monthly series on the open."""
    if not index:
        return np.full(terms.height, PHYSICAL, dtype=np.int64)
    opens = terms["contract"].str.replace(_OCC, "").str.strip_chars().is_in(_AM_ROOTS)
    return np.where(opens.to_numpy(), CASH_AM, CASH_PM).astype(np.int64)


def _symbols(
    ticker: str, terms: pl.DataFrame, kind: NDArray[np.int64], strike: NDArray[np.float64], expiry: Days
) -> tuple[str, ...]:
    """What contracts are called on screen; where two have the same terms, their own symbols tell them apart."""
    named = labels(ticker, kind, strike, expiry)
    twice = {each for each, count in Counter(named).items() if count > 1}
    if not twice:
        return named
    return tuple(
        f"{each} ({contract})" if each in twice else each
        for each, contract in zip(named, terms["contract"].to_list(), strict=True)
    )
