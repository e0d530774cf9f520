"""XBRL facts of a company, each known when its filing was accepted."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from providers.clocks import NEW_YORK, end_of_day
from providers.edgar import submissions
from providers.edgar.wire import Wire
from providers.errors import malformed
from providers.seen import known_by
from store.batch import Quarantined

if TYPE_CHECKING:
    import polars as pl

FILED_DAY = "estimated: end of the filed day in New York; the filing is not among the company's submissions"
CONTRADICTS = "one filing tells the same fact with two values"
KEY = ("period_end", "concept", "unit", "period_start", "accession")
_FIELDS = ("start", "end", "val", "accn", "fy", "fp", "form", "filed", "frame")


def read(cik: str, identity: str, wire: Wire) -> tuple[dict[str, pl.DataFrame], list[Quarantined]]:
    """Frames ``facts`` and ``filings``: every fact of the company, and the filings since the first of them."""
    import polars as pl

    body = wire.json(
        f"/api/xbrl/companyfacts/CIK{cik}.json",
        "data",
        f"the company with the CIK {cik} has filed no XBRL facts",
    )
    frame = _long(body)
    first = frame["filed_date"].min()
    since = first if isinstance(first, date) else None
    told = submissions.read(submissions.newest(cik, wire), wire, since, None)
    good, aside = _settled(frame)
    accepted = told.filings.select("accession", "known_at", "known_basis").unique("accession", keep="last")
    joined = good.join(accepted, on="accession", how="left", maintain_order="left").with_columns(
        known_basis=pl.coalesce("known_basis", pl.lit(FILED_DAY)),
        known_at=pl.coalesce("known_at", end_of_day("filed_date", NEW_YORK)),
    )
    facts = known_by(joined, wire.access.now).select(
        pl.lit(identity).alias("identity"), *KEY, "value", "form", "fiscal_year", "fiscal_period", "filed_date",
        "frame", "known_at", "known_basis",
    )  # fmt: skip
    return {"facts": facts, "filings": submissions.rows(told, identity)}, [*aside, *told.aside]


def _long(body: dict[str, Any]) -> pl.DataFrame:
    """One row a fact as it stands in the answer; a fact without a start is of an instant."""
    import polars as pl

    records: list[dict[str, Any]] = []
    concepts: list[str] = []
    units: list[str] = []
    try:
        for taxonomy, told in body["facts"].items():
            for concept, fact in told.items():
                for unit, rows in fact["units"].items():
                    records += rows
                    concepts += [f"{taxonomy}:{concept}"] * len(rows)
                    units += [unit] * len(rows)
        columns = {name: [row.get(name) for row in records] for name in _FIELDS}
    except (KeyError, TypeError, AttributeError) as error:
        raise malformed("EDGAR's company facts are not in the form that they had") from error
    types: dict[str, Any] = {"val": pl.Float64, "fy": pl.Int64}
    raw = pl.DataFrame(
        {"concept": concepts, "unit": units}
        | {
            name: pl.Series(values, dtype=types.get(name, pl.String), strict=False)
            for name, values in columns.items()
        },
        schema_overrides={"concept": pl.String, "unit": pl.String},
    )
    days = pl.col("start", "end", "filed").str.to_date("%Y-%m-%d", strict=False)
    return raw.with_columns(days).select(
        "concept", "unit", "form", "frame",
        pl.coalesce("start", "end").alias("period_start"),
        pl.col("end").alias("period_end"),
        pl.col("val").alias("value"),
        pl.col("accn").alias("accession"),
        pl.col("fy").alias("fiscal_year"),
        pl.col("fp").alias("fiscal_period"),
        pl.col("filed").alias("filed_date"),
    )  # fmt: skip


def _settled(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Quarantined]]:
    """One row a key. A filing tells a fact once for each of its contexts (``fy``, ``frame``): with one value it is
    one row, the one that EDGAR framed where there is such; with two values neither can be taken."""
    import polars as pl

    ordered = frame.sort(*KEY, "frame", nulls_last=True)
    values = pl.col("value").n_unique().over(KEY)
    bad = ordered.filter(values > 1)
    good = ordered.filter(values == 1).unique(KEY, keep="first", maintain_order=True)
    return good, [Quarantined("facts", CONTRADICTS, bad)] if bad.height else []
