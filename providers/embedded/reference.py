"""Securities and later splits as canonical frames: the facts of ``companies``, each with its clock."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from providers.base import Part, answer_hash
from providers.clocks import IN_USE, NEW_YORK, SAID_BY, SAID_THAT_DAY, end_of_day
from providers.embedded.companies import LATER_SPLITS, NAMINGS, LaterSplit, Naming
from providers.embedded.version import rules

if TYPE_CHECKING:
    import polars as pl

SOURCE = "asof reference"
DATASET = "names, tickers and later splits"
NOTE = (
    "Names, tickers and listings carried over by hand, and splits after the embedded prices end: public facts, "
    "from the companies' announcements. A row says what was known at its time; where the ticker of a time is not "
    "known for sure, the security begins later than its prices."
)


def stamp() -> str:
    """Names the facts as they are now: no answer from outside, so the rules are all there is to name."""
    return answer_hash(rules())


def read() -> Part:
    """The part that is in every load: its ingest key says that the embedded data are there."""
    frames = {"securities": securities(NAMINGS), "actions": later_splits(LATER_SPLITS)}
    return Part(SOURCE, DATASET, stamp(), frames, NOTE)


def securities(namings: tuple[Naming, ...]) -> pl.DataFrame:
    import polars as pl

    rows = []
    for naming in namings:
        known_at, basis = known(naming)
        rows.append(
            {
                "identity": naming.identity, "valid_from": naming.valid_from, "ticker": naming.ticker,
                "name": naming.name, "market": naming.market, "asset_class": naming.asset_class,
                "exchange": naming.exchange, "currency": naming.currency, "unit": naming.unit,
                "calendar": naming.calendar, "listing_date": naming.listing_date, "note": naming.note or None,
                "known_at": known_at, "known_basis": basis,
            }
        )  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"listing_date": pl.Date, "note": pl.String}).with_columns(
        pl.col("known_at").dt.convert_time_zone("UTC")
    )


def known(naming: Naming) -> tuple[datetime, str]:
    """When a naming was known, and by which rule. Where it was announced on an earlier day, that day is not
    carried, and the morning of the day it holds from errs late."""
    zone = ZoneInfo(NEW_YORK)
    if isinstance(naming.announced, datetime):
        return naming.announced, SAID_BY
    if naming.announced is not None:
        return datetime.combine(naming.announced, time.max, zone), SAID_THAT_DAY
    return datetime.combine(naming.valid_from, time(9, 30), zone), IN_USE


def later_splits(splits: tuple[LaterSplit, ...]) -> pl.DataFrame:
    import polars as pl

    rows = [
        {
            "identity": split.identity, "kind": "split", "ex_date": split.ex_date, "ratio": split.ratio,
            "announced_date": split.announced, "record_date": split.record, "pay_date": split.paid,
            "note": split.note,
        }
        for split in splits
    ]  # fmt: skip
    return pl.DataFrame(rows).with_columns(
        known_at=end_of_day("announced_date", NEW_YORK), known_basis=pl.lit(SAID_THAT_DAY)
    )


def bare(frames: list[pl.DataFrame], session_columns: list[str]) -> pl.DataFrame:
    """Rows of ``securities`` for identities that no source describes: the last word of the identity is all there
    is, known with the first of the security's own rows."""
    import polars as pl

    firsts = pl.concat(
        frame.select("identity", pl.col(day).alias("valid_from"), "known_at")
        for frame, day in zip(frames, session_columns, strict=True)
    )
    name = pl.col("identity").str.splitn(":", 2).struct.field("field_1").fill_null(pl.col("identity"))
    return (
        firsts.group_by("identity")
        .agg(pl.col("valid_from").min(), pl.col("known_at").min())
        .with_columns(
            ticker=name, name=name, market=pl.lit("US EQUITY"), asset_class=pl.lit("equity"),
            currency=pl.lit("USD"), calendar=pl.lit("XNYS"), exchange=pl.lit(""),
            known_basis=pl.lit("estimated: known with the first of its own rows"),
        )
        .sort("identity")
    )  # fmt: skip
