"""Bars of a run as traded, out of the store: open, high, low, close and volume by session and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.runs.known import FIELDS, Grid, in_time, instants, late, numbers
from engine.runs.market_days import Axis, Days
from engine.runs.market_told import Telling, some

if TYPE_CHECKING:
    import polars as pl

    from engine.runs.listed import Named
    from store.reader import AsOfReader

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_BASES = ("close", "fixing", "adjusted")
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of ``bars``, and of ``closes`` for securities without bars, each of one basis: ``basis`` by id."""

    bars: pl.DataFrame
    closes: pl.DataFrame
    basis: Mapping[int, str]
    ids: tuple[int, ...]

    @property
    def dates(self) -> Days:
        parts = [each["session_date"] for each in (self.bars, self.closes) if each.height]
        days = [each.unique().sort().to_numpy().astype("datetime64[D]") for each in parts]
        return days[0] if len(days) == 1 else np.union1d(*days)

    @property
    def adjusted(self) -> tuple[int, ...]:
        return tuple(number for number, basis in self.basis.items() if basis == "adjusted")


def read(
    reader: AsOfReader, ids: Sequence[int], first: date | None, start: date | None, end: date | None, telling: Telling
) -> Rows:  # fmt: skip
    """Rows from ``first`` to ``end`` of those that have any from ``start`` on, in the order of ``ids``."""
    import polars as pl

    wanted = tuple(sorted(set(ids)))
    telling.step(0, 3, "reading prices")
    bars = reader.narrow("bars", wanted, first, end, FIELDS)
    estimated = _estimated(reader, bars)
    bars = _reaching(bars, start)
    there = set(bars["security_id"].unique().to_list())
    without = tuple(number for number in wanted if number not in there)
    telling.step(1, 3, "reading prices")
    if not without:
        telling.table("bars", reader.reads, estimated)
        return Rows(bars, bars.clear(), {}, tuple(dict.fromkeys(ids)))
    single = _reaching(reader.rows("closes", without, first, end, columns=("close",)), start)
    chosen = _chosen(single)
    pairs = pl.DataFrame(
        {"security_id": list(chosen), "basis": list(chosen.values())},
        schema={"security_id": pl.Int64, "basis": pl.String},
    )
    single = single.join(pairs, on=["security_id", "basis"], how="semi", maintain_order="left")
    telling.table("bars", reader.reads, estimated)
    if single.height:
        telling.table("closes", reader.reads, int(single["known_basis"].str.starts_with("estimated").sum()))
    there |= set(chosen)
    return Rows(bars, single, chosen, tuple(number for number in dict.fromkeys(ids) if number in there))


def days(
    reader: AsOfReader, rows: Rows, names: Mapping[int, Named], first: date | None, end: date | None
) -> Days:
    """Dates with a bar, ascending. Of securities without an exchange calendar also those whose bar was withdrawn
    after the decision that it was known for: no calendar tells that they were sessions, and windows would move."""
    found = rows.dates
    loose = [number for number in rows.ids if not names[number].calendar]
    for name, own in (
        ("bars", [number for number in loose if number not in rows.basis]),
        ("closes", [number for number in loose if number in rows.basis]),
    ):
        gone = reader.withdrawn(name, tuple(own), first, end) if own else None
        if gone is None or gone.is_empty():
            continue
        told = _versions(reader, name, set(gone["security_id"].to_list()), rows, first, end)
        told = told.filter(~told["deleted"])
        dates = told["session_date"].to_numpy().astype("datetime64[D]")
        known = instants(told) <= (dates.astype(np.int64) + 1) * _DAY
        found = np.union1d(found, dates[known & (dates <= found[-1])])
    return found


def _reaching(frame: pl.DataFrame, start: date | None) -> pl.DataFrame:
    """Rows of the securities that have one on ``start`` or later."""
    import polars as pl

    if start is None or frame.is_empty():
        return frame
    newest = frame.group_by("security_id").agg(pl.col("session_date").max())
    short = newest.filter(pl.col("session_date") < start)["security_id"]
    return frame.filter(~pl.col("security_id").is_in(short.implode())) if len(short) else frame


def _estimated(reader: AsOfReader, frame: pl.DataFrame) -> int:
    """How many rows have a known_at that some rule estimates."""
    if "known_basis" in frame.columns:
        return int(frame["known_basis"].str.starts_with("estimated").sum())
    bases = reader.reads[-1].bases
    return frame.height if any(each.startswith("estimated") for each in bases) else 0


def _chosen(closes: pl.DataFrame) -> dict[int, str]:
    """By security the basis that its closes are taken of: as published before adjusted."""
    found: dict[int, str] = {}
    for number, basis in (
        closes.select("security_id", "basis").unique().sort("security_id", "basis").iter_rows()
    ):
        held = found.get(number)
        if held is None or _BASES.index(basis) < _BASES.index(held):
            found[number] = basis
    return found


@dataclass(frozen=True, slots=True)
class Prices:
    """Fields as known at the clock, and as decisions knew them: the same object where they knew the same."""

    traded: dict[str, Floats]
    seen: dict[str, Floats]
    lag: Ints


def prices(
    reader: AsOfReader, rows: Rows, names: Mapping[int, Named], ids: Ints, axis: Axis, telling: Telling
) -> Prices:
    """Matrices (n, k) of the rows that fall on the axis."""
    telling.step(2, 3, "reading prices")
    frames = [rows.bars] if rows.bars.height else []
    frames += [_as_bars(rows.closes)] if rows.closes.height else []
    grids = [Grid.of(frame, ids, axis) for frame in frames]
    traded = {
        name: _joined([g.matrix(numbers(f, name)) for f, g in zip(frames, grids, strict=True)])
        for name in FIELDS
    }
    first, last = axis.dates[0].item(), axis.dates[-1].item()
    touched: dict[str, set[int]] = {"bars": set(), "closes": set()}
    for frame, grid in zip(frames, grids, strict=True):
        name = "closes" if "basis" in frame.columns else "bars"
        of_late = frame["security_id"].to_numpy()[late(frame, grid, axis)]
        gone = reader.withdrawn(name, tuple(frame["security_id"].unique().to_list()), first, last)
        touched[name] |= {*np.unique(of_late).tolist(), *gone["security_id"].to_list()}
    seen, lag = traded, np.zeros(len(ids), dtype=np.int64)
    counts = [0, 0]
    for name, own in touched.items():
        if not own:
            continue
        found = in_time(_versions(reader, name, own, rows, first, last), ids, axis, seen)
        seen, lag = found.values, np.maximum(lag, found.lag)
        counts = [counts[0] + found.unknown, counts[1] + found.kept_out]
    telling.fact("bars known too late for the decision after their session", counts[0])
    telling.fact("corrections kept out of earlier decisions", counts[1])
    _tell_lag(lag, ids, names, counts, telling)
    scaled = _rebased(traded, rows, ids)
    return Prices(scaled, scaled if seen is traded else _rebased(seen, rows, ids), lag)


def _as_bars(closes: pl.DataFrame) -> pl.DataFrame:
    """Closes as bars of one price, without volume."""
    import polars as pl

    same = [pl.col("close").alias(name) for name in ("open", "high", "low")]
    return closes.with_columns(*same, pl.lit(None, pl.Int64).alias("volume"))


def _joined(parts: list[Floats]) -> Floats:
    """Matrices of different columns as one."""
    found = parts[0]
    for part in parts[1:]:
        found = np.where(np.isfinite(found), found, part)
    return found


def _versions(
    reader: AsOfReader, name: str, own: set[int], rows: Rows, first: date | None, last: date | None
) -> pl.DataFrame:
    import polars as pl

    found = reader.vintages(name, tuple(sorted(own)), first, last)
    if name == "bars":
        return found
    basis = pl.col("security_id").replace_strict(rows.basis, default="", return_dtype=pl.String)
    return _as_bars(found.filter(pl.col("basis") == basis))


def _rebased(fields: dict[str, Floats], rows: Rows, ids: Ints) -> dict[str, Floats]:
    """Vendor-adjusted closes as 100 at their first session: the vendor's level holds later dividends."""
    columns = np.flatnonzero(np.isin(ids, np.array(rows.adjusted, dtype=np.int64)))
    if not len(columns):
        return fields
    found = {name: np.array(values.T, order="C").T for name, values in fields.items()}
    for column in columns.tolist():
        told = found["close"][:, column]
        held = told[np.isfinite(told)]
        for name in ("open", "high", "low", "close"):
            found[name][:, column] *= 100.0 / held[0] if len(held) else 1.0
    return found


def _tell_lag(lag: Ints, ids: Ints, names: Mapping[int, Named], counts: list[int], telling: Telling) -> None:
    for column in np.flatnonzero(lag).tolist():
        telling.note(
            f"{names[int(ids[column])].ticker} is published days after its session: decisions see each value "
            f"{int(lag[column])} sessions later, and still fill at the price of their own day."
        )
    if counts[0] or counts[1]:
        telling.note(
            f"{counts[0]:,} bars were known too late for the decision after their session, {counts[1]:,} corrections "
            "came after it: decisions go without them, fills and marks are at what truly traded."
        )


def positive(fields: dict[str, Floats], telling: Telling) -> dict[str, Floats]:
    """Without bars that have a price of 0 or less: no weight can be held of them."""
    with np.errstate(invalid="ignore"):
        bad = (fields["close"] <= 0) | (fields["open"] <= 0)
    if not bad.any():
        return fields
    telling.note(
        f"{int(bad.sum()):,} bars have a price of 0 or less and count as missing: no weight of the account can be "
        "held at such a price.",
        "warning",
    )
    return {name: np.where(bad, np.nan, values) for name, values in fields.items()}


def nothing(
    ids: Sequence[int], names: Mapping[int, Named], start: date | None, end: date | None
) -> DataError:
    """What to say where nobody has a price."""
    when = f" from {start}" if start else ""
    when += f" to {end}" if end else ""
    who = some([names[number].ticker for number in ids])
    return DataError(
        f"No price of {who} is known at this clock{when}. DATA shows what the store holds; BACKFILL fetches prices."
    )
