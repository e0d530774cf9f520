"""A root's contracts and bars out of the store: as they traded, and as decisions knew them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.backtest.futures import Board, Contract
from engine.errors import DataError
from engine.runs.market_told import Telling, some

if TYPE_CHECKING:
    import polars as pl

    from store.reader import AsOfReader

Floats = NDArray[np.float64]
_PANELS = ("open", "high", "low", "close", "settlement_price", "volume", "open_interest")
_NOON = (
    36 * 3_600_000_000
)  # a session's bars count as known by the noon (UTC) after it: the next one is then open
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Boards:
    """``traded``: the newest version of each bar; ``decided``: what was known in time, for signals and rolls."""

    traded: Board
    decided: Board


def read(
    reader: AsOfReader, root: int, ticker: str, first: date | None, end: date | None, multiplier: float | None,
    on_closes: bool, telling: Telling,
) -> Boards:  # fmt: skip
    """Bars from ``first`` to ``end`` and the terms of their contracts.

    Raises
    ------
    DataError
        There are no bars, no terms, no multiplier, several currencies, or no settlement prices.
    """
    import polars as pl

    telling.step(0, 3, "reading contracts")
    bars = reader.rows("futures_bars", (root,), first, end)
    if bars.is_empty():
        when = f" from {first}" if first else ""
        raise DataError(
            f"No bars of {ticker}'s contracts are known at this clock{when}. asof import --table futures_bars brings "
            "them, and --table futures_contracts their terms."
        )
    terms = reader.rows("futures_contracts", (root,)).sort("delivery_month", "contract")
    traded_names = set(bars["contract"].unique().to_list())
    terms = terms.filter(pl.col("contract").is_in(list(traded_names))).unique(
        "contract", keep="last", maintain_order=True
    )
    unknown = sorted(traded_names - set(terms["contract"].to_list()))
    if terms.is_empty():
        raise DataError(
            f"The terms of {ticker}'s contracts (last trade, multiplier) are not in the store. asof import --table "
            "futures_contracts brings them."
        )
    if unknown:
        telling.note(f"{some(unknown)}: bars without terms of the contract are left out.", "warning")
    contracts = _contracts(terms, ticker, multiplier, telling)
    telling.step(1, 3, "reading contracts")
    known = _in_time(reader.vintages("futures_bars", (root,), first, end))
    # a session whose bars were all withdrawn later was one to the decisions of its day
    told = [each["session_date"].to_numpy().astype("datetime64[D]") for each in (bars, known)]
    dates = np.unique(np.concatenate(told))
    traded = _board(bars, dates, contracts)
    _settled(traded, ticker, on_closes, telling)
    decided = _board(known, dates, contracts)
    _tell(reader, bars, traded, decided, telling)
    if on_closes:
        from dataclasses import replace

        traded = replace(traded, settle=traded.close)
    return Boards(traded, decided)


def _contracts(
    terms: pl.DataFrame, ticker: str, multiplier: float | None, telling: Telling
) -> tuple[Contract, ...]:
    rows = terms.to_dicts()
    without = [row["contract"] for row in rows if not (multiplier or row["multiplier"])]
    if without:
        raise DataError(
            f"{some(without)}: no multiplier is known, so that a price is no amount of money. Give one "
            "(multiplier), or import futures_contracts with the column."
        )
    currencies = sorted({row["currency"] for row in rows if row["currency"]})
    if len(currencies) > 1:
        raise DataError(
            f"{ticker}'s contracts are in several currencies ({', '.join(currencies)}): one is wanted."
        )
    vague = [row["contract"] for row in rows if row["settlement"] is None]
    if vague:
        telling.note(
            f"{len(vague)} contracts do not say how they are settled: they are left before their end, as physical "
            "ones are."
        )
    undated = [row["contract"] for row in rows if not (row["last_trade_date"] or row["first_notice_date"])]
    if undated:
        telling.note(
            f"{some(undated)}: no last trade or first notice; left before the month of delivery.", "warning"
        )
    return tuple(_contract(row, multiplier, currencies[0] if currencies else "USD") for row in rows)


def _contract(row: dict[str, Any], multiplier: float | None, currency: str) -> Contract:
    return Contract(
        row["contract"],
        np.datetime64(row["delivery_month"], "D"),
        float(multiplier or row["multiplier"]),
        currency,
        row["settlement"] or "physical",
        _day(row["last_trade_date"]),
        _day(row["first_notice_date"]),
        float(row["tick_size"] or 0.0),
    )


def _day(told: date | None) -> np.datetime64:
    return np.datetime64("NaT", "D") if told is None else np.datetime64(told, "D")


def _board(bars: pl.DataFrame, dates: NDArray[np.datetime64], contracts: Sequence[Contract]) -> Board:
    """Bars scattered by session and contract."""
    import polars as pl

    places = {each.name: at for at, each in enumerate(contracts)}
    own = bars.filter(pl.col("contract").is_in(list(places)))
    down = np.searchsorted(dates, own["session_date"].to_numpy().astype("datetime64[D]"))
    across = np.array([places[name] for name in own["contract"].to_list()], dtype=np.int64)
    panels = []
    for name in _PANELS:
        panel = np.full((len(dates), len(contracts)), np.nan)
        panel[down, across] = own[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        panels.append(panel)
    return Board(dates, tuple(contracts), *panels)


def _in_time(versions: pl.DataFrame) -> pl.DataFrame:
    """Of each bar the newest version known by the noon after its session."""
    import polars as pl

    deadline = pl.col("session_date").to_physical().cast(pl.Int64) * _DAY + _NOON
    known = versions.filter(pl.col("known_at").to_physical() <= deadline)
    newest = known.unique(["session_date", "contract"], keep="last", maintain_order=True)
    return newest.filter(~pl.col("deleted"))


def _settled(board: Board, ticker: str, on_closes: bool, telling: Telling) -> None:
    there, settled = np.isfinite(board.close), np.isfinite(board.settle)
    if on_closes:
        telling.note(
            f"{ticker} is settled at each session's close, as was asked: not at settlement prices.", "warning"
        )
    elif not settled.any():
        raise DataError(
            f"No settlement prices of {ticker} are in the store, and variation margin is paid on them. Import "
            "futures_bars with settlement_price, or SETTLE=CLOSE settles at the closes."
        )
    elif missing := int((there & ~settled).sum()):
        telling.note(f"{missing:,} bars have no settlement price: their close stands in for it.", "warning")


def _tell(reader: AsOfReader, bars: pl.DataFrame, traded: Board, decided: Board, telling: Telling) -> None:
    estimated = int(bars["known_basis"].str.starts_with("estimated").sum())
    telling.table("futures_bars", reader.reads, estimated)
    telling.fact("contracts", len(traded.contracts))
    telling.fact(
        "decisions",
        "after the close of a session, on bars known by the noon (UTC) after it; contracts' terms as known at the "
        "clock; fills at the next session's open",
    )
    here, then = np.isfinite(traded.close), np.isfinite(decided.close)
    unknown = int((here & ~then).sum())
    corrected = int((here & then & (traded.close != decided.close)).sum())
    telling.fact("bars known too late for the decision after their session", unknown)
    telling.fact("corrections kept out of earlier decisions", corrected)
    if unknown or corrected:
        telling.note(
            f"{unknown:,} bars were known too late for the decision after their session, {corrected:,} corrections "
            "came after it: decisions go without them, fills and settlements are at what is known now."
        )
