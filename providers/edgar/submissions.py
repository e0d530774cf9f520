"""A company's submissions: what it is now, and its filings, the older pages among them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from providers.edgar.acceptance import with_acceptance
from providers.edgar.wire import Wire
from providers.errors import malformed
from providers.seen import known_by
from providers.series import one_a_key
from store.batch import Quarantined

if TYPE_CHECKING:
    import polars as pl

ARCHIVE = "https://www.sec.gov/Archives/edgar/data"
_PAGE = re.compile(r"CIK\d{10}-submissions-\d{1,4}\.json")
_COLUMNS = {
    "accessionNumber": "accession", "filingDate": "filed", "acceptanceDateTime": "stamp", "form": "form",
    "reportDate": "report", "primaryDocument": "document", "primaryDocDescription": "description",
    "items": "items", "size": "bytes",
}  # fmt: skip
_NEEDED = ("accessionNumber", "filingDate", "acceptanceDateTime", "form")


@dataclass(frozen=True, slots=True)
class Submissions:
    """What EDGAR says of one company. ``filings``: rows with their clocks, by filed_date and accession."""

    cik: str
    company: dict[str, Any]
    filings: pl.DataFrame
    aside: list[Quarantined]


@dataclass(frozen=True, slots=True)
class Newest:
    """The first answer: the company, its newest filings, and the older pages with their first and last day."""

    cik: str
    company: dict[str, Any]
    page: pl.DataFrame
    older: tuple[tuple[str, date | None, date | None], ...]


def newest(cik: str, wire: Wire) -> Newest:
    """The company and about 1,000 filings, or a year of them."""
    company = wire.json(f"/submissions/CIK{cik}.json", "data", f"EDGAR knows no company with the CIK {cik}")
    try:
        recent, files = company["filings"]["recent"], company["filings"]["files"]
        older = tuple((file["name"], _day(file["filingFrom"]), _day(file["filingTo"])) for file in files)
    except (KeyError, TypeError) as error:
        raise malformed(f"EDGAR's submissions of {cik} came without its filings") from error
    return Newest(cik, company, _page(recent, cik), older)


def read(found: Newest, wire: Wire, start: date | None, end: date | None) -> Submissions:
    """The filings from ``start`` to ``end``, with the older pages that reach into the range."""
    import polars as pl

    cik, older = found.cik, found.older
    low, high = start or date.min, end or date.max
    wanted = [name for name, first, last in older if (last or high) >= low and (first or low) <= high]
    pages = [found.page]
    for done, name in enumerate(wanted):
        wire.access.progress(done, len(wanted), f"SEC EDGAR: {name}")
        if not isinstance(name, str) or not _PAGE.fullmatch(name):
            raise malformed(f"EDGAR's submissions of {cik} name a page in another form: {name!r}")
        pages.append(_page(wire.json(f"/submissions/{name}", "data", f"EDGAR has no page {name}"), cik))
    frame = pl.concat(page.with_columns(page=pl.lit(at)) for at, page in enumerate(pages)).with_columns(
        filed_date=pl.col("filed").str.to_date("%Y-%m-%d", strict=False),
        report_date=pl.col("report").str.to_date("%Y-%m-%d", strict=False),
    )
    empty = pl.any_horizontal(pl.col("filed_date", "accession", "form").is_null())
    bad = frame.filter(empty)
    aside = [Quarantined("filings", "a filing without day, number or form", bad)] if bad.height else []
    clocked = known_by(with_acceptance(frame.filter(~empty), wire.access.now), wire.access.now)
    # A filing on two pages is one; where they tell its hour on two clocks, the later.
    once = clocked.sort("accepted_at", descending=True).unique(
        ["filed_date", "accession", "form"], keep="first", maintain_order=True
    )
    settled, twice = one_a_key(once.drop("page", "stamp"), ["filed_date", "accession"], "filings")
    inside = settled.filter(
        pl.col("filed_date").is_between(low, high) if start or end else pl.lit(value=True)
    )
    return Submissions(cik, found.company, inside, aside + twice)


def first_filed(found: Newest) -> date | None:
    """The day of the company's first filing, by the list of pages."""
    days = [_day(day) for day in found.page["filed"].to_list()]
    return min((day for day in (*days, *(first for _, first, _ in found.older)) if day), default=None)


def rows(told: Submissions, identity: str) -> pl.DataFrame:
    """Rows of ``filings``."""
    import polars as pl

    folder = f"{ARCHIVE}/{int(told.cik)}/"
    plain = pl.col("accession").str.replace_all("-", "")
    page = pl.when(pl.col("document").fill_null("") == "").then(
        pl.concat_str("accession", pl.lit("-index.htm"))
    )
    return told.filings.select(
        pl.lit(identity).alias("identity"), "filed_date", "accession", "form", "accepted_at", "report_date",
        "document", "description", "items",
        pl.concat_str(pl.lit(folder), plain, pl.lit("/"), page.otherwise("document")).alias("url"),
        "bytes", "known_at", "known_basis",
    )  # fmt: skip


def _page(columns: Any, cik: str) -> pl.DataFrame:
    """A page's columns as rows of text."""
    import polars as pl

    lengths = (
        {len(columns[name]) for name in _COLUMNS if name in columns} if isinstance(columns, dict) else {0, 1}
    )
    if len(lengths) != 1 or any(name not in columns for name in _NEEDED):
        raise malformed(f"EDGAR's filings of {cik} have columns missing or of unequal length")
    empty = [None] * lengths.pop()
    return pl.DataFrame(
        {
            ours: pl.Series(
                columns.get(name, empty), dtype=pl.Int64 if ours == "bytes" else pl.String, strict=False
            )
            for name, ours in _COLUMNS.items()
        }
    )


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
