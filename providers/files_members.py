"""Members of any index from a user's file: one stay a line, ``ticker,start_date,end_date[,index]``.

A change is known on the morning of the day on which it took effect: the file does not say when it was announced,
so this errs late. Tickers name the securities that the store knows under them on the stay's first day.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from providers.clocks import known_at_open
from providers.files import Mapped
from providers.files_names import Names
from providers.files_read import FileError
from providers.files_spec import MARKETS, ImportSpec
from providers.members import MEMBER, ticker_of
from store.batch import Quarantined

if TYPE_CHECKING:
    import polars as pl

    from providers.clocks import Calendars

HEAD = ("ticker", "start_date", "end_date")
INDEX = "index"
BASIS = "estimated: 09:30 New York of the day it took effect; the file does not say when it was announced"


def with_index(spec: ImportSpec, maps: Sequence[str]) -> ImportSpec:
    """The import with the index that ``--map index=NDX`` names; a layout takes no other map.

    Raises
    ------
    FileError
        Another map.
    """
    named: dict[str, str] = {}
    for text in maps:
        left, _, right = text.partition("=")
        named[left.strip()] = right.strip()
    if set(named) - {INDEX} or not all(named.values()):
        raise FileError(
            f"A layout has its columns by itself: --map {maps[0]} has no place. --map index=NDX may stand."
        )
    return replace(spec, table="membership", constants=named) if spec.layout == "members" else spec


def members_of(text: str, spec: ImportSpec, names: Names, calendars: Calendars) -> tuple[Mapped, int]:
    """``membership`` and what ``securities`` lack of it, the lines set aside, and how many were read.

    Raises
    ------
    FileError
        The head is another, or no index is named.
    """
    import polars as pl

    raw = pl.read_csv(io.StringIO(text), infer_schema=False, truncate_ragged_lines=True)
    raw = raw.rename({name: name.strip().lower() for name in raw.columns})
    if not set(HEAD) <= set(raw.columns) or set(raw.columns) - {*HEAD, INDEX}:
        raise FileError(
            f"A list of members begins with the line {','.join(HEAD)} or {','.join(HEAD)},{INDEX}."
        )
    if INDEX not in raw.columns:
        if INDEX not in spec.constants:
            raise FileError("Say which index: a column called index, or --map index=NDX.")
        raw = raw.with_columns(pl.lit(spec.constants[INDEX]).alias(INDEX))
    stays, aside = _stays(raw.with_row_index("line", offset=2))
    good = stays.with_columns(pl.col(INDEX).map_elements(ticker_of, return_dtype=pl.String))
    named = names.identified(good, spec).rename({"identity": MEMBER})
    dated = known_at_open(_versions(named), "day", BASIS, calendars).drop("day")
    membership = dated.with_columns(identity=_index_identity(names)).drop(INDEX)
    strangers = names.strangers(dated.rename({MEMBER: "identity"}), spec)
    index_spec = replace(spec, market="INDEX", constants={})
    indices = names.strangers(membership, index_spec)
    frames = {"membership": membership, "securities": pl.concat([strangers, indices], how="diagonal_relaxed")}
    return Mapped(frames, tuple(aside), _under(stays, indices)), raw.height


def _under(stays: pl.DataFrame, new: pl.DataFrame) -> tuple[str, ...]:
    """Under which index the lines of each word of the file go, in sentences."""
    found = []
    for word, count in stays[INDEX].value_counts().sort(INDEX).iter_rows():
        ticker = ticker_of(word)
        called = f" ({word} in the file)" if word != ticker else ""
        known = ", an index new to the store" if ticker in new["ticker"].to_list() else ""
        stay = "stay goes" if count == 1 else "stays go"
        found.append(
            f"{count:,} {stay} under {ticker}{called}{known}: in {ticker.lower()} names them in rules."
        )
    return tuple(found)


def _stays(raw: pl.DataFrame) -> tuple[pl.DataFrame, list[Quarantined]]:
    """The lines with a ticker, an index, and days in order; the others by reason."""
    import polars as pl

    text = [pl.col(name).str.strip_chars().fill_null("") for name in (*HEAD, INDEX)]
    made = raw.select("line", *text).with_columns(
        pl.col("ticker", INDEX).str.to_uppercase(),
        *[pl.col(name).str.to_date("%Y-%m-%d", strict=False).alias(f"_{name}") for name in HEAD[1:]],
    )
    begin, end = pl.col("_start_date"), pl.col("_end_date")
    reasons = pl.coalesce(
        pl.when((pl.col("ticker") == "") | (pl.col(INDEX) == "")).then(pl.lit("no ticker, or no index")),
        pl.when(begin.is_null()).then(pl.lit("start_date is no day such as 2020-01-31")),
        pl.when(end.is_null() & (pl.col("end_date") != "")).then(
            pl.lit("end_date is no day such as 2020-01-31")
        ),
        pl.when(end <= begin).then(pl.lit("it ends before it begins")),
    )
    marked = made.with_columns(_reason=reasons)
    bad = marked.filter(pl.col("_reason").is_not_null())
    aside = [
        Quarantined("membership", part["_reason"][0], raw.join(part.select("line"), on="line", how="semi"))
        for part in bad.partition_by("_reason", maintain_order=True)
    ]
    good = marked.filter(pl.col("_reason").is_null())
    return good.select("ticker", INDEX, start_date=begin, end_date=end), aside


def _versions(stays: pl.DataFrame) -> pl.DataFrame:
    """A row as a stay begins, and another as it ends."""
    import polars as pl

    begun = stays.with_columns(day=pl.col("start_date"), end_date=pl.lit(None, pl.Date))
    ended = stays.filter(pl.col("end_date").is_not_null()).with_columns(day=pl.col("end_date"))
    return pl.concat([begun, ended])


def _index_identity(names: Names) -> pl.Expr:
    """The index that the store knows under the word, else a new one."""
    import polars as pl

    held = names.held.filter(pl.col("market") == "INDEX").sort("since").unique("ticker", keep="last")
    known = dict(zip(held["ticker"], held["identity"], strict=True))
    new = pl.format(f"{MARKETS['INDEX'][0]}:{{}}", INDEX)
    return pl.coalesce(pl.col(INDEX).replace_strict(known, default=None, return_dtype=pl.String), new)
