"""Universes: who belonged to an index on a day, and what the words for a group of securities mean.

Membership is read as known at the reader's clock: a member that left later is a member, and one that joined
later is none. The dead are among them, under the tickers that they had.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import DataError
from engine.securities import Directory, UnknownSecurity
from providers.members import ticker_of

if TYPE_CHECKING:
    import polars as pl

    from store.reader import AsOfReader
    from store.state import UserState

WATCHLIST = "watchlist"
MOST = 20_000  # securities in one file
MOST_BYTES = 4 << 20
_SUFFIXES = (".txt", ".csv", ".lst")


@dataclass(frozen=True, slots=True)
class Universe:
    """A group of securities at a clock. ``unknown``: words that named none."""

    title: str
    ids: tuple[int, ...]
    index_id: int | None = None  # the index that it is the membership of
    unknown: tuple[str, ...] = ()


def members(reader: AsOfReader, index_id: int, day: date | None = None) -> pl.DataFrame:
    """Members of an index on ``day`` (the clock's) as known at the reader's clock, by ticker.

    Columns security_id, ticker (that day's), start_date (first day of the stay), since (first day of the
    first stay), note. A stay includes its first day and not its end.

    Raises
    ------
    DataError
        ``day`` is after the clock's.
    """
    import polars as pl

    today = reader.session_date
    day = today if day is None else day
    if day > today:
        raise DataError(f"Members of {day} are not known at a clock of {today}.")
    rows = reader.rows("membership", index_id, None, day).drop("security_id")
    first = rows.group_by("member_id").agg(pl.col("start_date").min().alias("since"))
    inside = rows.filter(pl.col("end_date").is_null() | (pl.col("end_date") > day))
    # of two stays that overlap (a source that corrects a first day) the later begun counts
    inside = inside.sort("start_date").unique("member_id", keep="last", maintain_order=True)
    called = tickers(reader, inside["member_id"].to_list(), day)
    return (
        inside.join(first, on="member_id", how="left")
        .rename({"member_id": "security_id", "ticker": "listed"})
        .select("security_id", "listed", "start_date", "since", "note")
        .join(called, on="security_id", how="left")
        .select("security_id", pl.coalesce("ticker", "listed").alias("ticker"), "start_date", "since", "note")
        .sort("ticker", "security_id")
    )


def tickers(reader: AsOfReader, ids: list[int], day: date) -> pl.DataFrame:
    """What securities were called on ``day``, as known at the clock: columns security_id, ticker, name."""
    import polars as pl

    named = reader.securities(ids) if ids else reader.securities(())
    return (
        named.filter(pl.col("valid_from") <= day)
        .sort("valid_from")
        .group_by("security_id", maintain_order=True)
        .agg(pl.col("ticker").last(), pl.col("name").last())
    )


def find(
    word: str, reader: AsOfReader, directory: Directory, state: UserState, day: date | None = None
) -> Universe:
    """The universe that ``word`` names: an index (SP500, SPX), a watchlist, a file of tickers, or tickers
    parted by commas.

    Raises
    ------
    DataError
        A sentence that says what there is.
    """
    text = word.strip()
    if "/" in text or text.startswith("~") or text.lower().endswith(_SUFFIXES):
        return _of_words(Path(text).name, _file_words(text), directory)
    if "," in text:
        return _of_words("typed tickers", text.split(","), directory)
    index_id = index_of(text, directory)
    if index_id is not None:
        frame = members(reader, index_id, day)
        if frame.is_empty():
            raise DataError(no_members(text.upper()))
        return Universe(f"members of {text.upper()}", tuple(frame["security_id"].to_list()), index_id)
    kept = state.get(WATCHLIST, text.lower())
    if kept is not None:
        return Universe(f"watchlist {text.lower()}", tuple(dict.fromkeys(kept.get("ids", ()))))
    raise DataError(
        f"{text} is no universe: take SP500, the ticker of an index, the name of a watchlist (W), a file of "
        "tickers (./mine.txt), or tickers parted by commas."
    )


def index_of(word: str, directory: Directory) -> int | None:
    """The id of the index that ``word`` names; None where it names none."""
    try:
        found = directory.resolve(ticker_of(word), "INDEX")
    except UnknownSecurity:
        return None
    return found.security.ref.security_id


def holding(reader: AsOfReader) -> str:
    """Which indices have members at the clock, and from when on, as a sentence; empty where none has."""
    held = reader.coverage("membership")
    if held.is_empty():
        return ""
    named = reader.securities(tuple(held["security_id"].to_list())).sort("valid_from")
    called = dict(zip(named["security_id"], named["ticker"], strict=True))
    days = {
        called.get(number, str(number)): first for number, first in held.select("security_id", "first").rows()
    }
    told = [f"{each} (from {day} on)" for each, day in sorted(days.items())]
    more = f" and {len(told) - 8} more" if len(told) > 8 else ""
    return f" The store has members of {', '.join(told[:8])}{more}."


def no_members(ticker: str) -> str:
    """What to do where no member is known at the clock."""
    return (
        f"No members of {ticker} are known at this clock. Those of the S&P 500 (SPX) are fetched where its source "
        "may be asked, or loaded from a file: asof import sp500_ticker_start_end.csv --layout sp500-spells; "
        "those of any index from lines ticker,start_date,end_date,index: asof import mine.csv --layout members."
    )


def _of_words(title: str, words: list[str], directory: Directory) -> Universe:
    found: dict[int, None] = {}
    unknown = []
    for word in filter(None, (each.strip() for each in words)):
        try:
            found[directory.resolve(word).security.ref.security_id] = None
        except UnknownSecurity:
            unknown.append(word)
    if not found:
        raise DataError(f"{title} names no security that is known at this clock.")
    return Universe(title, tuple(found), unknown=tuple(unknown))


def _file_words(text: str) -> list[str]:
    """The first word of each line of a text file; a heading and comments (#) are passed over."""
    path = Path(text).expanduser()
    try:
        with path.open("rb") as handle:
            content = handle.read(MOST_BYTES + 1)
    except OSError as fault:
        raise DataError(f"{path} cannot be read: {fault.strerror or fault}.") from fault
    if len(content) > MOST_BYTES or b"\x00" in content:
        raise DataError(f"{path} is no list of tickers: it is too large, or no text.")
    lines = content.decode("utf-8-sig", "replace").splitlines()
    words = [line.split("#")[0].replace(";", ",").split(",")[0].strip().strip('"') for line in lines]
    words = [word for word in words if word and word.lower() not in ("ticker", "symbol")]
    if len(words) > MOST:
        raise DataError(f"{path} names {len(words):,} securities; a universe has {MOST:,} at most.")
    return words
