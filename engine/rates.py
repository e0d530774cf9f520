"""Risk-free rates and factor returns as known at the clock, on the dates that other returns end on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.errors import DataError
from engine.page import SecurityRef
from engine.returns import PERIODS_PER_YEAR, Step

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from engine.context import Context

_CARRIED = 45  # days that a rate still stands for after its own date


@dataclass(frozen=True, slots=True)
class RiskFree:
    """Rates per period, a fraction each, float64 (n,); and where they come from, in words."""

    values: NDArray[np.float64]
    source: str

    def annual(self, step: Step) -> float:
        """The mean rate a year, simple."""
        return float(self.values.mean() * PERIODS_PER_YEAR[step]) if len(self.values) else 0.0


@dataclass(frozen=True, slots=True)
class FactorPanel:
    """Factor returns (fractions). ``dates`` (n,) are those of the dates asked for on which all are known."""

    names: tuple[str, ...]
    refs: tuple[SecurityRef, ...]
    dates: NDArray[np.datetime64]
    values: NDArray[np.float64]  # (n, len(names))
    rows: NDArray[np.int64]  # (n,) places of ``dates`` among the dates asked for
    source: str


def risk_free(context: Context, dates: NDArray[np.datetime64], frequency: Step = "daily") -> RiskFree:
    """The risk-free rate of each period that ends on one of ``dates``.

    Taken, in this order: the one-month bill of the factor library (RF), the three-month yield of the Treasury's
    curve, three-month bills as observed. After a series' last value that value stands; where nothing is known the
    rate is zero, and a note says so.
    """
    import numpy as np

    for find in (_of_library, _of_curve):
        found = find(context, dates, frequency)
        if found is not None:
            return found
    context.note("No risk-free rate is known at this clock: it is taken as zero.", "warning")
    return RiskFree(np.zeros(len(dates)), "zero: no rate is known")


def factor_returns(
    context: Context, names: Sequence[str], dates: NDArray[np.datetime64], frequency: Step
) -> FactorPanel:
    """Factors by ticker (MKTRF SMB HML ...) on the dates of others' returns.

    Daily and monthly values are those of the library; weekly ones its days compounded. A factor's month is
    matched by calendar month.

    Raises
    ------
    DataError
        A factor is unknown at the clock, or shares no date with ``dates``.
    """
    import numpy as np
    import polars as pl

    refs = tuple(_factor(context, name) for name in names)
    table = None
    for name, ref in zip(names, refs, strict=True):
        column = factor_series(context, ref, frequency).rename({"value": name})
        table = column if table is None else table.join(column, on="session_date", how="inner")
    if table is None or table.is_empty():
        raise DataError(f"{', '.join(names)} have no {frequency} returns at this clock.")
    asked = pl.DataFrame({"asked": dates}).with_columns(pl.col("asked").cast(pl.Date)).with_row_index("row")
    key = pl.col("asked").dt.month_end() if frequency == "monthly" else pl.col("asked")
    table = table.with_columns(
        (pl.col("session_date").dt.month_end() if frequency == "monthly" else pl.col("session_date")).alias(
            "key"
        )
    ).drop("session_date")
    if frequency == "weekly":
        joined = _compounded(table, asked, list(names))
    else:
        joined = asked.with_columns(key.alias("key")).join(table, on="key", how="inner").sort("row")
    joined = joined.drop_nulls()
    if joined.is_empty():
        raise DataError(
            f"The {frequency} factors {', '.join(names)} share no date with these returns. Their library is "
            "published with a delay: take a longer range, or FREQUENCY=MONTHLY."
        )
    rows = joined["row"].to_numpy().astype(np.int64)
    values = joined.select(names).to_numpy().astype(np.float64)
    told = f"{', '.join(names)}, {frequency}, known up to {dates[rows[-1]]}"
    return FactorPanel(tuple(names), refs, dates[rows], values, rows, told)


def factor_series(context: Context, ref: SecurityRef, frequency: Step) -> pl.DataFrame:
    """A factor's returns as fractions: session_date, value. Daily ones also serve weeks."""
    import polars as pl

    wanted = "month" if frequency == "monthly" else "day"
    rows = context.reader.rows("factor_returns", [ref.security_id]).filter(pl.col("frequency") == wanted)
    if rows.height:
        return rows.select("session_date", "value").sort("session_date")
    values = context.reader.observations([ref.security_id])
    if values.height and frequency == "monthly":
        return values.select(pl.col("period_date").alias("session_date"), pl.col("value") / 100.0).sort(
            "session_date"
        )
    return values.select(pl.col("period_date").alias("session_date"), "value").head(0)


def _compounded(table: pl.DataFrame, asked: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Days compounded to the spans that end on the dates asked for; a span lasts eight days at most."""
    import polars as pl

    spans = asked.with_columns(
        pl.coalesce(pl.col("asked").shift(1), pl.col("asked") - pl.duration(days=7)).alias("after")
    )
    # a span that the library covers in part only is none
    first, last = table["key"].min(), table["key"].max()
    spans = spans.filter((pl.col("asked") <= last) & (pl.col("after") >= first - timedelta(days=4)))  # type: ignore[operator]
    days = table.sort("key").join_asof(
        spans.sort("asked"), left_on="key", right_on="asked", strategy="forward", tolerance="8d"
    )
    inside = days.filter(pl.col("row").is_not_null() & (pl.col("key") > pl.col("after")))
    return (
        inside.group_by("row", maintain_order=True)
        .agg(pl.col("asked").first(), *((pl.col(name) + 1.0).product() - 1.0 for name in names))
        .sort("row")
    )


def _factor(context: Context, name: str) -> SecurityRef:
    from engine.securities import UnknownSecurity

    for market in ("MACRO", "INDEX", ""):
        try:
            ref = context.directory.resolve(name, market).security.ref
        except UnknownSecurity:
            continue
        if ref.asset_class == "factor":
            return ref
    raise DataError(
        f"The factor {name} is not known at this clock. The store holds those of the factor library once "
        f"BACKFILL {name} has fetched them."
    )


def _of_library(context: Context, dates: NDArray[np.datetime64], frequency: Step) -> RiskFree | None:
    import numpy as np

    try:
        ref = _factor(context, "RF")
    except DataError:
        return None
    steps: tuple[Step, ...] = ("monthly",) if frequency == "monthly" else ("daily", "monthly")
    for held in steps:
        series = factor_series(context, ref, held)
        if series.is_empty():
            continue
        days = series["session_date"].to_numpy().astype("datetime64[D]")
        if held == "monthly":  # a month's rate stands from its first day
            days = days.astype("datetime64[M]").astype("datetime64[D]")
        scale = PERIODS_PER_YEAR[held] / PERIODS_PER_YEAR[frequency]
        per_period = np.expm1(np.log1p(series["value"].to_numpy()) * scale)
        return _standing(context, days, per_period, dates, f"RF of the factor library, {held}")
    return None


def _of_curve(context: Context, dates: NDArray[np.datetime64], frequency: Step) -> RiskFree | None:
    import numpy as np
    import polars as pl

    curve = next((s.ref for s in context.directory if s.ref.market == "GOVT" and s.ref.ticker == "UST"), None)
    if curve is None or not len(dates):
        return None
    first: date = dates[0].astype(object)
    rows = context.reader.rows("yield_curves", [curve.security_id], first - timedelta(days=_CARRIED), None)
    rows = rows.filter(pl.col("tenor") == "3M").sort("session_date")
    if rows.is_empty():
        return None
    per_period = np.expm1(np.log1p(rows["rate"].to_numpy()) / PERIODS_PER_YEAR[frequency])
    days = rows["session_date"].to_numpy().astype("datetime64[D]")
    return _standing(context, days, per_period, dates, "3-month Treasury par yield")


def _standing(
    context: Context,
    days: NDArray[np.datetime64],
    rates: NDArray[np.float64],
    dates: NDArray[np.datetime64],
    told: str,
) -> RiskFree | None:
    """The rate that stood on each date; None where none stood on the first."""
    import numpy as np

    places = np.searchsorted(days, dates, side="right") - 1
    if not len(dates) or places[0] < 0:
        return None
    age = int((dates[-1] - days[places[-1]]).astype(int))
    if age > _CARRIED:
        context.note(f"Risk-free rate: the last one known ({told}) is of {days[places[-1]]}; it stands on.")
    return RiskFree(rates[places], told)
