"""Continuous futures: which contract each session holds, and its prices joined unadjusted, by difference or ratio.

A roll is decided before the session that it takes effect in, on rows of earlier sessions and on dates that a
contract's terms set in advance: leaving out later rows never changes an earlier choice. Adjusted levels do
change with every roll to come: they are for signals as of the last session given, never prices that traded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = [
    "continuous",
    "schedule",
]

Rule: TypeAlias = Literal["calendar", "volume", "open_interest"]
Method: TypeAlias = Literal["none", "difference", "ratio"]
PRICES = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class _Board:
    """Sessions by contracts, contracts in order of delivery. ``figures`` NaN where there is no row."""

    sessions: np.ndarray  # datetime64[D], shape (n,)
    contracts: tuple[str, ...]
    deadlines: np.ndarray  # datetime64[D], shape (k,): the first day on which a contract is held no more
    figures: np.ndarray  # float64, shape (n, k)
    listed: np.ndarray  # bool, shape (n, k): a bar on this session or before


def schedule(
    bars: pl.DataFrame, contracts: pl.DataFrame, rule: Rule = "calendar", *, days: int = 5
) -> pl.DataFrame:
    """The contract that each session holds.

    Parameters
    ----------
    bars : session_date, contract, volume, open_interest
    contracts : contract, delivery_month, first_notice_date, last_trade_date (dates may be null)
    rule : ``calendar``: the nearest contract, left ``days`` calendar days before its last trade or first notice,
        whichever comes first. ``volume``, ``open_interest``: the nearest until, on the session before, a later one
        had more; never back; and by the calendar at the latest.

    Returns
    -------
    session_date, contract, rolled (the first session of another contract than the session before). Sessions
    on which no contract can be held are left out.
    """
    import polars as pl

    if rule not in ("calendar", "volume", "open_interest"):
        raise ValueError(f"a roll rule is calendar, volume or open_interest, not {rule!r}")
    board = _board(bars, contracts, "volume" if rule == "calendar" else rule, days)
    held: list[int | None] = []
    current: int | None = None
    for at in range(len(board.sessions)):
        current = _choice(board, at, current, by_figures=rule != "calendar")
        held.append(current)
    frame = pl.DataFrame(
        {
            "session_date": board.sessions,
            "contract": [None if place is None else board.contracts[place] for place in held],
        },
        schema={"session_date": pl.Date, "contract": pl.String},
    ).drop_nulls("contract")
    rolled = (pl.col("contract") != pl.col("contract").shift(1)).fill_null(value=False)
    return frame.with_columns(rolled.alias("rolled"))


def _choice(board: _Board, at: int, current: int | None, *, by_figures: bool) -> int | None:
    """The contract of session ``at``, decided on what the session before told. The first session has none
    before it and goes by its own list."""
    import numpy as np

    before = max(at - 1, 0)
    open_ = board.listed[before] & (board.deadlines > board.sessions[at])
    if current is not None:
        open_[:current] = False  # never back to a nearer contract
    if not open_.any():
        return None if current is None or not _alive(board, at, current) else current
    nearest = int(np.argmax(open_))
    if not by_figures:
        return nearest
    base = current if current is not None and open_[current] else nearest
    figures = np.where(open_, board.figures[before], np.nan)
    figures[:base] = np.nan
    if np.isnan(figures).all():
        return base
    best = int(np.nanargmax(figures))
    own = figures[base]
    return best if np.isnan(own) or figures[best] > own else base


def _alive(board: _Board, at: int, place: int) -> bool:
    """Whether a contract without a successor may still be held: it is, until its deadline."""
    return bool(board.deadlines[place] > board.sessions[at])


def _board(bars: pl.DataFrame, contracts: pl.DataFrame, figure: str, days: int) -> _Board:
    import numpy as np
    import polars as pl

    ends = (
        contracts.unique("contract", keep="last", maintain_order=True)
        .sort("delivery_month", "contract")
        .with_columns(end=pl.min_horizontal("last_trade_date", "first_notice_date"))
        # of a contract whose terms name no day: the first of its month of delivery is early enough
        .with_columns(deadline=pl.coalesce("end", "delivery_month") - pl.duration(days=days))
    )
    names = tuple(ends["contract"].to_list())
    known = bars.filter(pl.col("contract").is_in(names)).unique(
        ["session_date", "contract"], keep="last", maintain_order=True
    )
    sessions = np.unique(known["session_date"].to_numpy().astype("datetime64[D]"))
    figures = np.full((len(sessions), len(names)), np.nan)
    rows = np.searchsorted(sessions, known["session_date"].to_numpy().astype("datetime64[D]"))
    place = {name: at for at, name in enumerate(names)}
    columns = np.array([place[name] for name in known["contract"].to_list()], dtype=np.int64)
    figures[rows, columns] = known[figure].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    there = np.zeros(figures.shape, dtype=bool)
    there[rows, columns] = True
    listed = np.logical_or.accumulate(there, axis=0) if len(sessions) else there
    return _Board(sessions, names, ends["deadline"].to_numpy().astype("datetime64[D]"), figures, listed)


def continuous(bars: pl.DataFrame, held: pl.DataFrame, method: Method = "none") -> pl.DataFrame:
    """The held contract's prices, one row a session with a bar of it.

    At a roll the old and the new contract's closes of the last session before it on which both have one give the
    step: ``new - old`` is added to all that is earlier (difference), or ``new / old`` multiplies it (ratio).

    Returns
    -------
    session_date, contract, open, high, low, close, volume, step (what adjusts this row in all), unmatched (a
    roll at this session found no session with both closes, and is not adjusted for)

    Raises
    ------
    ValueError
        A ratio at a close that is not above zero: oil was below it in April 2020.
    """
    import polars as pl

    if method not in ("none", "difference", "ratio"):
        raise ValueError(f"a series is joined by none, difference or ratio, not {method!r}")
    joined = held.select("session_date", "contract").join(
        bars.select("session_date", "contract", *PRICES, "volume").unique(
            ["session_date", "contract"], keep="last", maintain_order=True
        ),
        on=["session_date", "contract"],
        how="inner",
        maintain_order="left",
    )
    steps, unmatched = _steps(bars, joined, method)
    ratio = method == "ratio"
    frame = joined.with_columns(
        pl.Series("step", steps, pl.Float64), pl.Series("unmatched", unmatched, pl.Boolean)
    )
    # what all later rolls add to a row: from the end backwards, without the row's own
    later = pl.col("step").shift(-1)
    total = (
        later.log().fill_null(0.0).cum_sum(reverse=True).exp()
        if ratio
        else later.fill_null(0.0).cum_sum(reverse=True)
    )
    adjusted = [(pl.col(name) * total if ratio else pl.col(name) + total).alias(name) for name in PRICES]
    return frame.with_columns(*adjusted, total.alias("step"))


def _steps(bars: pl.DataFrame, joined: pl.DataFrame, method: Method) -> tuple[list[float], list[bool]]:
    """For each row the step of a roll that takes effect at it (0 or 1 where there is none)."""
    import math

    import polars as pl

    neutral = 1.0 if method == "ratio" else 0.0
    closes: dict[str, dict[date, float]] = {}
    for day, contract, close in (
        bars.filter(pl.col("close").is_finite()).select("session_date", "contract", "close").iter_rows()
    ):
        closes.setdefault(contract, {})[day] = close
    steps, unmatched = [], []
    before: str | None = None
    for day, contract in joined.select("session_date", "contract").iter_rows():
        step, missing = neutral, False
        if before is not None and contract != before and method != "none":
            old, new = closes.get(before, {}), closes.get(contract, {})
            both = [each for each in old.keys() & new.keys() if each < day]
            missing = not both
            if both:
                last = max(both)
                step = _step(old[last], new[last], method)
        if math.isnan(step):
            raise ValueError(
                f"the roll from {before} to {contract} has a close that is not above zero: join by difference"
            )
        steps.append(step)
        unmatched.append(missing)
        before = contract
    return steps, unmatched


def _step(old: float, new: float, method: Method) -> float:
    if method == "difference":
        return new - old
    return new / old if old > 0 and new > 0 else float("nan")
