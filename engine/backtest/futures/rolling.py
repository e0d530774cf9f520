"""Which contract each session holds: decided on the close of the session before, taken up at the open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.backtest.futures.board import Board, Contract, Days

Ints = NDArray[np.int64]
RULES = ("calendar", "volume", "open_interest")


@dataclass(frozen=True, slots=True)
class Roll:
    """``calendar``: left at the open of the session ``days`` sessions before its end (last trade or first notice);
    ``volume``, ``open_interest``: as soon as a later contract had more of it, never back, by the calendar at the
    latest. ``days`` 0: a cash-settled one is held to its last settlement; a physical one is left at the open of the
    session before its end whatever is said."""

    rule: Literal["calendar", "volume", "open_interest"] = "calendar"
    days: int = 5

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(f"A roll is by {', '.join(RULES)}, not by {self.rule!r}")
        if self.days < 0:
            raise ValueError(f"A roll is 0 or more sessions before a contract's end, not {self.days}")


def leaving(contract: Contract, days: int, sessions: Days) -> np.datetime64:
    """The first session on which a contract is held no more. ``sessions``: the exchange's, ascending."""
    if contract.settlement == "physical":
        days = max(days, 1)
    if days == 0:
        return contract.end + np.timedelta64(1, "D")
    place = int(np.searchsorted(sessions, contract.end)) - days
    found: np.datetime64 = sessions[place] if place >= 0 else sessions[0] - np.timedelta64(1, "D")
    return found


def weekdays(board: Board) -> Days:
    """Stands in for an exchange's calendar: weekdays from a quarter before the board to its last end."""
    last = max([board.dates[-1], *(each.end for each in board.contracts)]) + np.timedelta64(10, "D")
    days = np.arange(
        board.dates[0].astype("datetime64[D]") - np.timedelta64(92, "D"), last.astype("datetime64[D]")
    )
    found: Days = days[np.is_busday(days)]
    return found


def fronts(board: Board, roll: Roll, sessions: Days | None = None) -> Ints:
    """Places (n,) of the contract that each session holds from its open on, -1 where none can be.

    Row t uses rows before t and dates that contracts' terms set in advance; the first session goes by its own list.
    Without a successor a contract is held as long as it may be (``days`` 0).
    """
    calendar = weekdays(board) if sessions is None else sessions
    leave = np.array([leaving(each, roll.days, calendar) for each in board.contracts], dtype="datetime64[D]")
    last = np.array([leaving(each, 0, calendar) for each in board.contracts], dtype="datetime64[D]")
    listed = np.logical_or.accumulate(np.isfinite(board.close), axis=0)
    figures = board.open_interest if roll.rule == "open_interest" else board.volume
    found = np.full(len(board.dates), -1, dtype=np.int64)
    current = -1
    stays = _stays(board, listed, leave, last) if roll.rule == "calendar" else None
    for row, day in enumerate(board.dates):
        if stays is not None and stays[row]:
            found[row] = found[row - 1]
            continue
        before = max(row - 1, 0)
        open_ = listed[before] & (leave > day)
        open_[: max(current, 0)] = False
        if open_.any():
            current = _chosen(open_, figures[before], current, roll)
        elif current >= 0 and last[current] <= day:
            found[row] = -1
            continue
        found[row] = current
    return found


def _stays(
    board: Board, listed: NDArray[np.bool_], leave: NDArray[np.datetime64], last: NDArray[np.datetime64]
) -> list[bool]:
    """Sessions (n,) on which nothing that the calendar goes by differs from the session before."""
    days = board.dates[:, None]
    known = np.vstack([listed[:1], listed[:-1]])
    told = np.hstack([known & (leave > days), last > days])
    found: list[bool] = [False, *(told[1:] == told[:-1]).all(axis=1).tolist()]
    return found


def _chosen(open_: NDArray[np.bool_], figures: NDArray[np.float64], current: int, roll: Roll) -> int:
    nearest = int(np.argmax(open_))
    if roll.rule == "calendar":
        return nearest
    base = current if current >= 0 and open_[current] else nearest
    known = np.where(open_ & np.isfinite(figures), figures, -1.0)
    known[:base] = -1.0
    best = int(np.argmax(known))
    return best if known[best] > max(known[base], 0.0) else base
