"""A future's contracts as one series for charts: the contract held on each session, joined back from the newest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from engine.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from engine.context import Context
    from engine.page import SecurityRef
    from engine.runs._futures_roots import Lane

Rule = Literal["calendar", "volume", "open_interest"]
Join = Literal["ratio", "difference"]
_RULES: dict[Rule, str] = {
    "calendar": "{} sessions before a contract's end",
    "volume": "when the next contract has more volume, at the latest {} sessions before the end",
    "open_interest": "when the next contract has more open interest, at the latest {} sessions before the end",
}
_PRICES = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class Rolling:
    """When one contract is left for the next, and how their prices are joined; the defaults are a backtest's."""

    rule: Rule = "calendar"
    days: int = 5
    join: Join = "ratio"

    def told(self, joined: bool) -> str:
        """In words, for a title."""
        how = f"joined back from the newest by {self.join}" if joined else "contracts as traded, not joined"
        return f"{how}; rolled {_RULES[self.rule].format(self.days)}"

    def formula(self, joined: bool) -> str:
        """What a price drawn is made of."""
        if not joined:
            return "price of the contract held, as traded"
        if self.join == "ratio":
            return "price of the contract held x product of new / old closes of the later rolls"
        return "price of the contract held + sum of new - old closes of the later rolls"


def rolled(context: Context, ref: SecurityRef, rolling: Rolling, joined: bool) -> pl.DataFrame | None:
    """A row a session on which the contract to hold traded; None where no bars of contracts are known.

    Contracts are chosen as a backtest chooses them (``engine.backtest.futures.fronts``): on what was known in time.
    Prices are the newest versions at the clock. ``joined``: a roll's step (old close / new close, or their
    difference, of the last session that has both) is taken off what lies before it, so that the newest contract
    stands as it trades. ``split_factor`` is what a price was multiplied by, null where it was moved by a difference,
    which is ``moved``.

    Raises
    ------
    DataError
        The contracts' terms are not known, or they cannot be joined as asked.
    """
    held = context.reader.narrow("futures_bars", (ref.security_id,), None, None, ("close",))
    if held.is_empty():
        return None
    lane = _lane(context, ref, rolling)
    return _frame(ref, lane, rolling, joined)


def _lane(context: Context, ref: SecurityRef, rolling: Rolling) -> Lane:
    from engine.backtest.futures import Roll
    from engine.runs import _futures_roots
    from engine.runs.market_told import Telling

    try:
        (lane,) = _futures_roots.read(  # money plays no part in a chart: any multiplier does, and no settlements
            context.reader, (ref.security_id,), None, None, multiplier=1.0, on_closes=True,
            roll=Roll(rolling.rule, rolling.days), join=rolling.join, telling=Telling(stop=context.cancelled),
        )  # fmt: skip
    except ValueError as fault:
        raise DataError(f"{fault}.") from fault
    return lane


def _frame(ref: SecurityRef, lane: Lane, rolling: Rolling, joined: bool) -> pl.DataFrame:
    import numpy as np
    import polars as pl

    rows, held = np.arange(len(lane.front)), np.maximum(lane.front, 0)
    prices = {name: getattr(lane.traded, name)[rows, held] for name in _PRICES}
    known = (lane.front >= 0) & np.isfinite(prices["close"])
    factor, moved = np.ones(len(rows)), np.zeros(len(rows))
    if joined and known.any():
        total, last = _total(lane, rolling), int(np.flatnonzero(known)[-1])
        if rolling.join == "ratio":
            factor = total / total[last]
        else:
            moved = total - total[last]
    names = np.array([each.name for each in lane.traded.contracts])[held]
    columns = {"session_date": lane.traded.dates.astype("datetime64[D]"), "contract": names}
    columns |= {name: values * factor + moved for name, values in prices.items()}
    columns["volume"] = lane.traded.volume[rows, held]
    columns["split_factor"] = np.where(moved == 0.0, factor, np.nan)
    columns["moved"] = moved
    frame = pl.DataFrame({name: values[known] for name, values in columns.items()})
    frame = frame.with_columns(pl.col(pl.Float64).fill_nan(None))
    return frame.with_columns(
        security_id=pl.lit(ref.security_id, pl.Int64), dividend_factor=pl.lit(1.0), volume_factor=pl.lit(1.0)
    )


def _total(lane: Lane, rolling: Rolling) -> np.ndarray:
    """What the signals' series has been multiplied by, or moved by, since its first contract."""
    import numpy as np

    if rolling.join == "ratio":
        return np.asarray(1.0 / lane.unit)
    rows, held = np.arange(len(lane.front)), np.maximum(lane.front, 0)
    moved = lane.series.close[:, 0] - lane.decided.close[rows, held]
    known = np.flatnonzero(np.isfinite(moved))
    if not len(known):
        return np.zeros(len(rows))
    after = np.searchsorted(known, rows, side="right") - 1
    return np.asarray(moved[known[np.maximum(after, 0)]])


def rolls(frame: pl.DataFrame) -> list[tuple[date, str, str]]:
    """Sessions of ``frame`` (with ``contract``) that hold another contract than the one before: day, old, new."""
    days, names = frame["session_date"].to_list(), frame["contract"].to_list()
    return [
        (day, old, new) for day, old, new in zip(days[1:], names[:-1], names[1:], strict=True) if old != new
    ]
