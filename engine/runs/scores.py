"""Scores of the user's own models: a CSV of date, ticker and numbers, as panels that rules and files may ask for.

A score counts from the close of its date on, or from its ``known_at`` where the file has one (an instant with its
zone), and stands until the symbol's next one. The file is kept by its SHA-256, so that a run opens as it was.
"""

from __future__ import annotations

import os
import re
import uuid
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import CommandError, DataError
from engine.runs.code import folder

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from engine.backtest.market import Market
    from engine.context import Context

_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ZONED = r"(?:Z|z|[+-]\d\d:?\d\d)$"
_LARGEST = 256 << 20
_TAKEN = ("date", "ticker", "known_at")


@dataclass(frozen=True, slots=True)
class Scores:
    """A file of scores. ``frame``: date, ticker, known_at (microseconds, null where only the date is told), names."""

    names: tuple[str, ...]
    frame: pl.DataFrame
    digest: str


def read_scores(context: Context, text: str) -> Scores:
    """The scores of a file, or of the SHA-256 of one that was used before.

    Raises
    ------
    CommandError
        The file is not there, or is no table of scores: with the line or the column at fault.
    DataError
        The file of that SHA-256 is not among this user's.
    """
    kept = folder(context) / ".kept"
    if _DIGEST.fullmatch(text):
        return kept_scores(kept, text)
    content = _typed(text)
    found = _scores(content, text)
    _keep(kept, found.digest, content)
    return found


def kept_scores(kept: Path, digest: str) -> Scores:
    """The scores of that SHA-256 in a user's folder of what was used before.

    Raises
    ------
    DataError
        They are not there, or not as they were.
    """
    path = kept / f"{digest}.csv"
    if not path.is_file():
        raise DataError(
            f"The scores of that run ({digest[:12]}) are not among yours: SCORES= takes their file again."
        )
    content = path.read_bytes()
    if sha256(content).hexdigest() != digest:
        raise DataError(f"{path} was changed since that run: SCORES= takes the file as it was.")
    return _scores(content, digest)


def _scores(content: bytes, text: str) -> Scores:
    frame = _table(content, text)
    names = tuple(each for each in frame.columns if each not in _TAKEN)
    return Scores(names, frame, sha256(content).hexdigest())


def panels(
    scores: Scores, market: Market, decisions: NDArray[np.int64] | None = None
) -> dict[str, NDArray[np.float64]]:
    """Each score (n, k) as it stood after every session; NaN before a symbol's first.

    ``decisions``: instants (microseconds) of the decisions, where scores say when they were known.
    """
    import polars as pl

    seen = market.symbols[: len(market.symbols) - market.unseen]
    place = {symbol.upper(): at for at, symbol in enumerate(seen)}
    known = scores.frame.filter(pl.col("ticker").is_in(list(place)))
    columns = np.array([place[each] for each in known["ticker"].to_list()], dtype=np.int64)
    days = known["date"].to_numpy().astype("datetime64[D]")
    rows = np.searchsorted(market.dates, days, side="left")
    late = known["known_at"].cast(pl.Int64).fill_null(-1).to_numpy() if "known_at" in known.columns else None
    if late is not None:
        closes = decisions if decisions is not None else _evenings(market.dates)
        rows = np.where(late >= 0, np.searchsorted(closes, late, side="left"), rows)
    inside = (rows < len(market.dates)) & _newest(columns, rows)
    found = {}
    for name in scores.names:
        values = np.full(market.close.shape, np.nan)
        values[rows[inside], columns[inside]] = known[name].to_numpy()[inside]
        found[name] = _standing(values)
    return found


def _newest(columns: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which scores (in the order of their dates) no newer one of the symbol comes before or with."""
    found = np.ones(len(rows), dtype=bool)
    order = np.argsort(columns, kind="stable")
    for own in np.split(order, np.flatnonzero(np.diff(columns[order])) + 1):
        after = np.minimum.accumulate(rows[own][::-1])[::-1]
        found[own[:-1]] = rows[own[:-1]] < after[1:]
    return found


def _evenings(dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """20:00 UTC of each day: what became known after it, though before a close in winter, counts a day late."""
    return (dates.astype("datetime64[us]").astype(np.int64) + 20 * 3600 * 1_000_000).astype(np.int64)


def _standing(values: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = np.where(np.isfinite(values), np.arange(len(values))[:, None], 0)
    np.maximum.accumulate(rows, axis=0, out=rows)
    return np.asarray(np.take_along_axis(values, rows, axis=0), dtype=np.float64)


def _typed(text: str) -> bytes:
    path = Path(text).expanduser()
    try:
        if path.exists() and not path.is_file():
            raise CommandError(f"{path} is no file. SCORES= takes a CSV.", argument="scores")
        if path.stat().st_size > _LARGEST:
            raise CommandError(f"{path} has more than {_LARGEST >> 20} MiB of scores.", argument="scores")
        return path.read_bytes()
    except OSError as fault:
        raise CommandError(
            f"{path} cannot be read: {fault.strerror or fault}. SCORES= takes a CSV of date, ticker and scores.",
            argument="scores",
        ) from fault


def _table(content: bytes, text: str) -> pl.DataFrame:
    import polars as pl

    try:
        frame = pl.read_csv(content, try_parse_dates=False, infer_schema_length=0)
    except (pl.exceptions.PolarsError, ValueError) as fault:
        raise CommandError(f"{text} is no CSV: {str(fault).splitlines()[0]}.", argument="scores") from fault
    frame = frame.rename({each: each.strip().lower() for each in frame.columns})
    names = [each for each in frame.columns if each not in _TAKEN]
    wrong = next((each for each in names if not _NAME.fullmatch(each)), None)
    if not {"date", "ticker"} <= set(frame.columns) or not names or wrong:
        raise CommandError(
            f"{text} needs the columns date and ticker, and scores whose names are small letters"
            + (f": {wrong!r} is none." if wrong else "."), argument="scores",
        )  # fmt: skip
    columns = [
        pl.col("date").str.strip_chars().str.to_date("%Y-%m-%d", strict=False),
        pl.col("ticker").str.strip_chars().str.to_uppercase(),
        *(pl.col(each).str.strip_chars().cast(pl.Float64, strict=False) for each in names),
    ]
    if "known_at" in frame.columns:
        zoned = pl.col("known_at").str.strip_chars()
        zoned = pl.when(zoned.str.contains(_ZONED)).then(zoned).otherwise(None)  # a bare time is anyone's
        columns.append(zoned.str.to_datetime(time_zone="UTC", time_unit="us", strict=False).alias("known_at"))
    made = frame.select(columns)
    for name in (*names, *(["known_at"] if "known_at" in frame.columns else [])):
        _readable(frame[name], made[name], text, name)
    blank = made["date"].is_null() | made["ticker"].is_null()
    if blank.any():
        line = int(blank.arg_true()[0]) + 2
        raise CommandError(
            f"{text}, line {line}: a date (2020-03-16) and a ticker are needed.", argument="scores"
        )
    if made.select("date", "ticker").is_duplicated().any():
        line = int(made.select("date", "ticker").is_duplicated().arg_true()[1]) + 2
        raise CommandError(f"{text}, line {line}: that day and ticker stand there twice.", argument="scores")
    return made.sort("date", "ticker")


def _readable(typed: pl.Series, read: pl.Series, text: str, name: str) -> None:
    """Raises CommandError where something was typed that cannot be read: a blank is one, a word is none."""
    lost = typed.str.strip_chars().fill_null("").ne("") & read.is_null()
    if lost.any():
        line = int(lost.arg_true()[0])
        kind = "an instant with its zone (2020-03-16T21:30:00Z)" if name == "known_at" else "a number"
        raise CommandError(
            f"{text}, line {line + 2}: {name} is {kind}, not {typed[line]}.", argument="scores"
        )


def _keep(kept: Path, digest: str, content: bytes) -> None:
    path = kept / f"{digest}.csv"
    if path.exists():
        return
    kept.mkdir(parents=True, exist_ok=True)
    half = kept / f".{uuid.uuid4().hex}.tmp"
    half.write_bytes(content)
    os.replace(half, path)
