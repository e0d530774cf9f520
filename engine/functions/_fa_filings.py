"""FA FILINGS and FA PROFILE: what a company has filed, and who it says it is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from engine.functions._fa_data import nothing
from engine.functions._filing_items import named_items
from engine.page import CellSource, Column, Metric, Metrics, Page, Panel, Table

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context
    from engine.function import Args

FORMS = ("10-K", "10-Q", "8-K", "20-F", "40-F", "6-K", "DEF 14A", "S-1", "S-3", "S-4", "S-8", "424B2", "3", "4", "5",
         "144", "11-K", "SC 13D", "SC 13G", "13F-HR", "SD", "ARS", "25", "15")  # fmt: skip
_ABOUT = "the items of a current report in words, else the description where it says more than the form"
_SOURCE = {"security_id": "security_id", "filed_date": "filed_date", "accession": "accession"}
_PROFILE = (
    ("sector", "sector"), ("industry", "industry"), ("sic", "SIC code"), ("cik", "CIK"), ("country", "country"),
    ("city", "city"), ("website", "website"), ("fiscal_year_end", "fiscal year ends"),
)  # fmt: skip


def filings(context: Context, args: Args) -> Page:
    """Filings known at the clock, newest first; amendments stand with their form."""
    import polars as pl

    ref, form = context.security, args["form"]
    frame = context.reader.rows("filings", [ref.security_id])
    if frame.is_empty():
        raise nothing(context, "filings")
    counts = Counter(frame["form"].to_list())
    if form != "ALL":
        frame = frame.filter((pl.col("form") == form) | (pl.col("form") == f"{form}/A"))
    frame = _told(frame.sort("accepted_at", "accession", descending=True))
    columns = (
        _column("form", "form"),
        _column("report_date", "period", "date"),
        _column("accepted_at", "accepted at", "instant"),
        Column("about", "about", width=60, least=24, formula=_ABOUT),
        _column("accession", "accession"),
        _column("items", "items", width=24),
        _column("url", "address"),
    )
    most = ", ".join(f"{name}: {count:,}" for name, count in counts.most_common(6))
    which = f"{frame.height:,}" if form == "ALL" else f"{frame.height:,} of {counts.total():,}"
    title = f"{which} filings, newest first: a number shows one. {most}"
    empty = f"No {form} is among the {counts.total():,} filings known at this clock ({most}). FA FILINGS lists all."
    table = Table(frame, columns, key=("accession",), command="command", empty=empty)
    return Page(f"{ref.label}  {ref.name}  filings", (Panel("filings", title, table),))


def _told(frame: pl.DataFrame) -> pl.DataFrame:
    """With the command that shows a filing whole, and what it is about: a current report's items in words, else
    its description where that says more than the form."""
    import polars as pl

    form, said = pl.col("form").str.to_uppercase(), pl.col("description").fill_null("").str.to_uppercase()
    repeated = (said == form) | (said == "FORM " + form) | (said == "")
    items = pl.col("items").fill_null("").map_elements(named_items, return_dtype=pl.String)
    return frame.with_columns(
        about=pl.when(items != "").then(items).when(~repeated).then("description").otherwise(pl.lit("")),
        command=pl.format("NEWS ITEM={}", "accession"),
    )


def _column(name: str, label: str, kind: str = "text", width: int | None = None) -> Column:
    source = CellSource("filings", name, _SOURCE)
    return Column(name, label, kind, source=source, width=width)  # type: ignore[arg-type]


def newest(context: Context) -> Panel | None:
    """The last annual and quarterly reports and the last current report."""
    import polars as pl

    frame = context.reader.rows("filings", [context.security.security_id])
    wanted = frame.filter(
        pl.col("form").is_in(["10-K", "10-K/A", "10-Q", "10-Q/A", "8-K", "20-F", "40-F", "6-K"])
    )
    if wanted.is_empty():
        return None
    last = wanted.sort("accepted_at", "accession", descending=True).unique(
        "form", keep="first", maintain_order=True
    )
    columns = (
        _column("form", "form"),
        _column("report_date", "period", "date"),
        _column("accepted_at", "accepted at", "instant"),
        Column("about", "about", width=60, formula=_ABOUT),
        _column("accession", "accession"),
    )
    table = Table(_told(last), columns, key=("form",), command="command")
    return Panel("filings", "newest filing of each kind: a number shows one", table, last.height)


def profile(context: Context, args: Args) -> Page:
    """The newest profile known at the clock."""
    ref = context.security
    rows = context.reader.rows("profiles", [ref.security_id]).sort("valid_from")
    if rows.is_empty():
        raise nothing(context, "profiles")
    row = rows.row(-1, named=True)
    constants = {"security_id": ref.security_id, "valid_from": row["valid_from"]}

    def source(column: str) -> CellSource:
        return CellSource("profiles", column, {}, constants)

    items = [
        Metric("name", ref.name),
        Metric("ticker", ref.label),
        Metric("exchange", ref.exchange or None),
        Metric("currency", ref.currency or None),
        # sources of profiles tell different things: what this one does not tell has no line
        *(Metric(label, row[name], source=source(name)) for name, label in _PROFILE if row[name]),
        *(
            Metric(label, row[name], "integer", source=source(name))
            for name, label in (("employees", "employees"), ("shares_outstanding", "shares outstanding"))
            if row[name] is not None
        ),
        Metric("profile of", row["valid_from"], "date", source=source("valid_from")),
        Metric("known at", row["known_at"], "instant"),
        Metric("basis of known at", row["known_basis"]),
    ]
    panels = [Panel("profile", "profile", Metrics(tuple(items)))]
    if row["summary"]:
        from engine.page import Text

        panels.append(Panel("summary", "what it says it does", Text((row["summary"],))))
    return Page(f"{ref.label}  {ref.name}  profile", tuple(panels))
