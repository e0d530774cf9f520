"""What runs of futures, currencies and crypto share: what they tell, rates of currencies, short rates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.quant.crosses import crosses
from engine.runs.market_told import Telling
from engine.runs.wanted import Fact

if TYPE_CHECKING:
    from engine.backtest.inputs import Inputs
    from store.reader import AsOfReader

Floats: TypeAlias = NDArray[np.float64]
Days: TypeAlias = NDArray[np.datetime64]
_BEFORE = timedelta(days=10)  # a rate that stood when a run began
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Told:
    """Notes (sentence, level) for the page, facts by name for the list of inputs, what rules decided on, and what
    changed hands of each symbol a session in the account's money (n, k), where volume x close is not that."""

    notes: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, Fact], ...] = ()
    inputs: Inputs | None = None
    traded: Floats | None = None

    @classmethod
    def of(cls, telling: Telling, inputs: Inputs | None = None, traded: Floats | None = None) -> Told:
        return cls(tuple(telling.notes), tuple(telling.facts), inputs, traded)


def pairs_of(reader: AsOfReader) -> dict[str, int]:
    """Currency pairs of the store by ticker: EURUSD."""
    import polars as pl

    rows = reader.securities(None).filter(pl.col("market") == "CURNCY").sort("security_id", "valid_from")
    return {
        ticker: number
        for number, ticker in rows.select("security_id", "ticker").iter_rows()
        if len(ticker) == 6 and ticker.isalpha()
    }


def fixings(
    reader: AsOfReader, codes: Collection[str], account: str, dates: Days, traded: Collection[str] = ()
) -> dict[str, Floats]:
    """Rates by pair (n,), last known on or before each session, of the pairs that lead from currencies to the
    account's over the fewest steps; pairs that are ``traded`` need none.

    Raises
    ------
    DataError
        No pairs of the store lead there, or they have no rate by the first session.
    """
    held = pairs_of(reader)
    wanted = [account, *sorted(set(codes) - {account})]
    found = crosses(dict.fromkeys((*traded, *held), 1.0), wanted)
    missing = [code for code in wanted[1:] if (code, account) not in found]
    if missing:
        raise DataError(
            f"No pair in the store leads from {', '.join(missing)} to {account}, the account's currency. FXIP ALL "
            "lists the pairs that there are; BACKFILL fetches more."
        )
    needed = {pair for code in wanted[1:] for pair in found[code, account].pairs} - set(traded)
    return {pair: _rates(reader, held[pair], pair, dates) for pair in sorted(needed)}


def _rates(reader: AsOfReader, number: int, pair: str, dates: Days) -> Floats:
    import polars as pl

    first, last = dates[0].astype("datetime64[D]").item() - _BEFORE, dates[-1].astype("datetime64[D]").item()
    bars = reader.narrow("bars", (number,), first, last, ("close",))
    rows = bars if bars.height else reader.closes((number,), first, last)
    rows = rows.filter(pl.col("close").is_finite()).unique("session_date", keep="last").sort("session_date")
    days = rows["session_date"].to_numpy().astype("datetime64[D]")
    places = np.searchsorted(days, dates.astype("datetime64[D]"), side="right") - 1
    if not len(days) or places[0] < 0:
        raise DataError(
            f"{pair} has no rate by {dates[0]}, where the run begins: start later, or fetch it with BACKFILL {pair}."
        )
    found: Floats = rows["close"].to_numpy()[places].astype(np.float64)
    return found


def short_rates(reader: AsOfReader, given: Mapping[str, float | int], dates: Days) -> dict[str, Floats]:
    """Rates a year by currency (n,), as fractions: a number stands throughout, an id (int) is a series of
    observations, of which each session has the latest period that was known by its end.

    Raises
    ------
    DataError
        A series has nothing known, or is not in percent or fractions a year.
    """
    found = {}
    for code, each in given.items():
        if isinstance(each, int):
            found[code] = _known_rates(reader, each, code, dates)
        else:
            found[code] = np.full(len(dates), float(each))
    return found


def _known_rates(reader: AsOfReader, number: int, code: str, dates: Days) -> Floats:
    import polars as pl

    named = reader.securities((number,)).sort("valid_from")
    unit = (named["unit"][-1] or "").lower() if named.height else ""
    if not unit.startswith(("percent", "fraction")):
        raise DataError(
            f"The short rate of {code} is to be in percent or fractions a year, not in {unit or 'nothing'}."
        )
    rows = (
        reader.vintages("observations", (number,)).filter(~pl.col("deleted")).sort("known_at", "period_date")
    )
    period, known, value = rows["period_date"], rows["known_at"].to_physical().to_numpy(), rows["value"]
    newest: date | None = None
    times: list[int] = []
    values: list[float] = []
    for day, at, rate in zip(period.to_list(), known.tolist(), value.to_list(), strict=True):
        if rate is not None and (newest is None or day >= newest):
            newest = day
            times.append(at)
            values.append(rate)
    if not values:
        raise DataError(f"The series given as the short rate of {code} has nothing known at this clock.")
    ends = (dates.astype("datetime64[D]").astype(np.int64) + 1) * _DAY
    places = np.searchsorted(np.array(times), ends, side="right") - 1
    found: Floats = np.where(places >= 0, np.array(values)[np.maximum(places, 0)], np.nan)
    return found / (100.0 if unit.startswith("percent") else 1.0)


def most_margin(margin: Floats, equity: Floats) -> str:
    """The largest share of the equity that positions required at a close."""
    there = equity > 0
    return f"{float((margin[there] / equity[there]).max(initial=0.0)):.1%} of equity"


def aligned(values: Floats, own: Days, dates: Days) -> Floats:
    """A series of some days on others, NaN where it has none."""
    found: Floats = np.full(len(dates), np.nan)
    found[np.searchsorted(dates, own)] = values
    return found
