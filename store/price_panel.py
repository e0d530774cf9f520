"""A matrix of adjusted prices, as ``AsOfReader.bars`` adjusts them, without a frame of all their rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

from store import adjust as adjustment
from store import panels
from store.block_panel import closes
from store.clock import to_micros
from store.errors import StoreError
from store.hot import newest_known, state_of
from store.panel_cache import LEAST_CELLS, PanelCache, panel_name, read_again

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from store.reader import Adjust, AsOfReader

Price: TypeAlias = Literal["open", "high", "low", "close"]

_verified: set[str] = set()  # panels of this process, whatever store they are of: their names are hashes


def price_panel(
    reader: AsOfReader,
    column: Price,
    ids: Sequence[int],
    sessions: Sequence[date] | np.ndarray,
    adjust: Adjust,
) -> np.ndarray:
    """float64 (sessions, ids), NaN where no bar; ``sessions`` ascend. Large ones are kept and come read-only."""
    import numpy as np

    days = np.asarray(sessions, dtype="datetime64[D]")
    places = np.asarray(ids, dtype=np.int64)
    if not len(days) or not len(places):
        return np.full((len(days), len(places)), np.nan)
    if (days[1:] <= days[:-1]).any():
        raise StoreError("a price panel's sessions ascend, each once")
    if len(days) * len(places) < LEAST_CELLS:
        return _made(reader, column, places, days, adjust)
    reader = replace(
        reader, hot=None
    )  # a large panel is kept beside the store: its rows are not worth memory
    cache = PanelCache(reader.layout.cache / "panels", _verified)
    # From the newest row on, only the day of the clock matters (a split becomes effective on its day).
    known = min(to_micros(reader.asof), newest_known(reader, ("bars", "actions")))
    what = (*state_of(reader), known, reader.session_date.isoformat(), column, adjust)
    name = panel_name(*what, arrays=(places, days))
    held = cache.load(name)
    if held is not None:
        matrix, told = held
        wanted = tuple(sorted(set(places.tolist())))

        def hash_of(place: int) -> str:
            twin = replace(reader, _reads=[])
            _made(twin, column, places, days, adjust)
            return twin.reads[place].hash

        for place, each in enumerate(told):
            reader.enter(read_again(each, wanted, reader.asof, partial(hash_of, place)))
        return matrix
    before = len(reader.reads)
    matrix = _made(reader, column, places, days, adjust)
    cache.keep(name, matrix, reader.reads[before:])
    matrix.flags.writeable = False
    return matrix


def _made(reader: AsOfReader, column: Price, ids: np.ndarray, days: np.ndarray, adjust: Adjust) -> np.ndarray:
    import polars as pl

    start, end, total = days[0].item(), days[-1].item(), adjust == "total"
    wanted = tuple(sorted(set(ids.tolist())))
    # A dividend after the last session needs the close before it.
    until = None if total else end
    held = closes(reader, wanted, start, until) if column == "close" else None
    priced: Callable[[pl.DataFrame], pl.DataFrame]
    if held is not None:
        matrix, priced = held.matrix(ids, days), held.priced
    else:
        matrix, priced = _scattered(reader, column, ids, days, total=total)
    if adjust == "none":
        return matrix
    kinds = ("split", "dividend") if total else ("split",)
    actions = reader.narrow("actions", wanted, start, reader.session_date, ("kind", "ratio", "amount"))
    actions = actions.filter(pl.col("kind").is_in(kinds))
    steps = adjustment.steps(actions, priced(adjustment.paid_in(actions)) if total else None)
    product = panels.factors(steps, ids, days)
    if product is not None:
        matrix *= product
    return matrix


def _scattered(
    reader: AsOfReader, column: Price, ids: np.ndarray, days: np.ndarray, *, total: bool
) -> tuple[np.ndarray, Callable[[pl.DataFrame], pl.DataFrame]]:
    """The matrix out of the files' rows, and what prices dividends by them."""
    import polars as pl

    start, end = days[0].item(), days[-1].item()
    only = tuple(dict.fromkeys((column, "close"))) if total else (column,)
    bars = reader.narrow("bars", tuple(ids.tolist()), start, None if total else end, only)
    inside = bars.filter(pl.col("session_date") <= end) if total else bars
    matrix = panels.scatter(inside, "session_date", column, ids, days)
    return matrix, partial(adjustment.priced_by, bars)
