"""Prices of a whole universe, read at once: panels up to the last session on which any of it traded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.context import Context
    from engine.quant.screener import Field, Panels

    Floats = NDArray[np.float64]
    Days = NDArray[np.datetime64]

_SPARE = 30  # sessions beyond what fields need, for gaps


def panels(
    context: Context, ids: Sequence[int], fields: Sequence[Field], day: date | None = None
) -> tuple[Panels, date | None]:
    """Panels for ``fields`` of group "price" up to ``day``, or to the last on which any of them has a price, and that
    day (None where no price is known)."""
    import numpy as np

    from engine.quant.screener import Panels

    count = max([each.sessions for each in fields], default=0) + _SPARE
    needs = {need for each in fields for need in each.needs}
    days = _days(context, count, day or context.reader.last_session())
    closes, totals = _levels(context, ids, days, total="total" in needs)
    if day is None:
        if not (np.isfinite(closes[-5:]).any() or np.isfinite(totals[-5:]).any()):
            last = _newest(context, ids)
            if last is None:
                none = np.full((0, len(ids)), np.nan)
                return Panels(none, none, none, none, np.empty(0), np.full(len(ids), np.nan)), None
            days = _days(context, count, last)
            closes, totals = _levels(context, ids, days, total="total" in needs)
        held = np.isfinite(closes) | np.isfinite(totals)
        end = int(np.flatnonzero(held.any(axis=1))[-1]) + 1
        days, closes, totals = days[:end], closes[:end], totals[:end]
    blank = np.full((len(days), len(ids)), np.nan)
    traded, volumes = _volumes(context, ids, days) if "volume" in needs else (blank, blank)
    market = _benchmark(context, days) if "benchmark" in needs else np.full(len(days), np.nan)
    paid = _dividends(context, ids, days[-1].item()) if "dividends" in needs else np.full(len(ids), np.nan)
    return Panels(closes, totals, traded, volumes, market, paid), days[-1].item()


def _days(context: Context, count: int, last: date) -> Days:
    return context.reader.sessions(last - timedelta(days=int(count * 1.5) + 20), last)


def _newest(context: Context, ids: Sequence[int]) -> date | None:
    """The last day with a price of any of them."""
    found = [context.reader.coverage(table, tuple(ids))["last"].max() for table in ("bars", "closes")]
    days = [each for each in found if isinstance(each, date)]
    return max(days, default=None)


def _levels(context: Context, ids: Sequence[int], days: Days, *, total: bool) -> tuple[Floats, Floats]:
    """Closes adjusted for splits, and total-return levels; of securities without bars what single closes tell."""
    import numpy as np

    closes = np.array(context.reader.price_panel("close", ids, days, adjust="splits"))
    totals = (
        np.array(context.reader.price_panel("close", ids, days, adjust="total")) if total else closes.copy()
    )
    without = [at for at in range(len(ids)) if not np.isfinite(closes[:, at]).any()]
    if without and len(days):
        _fill(context, ids, days, without, closes, totals)
    return closes, totals


def _fill(
    context: Context, ids: Sequence[int], days: Days, without: list[int], closes: Floats, totals: Floats
) -> None:
    """Closes without bars. A vendor's adjusted ones tell ratios only, and no price; levels of total return are of
    one basis alone, the one that reaches furthest (of two, the adjusted), since their scales differ."""
    import numpy as np

    places = {ids[at]: at for at in without}
    rows = context.reader.closes(tuple(places), days[0].item(), days[-1].item())
    chosen: dict[int, tuple[int, bool]] = {}
    for (security, basis), part in rows.partition_by("security_id", "basis", as_dict=True).items():
        at = places[int(str(security))]
        own = part["session_date"].to_numpy().astype("datetime64[D]")
        row = np.searchsorted(days, own)
        fits = (row < len(days)) & (days[np.minimum(row, len(days) - 1)] == own)
        if not fits.any():
            continue
        column = np.full(len(days), np.nan)
        column[row[fits]] = part["close"].to_numpy()[fits]
        reach = (int(row[fits].max()), basis == "adjusted")
        if basis != "adjusted" and not (np.isfinite(closes[:, at]).any() and basis == "fixing"):
            closes[:, at] = column
        if at not in chosen or reach > chosen[at]:
            chosen[at], totals[:, at] = reach, column


def _volumes(context: Context, ids: Sequence[int], days: Days) -> tuple[Floats, Floats]:
    """Closes and volumes as traded, of the last rows that fields need."""
    import numpy as np

    tail = days[-25:]
    traded, volumes = np.full((2, len(days), len(ids)), np.nan)
    traded[-len(tail) :] = context.reader.panel("bars", "close", ids, tail)
    volumes[-len(tail) :] = context.reader.panel("bars", "volume", ids, tail)
    return traded, volumes


def _benchmark(context: Context, days: Days) -> Floats:
    """The S&P 500's levels; NaN, with a note, where it is not known."""
    import numpy as np

    from engine.returns import benchmark

    try:
        ref = benchmark(context, None)
    except DataError as fault:
        context.note(f"beta_1y is unknown: {fault}", "warning")
        return np.full(len(days), np.nan)
    return _levels(context, [ref.security_id], days, total=True)[1][:, 0]


def _dividends(context: Context, ids: Sequence[int], last: date) -> Floats:
    """Dividends a share of the year to ``last``, in the clock's shares; NaN of a security whose actions the store
    does not hold at all."""
    import numpy as np

    place = {each: at for at, each in enumerate(ids)}
    rows = context.reader.actions(tuple(ids), upcoming=False)
    found = np.full(len(ids), np.nan)
    splits: dict[int, list[tuple[date, float]]] = {}
    for row in rows.iter_rows(named=True):
        found[place[row["security_id"]]] = 0.0
        if row["kind"] == "split" and row["ratio"]:
            splits.setdefault(row["security_id"], []).append((row["ex_date"], float(row["ratio"])))
    for row in rows.iter_rows(named=True):
        if (
            row["kind"] == "dividend"
            and row["amount"]
            and last - timedelta(days=365) < row["ex_date"] <= last
        ):
            later = [ratio for day, ratio in splits.get(row["security_id"], ()) if day > row["ex_date"]]
            found[place[row["security_id"]]] += float(row["amount"]) / float(np.prod(later))
    return found
