"""Securities and later splits as canonical frames: the facts of ``companies``, each with its clock and source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.base import Part, answer_hash
from providers.clocks import LISTED, NEW_YORK, local_instant
from providers.embedded.companies import LATER_SPLITS, NAMINGS, LaterSplit, Naming
from providers.embedded.version import EMBEDDED_VERSION

if TYPE_CHECKING:
    import polars as pl

SOURCE = "asof reference"
DATASET = f"names, tickers and later splits, version {EMBEDDED_VERSION}"
NOTE = (
    "Names, tickers and listings carried over by hand, the source of each in its note; splits after the embedded "
    "prices end. Public facts."
)
ANNOUNCED = "estimated: 18:00 New York of the day of its announcement, which came after the close"


def read() -> Part:
    """The part that is in every load: its ingest key says that the embedded data are there."""
    frames = {"securities": securities(NAMINGS), "actions": later_splits(LATER_SPLITS)}
    written = "\n".join(frame.write_csv() for frame in frames.values())
    return Part(SOURCE, DATASET, answer_hash(EMBEDDED_VERSION, written.encode()), frames, NOTE)


def securities(namings: tuple[Naming, ...]) -> pl.DataFrame:
    """A naming is known from the morning of the day it holds from. Its announcement came earlier; that day is
    not carried, so nothing is shown too soon."""
    import polars as pl

    rows = [
        {
            "identity": naming.identity, "valid_from": naming.valid_from, "ticker": naming.ticker,
            "name": naming.name, "market": naming.market, "asset_class": naming.asset_class,
            "exchange": naming.exchange, "currency": naming.currency, "unit": naming.unit,
            "calendar": naming.calendar, "listing_date": naming.listing_date, "note": naming.source,
        }
        for naming in namings
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"listing_date": pl.Date}).with_columns(
        known_at=local_instant("valid_from", 9, 30, NEW_YORK), known_basis=pl.lit(LISTED)
    )


def later_splits(splits: tuple[LaterSplit, ...]) -> pl.DataFrame:
    import polars as pl

    rows = [
        {
            "identity": split.identity, "kind": "split", "ex_date": split.ex_date, "ratio": split.ratio,
            "announced_date": split.announced, "record_date": split.record, "pay_date": split.paid,
            "note": split.source,
        }
        for split in splits
    ]  # fmt: skip
    return pl.DataFrame(rows).with_columns(
        known_at=local_instant("announced_date", 18, 0, NEW_YORK), known_basis=pl.lit(ANNOUNCED)
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
            note=pl.lit("named by its data set only"),
            known_basis=pl.lit("estimated: known with the first of its own rows"),
        )
        .sort("identity")
    )  # fmt: skip
