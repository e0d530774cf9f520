"""Tables of what is filed, released and said: companies' facts, macro data, curves, news."""

from __future__ import annotations

from store.columns import SECURITY, ColumnSpec, TableSpec, integer, number, required, text

SPECS: tuple[TableSpec, ...] = (
    TableSpec(
        "filings",
        (
            SECURITY,
            *required("date", "filed_date"),
            *required("text", "accession", "form"),
            *required("instant", "accepted_at"),
            ColumnSpec("report_date", "date"),
            *text("document", "description", "items", "url"),
            *integer("bytes"),
        ),
        key=("security_id", "filed_date", "accession"),
        session="filed_date",
    ),
    # XBRL facts as filed. An instant fact (a balance) has period_start = period_end. A restatement is another
    # row, with the accession of the filing that told it.
    TableSpec(
        "facts",
        (
            SECURITY,
            *required("date", "period_end"),
            *required("text", "concept", "unit"),
            *required("date", "period_start"),
            *required("text", "accession"),
            *required("number", "value"),
            *text("form"),
            *integer("fiscal_year"),
            *text("fiscal_period"),
            ColumnSpec("filed_date", "date"),
            *text("frame"),
        ),
        key=("security_id", "period_end", "concept", "unit", "period_start", "accession"),
        session="period_end",
    ),
    TableSpec(
        "profiles",
        (
            SECURITY,
            *required("date", "valid_from"),
            *text("sector", "industry", "country", "city", "website", "summary", "cik", "sic"),
            *text("fiscal_year_end"),
            *integer("employees"),
            *number("shares_outstanding"),
        ),
        key=("security_id", "valid_from"),
        session="valid_from",
    ),
    # ``security_id`` is the curve; ``rate`` a fraction a year (0.045), ``years`` the tenor's length.
    TableSpec(
        "yield_curves",
        (
            SECURITY,
            *required("date", "session_date"),
            *required("text", "tenor"),
            *required("number", "years", "rate"),
        ),
        key=("security_id", "session_date", "tenor"),
        session="session_date",
    ),
    # ``security_id`` is the factor; ``value`` a return as a fraction over the period that ends on ``session_date``.
    TableSpec(
        "factor_returns",
        (
            SECURITY,
            *required("date", "session_date"),
            ColumnSpec("frequency", "text", required=True, choices=("day", "month", "year")),
            *required("number", "value"),
        ),
        key=("security_id", "session_date", "frequency"),
        session="session_date",
    ),
    # One row a headline and security it is about; market-wide ones are about a channel.
    TableSpec(
        "headlines",
        (
            SECURITY,
            *required("date", "session_date"),
            *required("text", "headline_id"),
            *required("instant", "published_at"),
            *required("text", "title"),
            *text("publisher", "url", "summary", "language"),
        ),
        key=("security_id", "session_date", "headline_id"),
        session="session_date",
    ),
    # ``score`` from -1 to 1, the mean over ``mentions``.
    TableSpec(
        "sentiment",
        (
            SECURITY,
            *required("date", "session_date"),
            *required("text", "channel"),
            *integer("mentions", "positive", "negative"),
            *number("score"),
            *text("note"),
        ),
        key=("security_id", "session_date", "channel"),
        session="session_date",
    ),
    # Search interest, 0 to 100 within one ``scale`` (the request that it was scaled by), never across scales.
    TableSpec(
        "trends",
        (
            SECURITY,
            *required("date", "period_date"),
            *required("text", "term", "scale"),
            *required("number", "value"),
            ColumnSpec("partial", "flag"),
        ),
        key=("security_id", "period_date", "term", "scale"),
        session="period_date",
    ),
)
