"""Splits and dividends of a run: as they happened for the account, as they were known for decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.runs.known import instants, numbers
from engine.runs.listed import Named
from engine.runs.market_days import Axis, row_of
from engine.runs.market_told import Telling, some

if TYPE_CHECKING:
    import polars as pl

    from store.reader import AsOfReader

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Actions:
    """(n, k) each, as ``Market`` has them. ``seen_split`` and ``seen_dividend``: what decisions know of them, where
    ``differs`` says that it is something else."""

    split: Floats
    dividend: Floats
    pay: Ints
    seen_split: Floats
    seen_dividend: Floats
    differs: bool


def actions(
    reader: AsOfReader, ids: Ints, names: Mapping[int, Named], axis: Axis, lag: Ints, telling: Telling
) -> Actions:
    """Actions with an ex-date after the first session and up to the last; one on no session takes effect on the next.

    Parameters
    ----------
    ids : of the columns; 0 for one whose closes hold its actions already
    lag : rows by which decisions see a column's bars later (k,)

    Notes
    -----
    Decisions know a split from the first session at whose close its news was out, a correction of it likewise: until
    then prices after it look as they did to who knew nothing. A dividend that became known only after its ex-date
    is reinvested by no decision.
    """
    import polars as pl

    wanted = tuple(sorted(int(each) for each in ids if each))
    first, last = axis.dates[0].item(), axis.dates[-1].item()
    versions = reader.vintages("actions", wanted, first + timedelta(days=1), last)
    if versions.is_empty():
        return _nothing(axis, telling)
    keys = ["security_id", "kind", "ex_date"]
    versions, foreign = _own_currency(versions, names)
    latest = versions.unique(keys, keep="last", maintain_order=True)
    happened = latest.filter(~pl.col("deleted"))
    made = _placed(happened, ids, axis, np.zeros_like(lag))
    pay = _pay(happened, ids, axis)
    troubled = _troubled(versions, ids, axis)
    seen = made
    if troubled.height or lag.any():
        calm = happened.join(troubled.select(keys).unique(), on=keys, how="anti")
        seen = _placed(calm, ids, axis, lag)
        _as_known(troubled, ids, axis, lag, seen)
    _tell(reader, telling, happened, troubled, foreign, names)
    return Actions(*made, pay, *seen, differs=bool(troubled.height or lag.any()))


def _nothing(axis: Axis, telling: Telling) -> Actions:
    shape = (len(axis.dates), len(axis.group))
    split, dividend = np.ones(shape), np.zeros(shape)
    telling.fact("actions: rows", 0)
    return Actions(split, dividend, np.zeros(shape, dtype=np.int64), split, dividend, differs=False)


def _own_currency(versions: pl.DataFrame, names: Mapping[int, Named]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Versions that can be booked, and dividends in another currency than the bars', which cannot."""
    import polars as pl

    own = {number: each.currency for number, each in names.items()}
    told = set(versions["currency"].unique().to_list()) - {None}
    if told <= set(own.values()) and len(set(own.values())) == 1:
        return versions, versions.clear()
    column = pl.col("security_id").replace_strict(own, default="", return_dtype=pl.String)
    other = (
        (pl.col("kind") == "dividend") & pl.col("currency").is_not_null() & (column != "")
        & (pl.col("currency") != column) & ~pl.col("deleted")
    )  # fmt: skip
    other = other.fill_null(value=False)
    amount = pl.when(~other).then(pl.col("amount")).alias("amount")
    return versions.with_columns(amount), versions.filter(other)


def _rows(frame: pl.DataFrame, ids: Ints, axis: Axis) -> tuple[Ints, Ints]:
    """Columns and rows of ex-dates."""
    order = np.argsort(ids)
    column = order[np.searchsorted(ids, frame["security_id"].to_numpy(), sorter=order)]
    days = frame["ex_date"].to_numpy().astype("datetime64[D]")
    return column.astype(np.int64), np.searchsorted(axis.dates, days, side="left").astype(np.int64)


def _placed(frame: pl.DataFrame, ids: Ints, axis: Axis, lag: Ints) -> tuple[Floats, Floats]:
    """Splits multiplied and dividends added up on the rows that they stand on."""
    shape = (len(axis.dates), len(ids))
    split, dividend = np.ones(shape), np.zeros(shape)
    column, row = _rows(frame, ids, axis)
    row = row + lag[column]
    ratio, amount = numbers(frame, "ratio"), numbers(frame, "amount")
    is_split = (frame["kind"] == "split").to_numpy()
    inside = row < shape[0]
    own = inside & is_split & (ratio > 0)
    np.multiply.at(split, (row[own], column[own]), ratio[own])
    own = inside & ~is_split & (amount > 0)
    np.add.at(dividend, (row[own], column[own]), amount[own])
    return split, dividend


def _pay(frame: pl.DataFrame, ids: Ints, axis: Axis) -> Ints:
    """Sessions from the ex-date to the payment, 0 where nobody told it."""
    import polars as pl

    told = frame.filter((pl.col("kind") == "dividend") & (pl.col("pay_date") > pl.col("ex_date")))
    column, row = _rows(told, ids, axis)
    days = told["pay_date"].to_numpy().astype("datetime64[D]")
    pay = np.zeros((len(axis.dates), len(ids)), dtype=np.int64)
    pay[row, column] = np.searchsorted(axis.dates, days, side="left") - row
    return pay


def _troubled(versions: pl.DataFrame, ids: Ints, axis: Axis) -> pl.DataFrame:
    """Versions of actions of which one became known after the close of the ex-date's session."""
    import polars as pl

    column, row = _rows(versions, ids, axis)
    closed = axis.closes[axis.group[column], np.minimum(row, len(axis.dates) - 1)]
    late = pl.Series(instants(versions) > closed)
    keys = ["security_id", "kind", "ex_date"]
    return versions.join(
        versions.filter(late).select(keys).unique(), on=keys, how="semi", maintain_order="left"
    )


def _as_known(troubled: pl.DataFrame, ids: Ints, axis: Axis, lag: Ints, seen: tuple[Floats, Floats]) -> None:
    """Writes each version of troubled actions where decisions learn of it."""
    split, dividend = seen
    column, row = _rows(troubled, ids, axis)
    known, ratio, amount = instants(troubled), numbers(troubled, "ratio"), numbers(troubled, "amount")
    gone, days = troubled["deleted"].to_list(), troubled["ex_date"].to_list()
    state: dict[tuple[int, object], float] = {}
    paid: dict[tuple[int, int, object], float] = {}
    for at, kind in enumerate(troubled["kind"].to_list()):
        place, there = int(column[at]), int(row[at])
        learnt = max(there, int(row_of(axis.closed(place), known[at : at + 1])[0]))
        key = (place, days[at])
        if kind == "dividend":
            if learnt == there:
                paid[place, there, days[at]] = 0.0 if gone[at] or not amount[at] > 0 else amount[at]
            continue
        held = 1.0 if gone[at] or not ratio[at] > 0 else ratio[at]
        if learnt + lag[place] < len(axis.dates):
            split[learnt + lag[place], place] *= held / state.get(key, 1.0)
        state[key] = held
    for (place, there, _), value in paid.items():
        if there + lag[place] < len(axis.dates):
            dividend[there + lag[place], place] += value


def _tell(
    reader: AsOfReader, telling: Telling, happened: pl.DataFrame, troubled: pl.DataFrame, foreign: pl.DataFrame,
    names: Mapping[int, Named],
) -> None:  # fmt: skip
    import polars as pl

    is_split = pl.col("kind") == "split"
    estimated = int(happened["known_basis"].str.starts_with("estimated").sum())
    telling.table("actions", reader.reads, estimated)
    telling.fact("splits", happened.filter(is_split).height)
    dividends = happened.filter(~is_split & pl.col("amount").is_not_null())
    telling.fact("dividends", dividends.height)
    unpaid = dividends.filter(pl.col("pay_date").is_null()).height
    telling.fact("dividends without a pay date, paid on the ex-date", unpaid)
    late = troubled.select("security_id", "kind", "ex_date").unique().height
    telling.fact("actions known or corrected after their ex-date", late)
    if late:
        telling.note(
            f"{late:,} splits or dividends became known, or were corrected, only after their ex-date: the account "
            "books them on it, decisions know them from when they were told.",
            "warning",
        )
    if foreign.height:
        who = sorted({names[number].ticker for number in foreign["security_id"].unique().to_list()})
        count = foreign.select("security_id", "ex_date").unique().height
        telling.fact("dividends in another currency, left out", count)
        telling.note(
            f"{count:,} dividends of {some(who)} are in another currency than the prices: they are left out.",
            "warning",
        )
