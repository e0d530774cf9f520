"""What a new telling of rows adds to the versions that the store holds. Pure: frames in, frames out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from providers.source import Subject
from store.batch import Quarantined
from store.columns import CLOCKS, TableSpec

if TYPE_CHECKING:
    import polars as pl

DIFFERS = "estimated: differs from what was told before; known from this fetch"
CONTRADICTS = "differs from the version held for the same moment, and is not the newest"
FIRST_SEEN = "estimated: known with the first of its own rows"
ALIKE = 1e-6  # numbers closer than a millionth say the same: an adjustment undone leaves as much behind
_BY_CLASS = {
    "equity": "US EQUITY", "fund": "US EQUITY", "index": "INDEX", "currency": "CURNCY", "commodity": "COMDTY",
    "government": "GOVT", "crypto": "CRYPTO", "macro": "MACRO", "factor": "MACRO", "future": "COMDTY",
    "channel": "INDEX",
}  # fmt: skip
_CALENDARS = {"equity": "XNYS", "index": "XNYS", "commodity": "XNYS", "future": "XNYS", "crypto": "24/7"}
_BY_PREFIX = {
    "us-equity": "equity", "index": "index", "fx": "currency", "future": "future", "commodity": "commodity",
    "curve": "government", "crypto": "crypto", "macro": "macro", "factor": "factor",
}  # fmt: skip


def plain(spec: TableSpec, frame: pl.DataFrame, held: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """New keys at their own clocks, and what differs from the last version held as known from ``now``.

    An empty cell of an optional column says nothing: what was told before stays in it.
    """
    import polars as pl

    key = list(spec.key)
    last = held.group_by(key).agg(pl.all().sort_by("known_at", "seq").last()).drop("seq")
    laid = frame.sort(*key, "known_at").join(last, on=key, how="left", suffix="_held", maintain_order="left")
    is_new = pl.col("known_at_held").is_null()
    differs = pl.any_horizontal(
        pl.col("deleted_held").fill_null(value=False),
        *[pl.col(name).is_not_null() & ~_alike(spec, name, f"{name}_held") for name in spec.payload],
    )
    fresh = laid.filter(is_new).select(frame.columns)
    instant = pl.Datetime("us", "UTC")
    corrected = (
        laid.filter(~is_new)
        .group_by(key, maintain_order=True)
        .last()
        .filter(differs)
        .with_columns(
            *[pl.coalesce(name, f"{name}_held").alias(name) for name in spec.payload],
            known_at=pl.lit(now).cast(instant),
            known_basis=pl.lit(DIFFERS),
        )
        .select(frame.columns)
    )
    return pl.concat([fresh, corrected])


def vintages(
    spec: TableSpec, frame: pl.DataFrame, held: pl.DataFrame, now: datetime
) -> tuple[pl.DataFrame, list[Quarantined]]:
    """Versions that are not there, each at its own clock, unless it repeats the one that holds then.

    A version told at a moment for which another is held is a correction, known from ``now``; where newer ones
    follow it, nothing could show it, and it is set aside.
    """
    import polars as pl

    key, version = list(spec.key), [*spec.key, "known_at"]
    names = [*spec.names, *(clock.name for clock in CLOCKS)]
    there = held.group_by(version).agg(pl.all().sort_by("seq").last()).select(names)
    last = there.group_by(key).agg(pl.all().sort_by("known_at").last())
    told = [name for name in spec.payload if name != "frame"]  # EDGAR's, for the fact that it thinks best

    def differs(other: str) -> pl.Expr:
        silent = pl.lit(value=False) if spec.name == "observations" else None
        return pl.any_horizontal(
            (pl.col(name).is_not_null() if silent is None else ~silent)
            & ~_alike(spec, name, f"{name}{other}")
            for name in told
        )

    # -- what is held for the very moment
    at_once = frame.join(there, on=version, how="left", suffix="_then", maintain_order="left").join(
        last, on=key, how="left", suffix="_last", maintain_order="left"
    )
    is_there = pl.col("deleted_then").is_not_null()
    newest = pl.col("known_at") == pl.col("known_at").max().over(key)
    contrary = at_once.with_columns(_newest=newest).filter(is_there & differs("_then") & differs("_last"))
    instant = pl.Datetime("us", "UTC")
    corrected = (
        contrary.filter("_newest")
        .select(frame.columns)
        .with_columns(known_at=pl.lit(now).cast(instant), known_basis=pl.lit(DIFFERS))
    )
    old = contrary.filter(~pl.col("_newest")).select(frame.columns)
    aside = [Quarantined(spec.name, CONTRADICTS, old)] if old.height else []
    # -- what is new, beside the version before it
    together = pl.concat(
        [
            there.select(names).with_columns(_new=pl.lit(value=False)),
            at_once.filter(~is_there).select(names).with_columns(_new=pl.lit(value=True)),
        ]
    ).sort(*version, maintain_order=True)
    before = together.with_columns(
        *[pl.col(name).shift(1).over(key).alias(f"{name}_before") for name in told],
        _first=pl.int_range(pl.len()).over(key) == 0,
        _gone=pl.col("deleted").shift(1).over(key).fill_null(value=False),
    )
    added = before.filter(pl.col("_new") & (pl.col("_first") | pl.col("_gone") | differs("_before")))
    return pl.concat([added.select(frame.columns), corrected]), aside


def namings(spec: TableSpec, frame: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Rows that say something else than the row that holds before them. A name spelled otherwise under the same
    ticker says nothing, unless the ticker was all the name there was."""
    import polars as pl

    version = [*spec.key, "known_at"]
    names = [*spec.names, *(clock.name for clock in CLOCKS)]
    together = pl.concat(
        [
            held.select(names).with_columns(_new=pl.lit(value=False)),
            frame.select(names).join(held, on=version, how="anti").with_columns(_new=pl.lit(value=True)),
        ]
    ).sort(*version, maintain_order=True)
    silent = ("note", "identity", "name", "unit") if spec.name == "securities" else ()
    told = [name for name in spec.payload if name not in silent]
    shifted = together.with_columns(
        pl.col(name).shift(1).over("security_id").alias(f"{name}_before") for name in spec.payload
    ).with_columns(_first=pl.int_range(pl.len()).over("security_id") == 0)
    differs = pl.any_horizontal(
        pl.col(name).is_not_null()
        & (pl.col(name) != "" if spec_text(spec, name) else pl.lit(value=True))
        & ~_alike(spec, name, f"{name}_before")
        for name in told
    )
    if spec.name == "securities":
        differs |= (pl.col("name_before") == pl.col("ticker_before")) & (pl.col("name") != pl.col("ticker"))
    return shifted.filter(pl.col("_new") & (pl.col("_first") | differs)).select(frame.columns)


def bare(firsts: pl.DataFrame, names: dict[int, str], subject: Subject) -> pl.DataFrame:
    """Rows of ``securities`` from the identity alone, which is permanent and tells nothing of later days; what
    kind of thing it is comes from the subject that was asked about, else from the identity's first word."""
    import polars as pl

    from store.schema import polars_schema

    text = pl.col("security_id").replace_strict(names, return_dtype=pl.String)
    rows = firsts.with_columns(identity=text).with_columns(
        # the year at the end of an identity that shares its ticker with a later one is no part of the ticker
        ticker=pl.col("identity")
        .str.splitn(":", 2)
        .struct.field("field_1")
        .fill_null(pl.col("identity"))
        .str.replace(r"-\d{4}$", "")
    )
    prefix = pl.col("identity").str.splitn(":", 2).struct.field("field_0")
    kind = prefix.replace_strict(_BY_PREFIX, default="equity", return_dtype=pl.String)
    own = (pl.col("identity") == subject.identity) & ((kind == "equity") | (subject.asset_class != "equity"))
    share, market = kind == "equity", subject.market or _BY_CLASS.get(subject.asset_class, "US EQUITY")
    rows = rows.with_columns(
        name=pl.col("ticker"),
        market=pl.when(own).then(pl.lit(market)).otherwise(kind.replace_strict(_BY_CLASS)),
        asset_class=pl.when(own).then(pl.lit(subject.asset_class)).otherwise(kind),
        currency=pl.when(own)
        .then(pl.lit(subject.currency))
        .otherwise(pl.when(share).then(pl.lit("USD")).otherwise(pl.lit(""))),
        exchange=pl.when(own).then(pl.lit(subject.exchange)).otherwise(pl.lit("")),
        calendar=pl.when(own)
        .then(pl.lit(subject.calendar))
        .otherwise(kind.replace_strict(_CALENDARS, default="")),
        known_basis=pl.lit(FIRST_SEEN),
        deleted=pl.lit(value=False),
    )
    schema = polars_schema("securities")
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )


def spec_text(spec: TableSpec, name: str) -> bool:
    return next(column.type for column in spec.columns if column.name == name) == "text"


def _alike(spec: TableSpec, name: str, other: str) -> pl.Expr:
    """Whether two columns say the same; empty cells are alike."""
    import polars as pl

    one, two = pl.col(name), pl.col(other)
    kind = next(column.type for column in spec.columns if column.name == name)
    if kind not in ("number", "integer"):
        return one.eq_missing(two)
    near = (one - two).abs() <= ALIKE * pl.max_horizontal(one.abs(), two.abs())
    return near.fill_null(value=False) | (one.is_null() & two.is_null())
