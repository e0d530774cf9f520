"""Who a company is and was: its profile today, and its names over time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from providers.clocks import NEW_YORK
from providers.edgar import submissions
from providers.edgar.submissions import Newest
from providers.edgar.wire import Wire
from providers.source import Subject
from providers.vendor_securities import ticker_on
from store.batch import Quarantined

if TYPE_CHECKING:
    import polars as pl

TODAY = "estimated: known from this fetch; EDGAR keeps the profile of today only"
NAMED = "estimated: end of the day in New York of the first filing under the name"
FIRST_SEEN = "estimated: end of the day in New York of the first listed filing after the former name's last"
LISTED_TODAY = "estimated: known from this fetch; EDGAR keeps the tickers and exchanges of today only"
WITHIN = "a name used while another was in use, in a filing or two"
# EDGAR's words for exchanges; NYSE stands for American and Arca too.
EXCHANGES = {"Nasdaq": "XNAS", "NYSE": "XNYS", "CBOE": "BATS", "OTC": "OTCM"}


def profile(company: dict[str, Any], identity: str, now: datetime) -> pl.DataFrame:
    """The row of ``profiles`` as of the fetch."""
    import polars as pl

    day = now.astimezone(ZoneInfo(NEW_YORK)).date()
    addresses = company.get("addresses")
    business = addresses.get("business") if isinstance(addresses, dict) else None
    address = business if isinstance(business, dict) else {}
    ends = str(company.get("fiscalYearEnd") or "")
    state = _text(company, "stateOfIncorporationDescription") or _text(company, "stateOfIncorporation")
    words = [
        _text(company, "entityType"),
        f"incorporated in {state}" if state else None,
        _text(company, "category"),
    ]
    row = {
        "identity": identity, "valid_from": day, "industry": _text(company, "sicDescription"),
        "country": _country(address), "city": _text(address, "city"), "website": _text(company, "website"),
        "summary": "; ".join(word for word in words if word) or None,
        "cik": str(company.get("cik") or "").zfill(10), "sic": _text(company, "sic"),
        "fiscal_year_end": f"{ends[:2]}-{ends[2:]}" if len(ends) == 4 else None,
        "known_at": now, "known_basis": TODAY,
    }  # fmt: skip
    return pl.DataFrame([row], infer_schema_length=None)


def names(found: Newest, subject: Subject, wire: Wire) -> tuple[pl.DataFrame, list[Quarantined]]:
    """Rows of ``securities``: the former names and today's, each from its first filing, and what holds today.

    EDGAR has today's tickers and exchanges only, and a name changes on another day than a ticker (Facebook, Inc.
    was Meta Platforms from October 2021, and FB until June 2022). So a name begins with the ticker of the
    security's identity, under which it was first known, unless the ticker is known to have held by then; today's
    ticker and exchange are known from this fetch.
    """
    import polars as pl

    company, now = found.company, wire.access.now
    former, aside = _former(company)
    common = {
        "identity": subject.identity, "market": "US EQUITY", "asset_class": subject.asset_class or "equity",
        "exchange": "", "currency": "USD", "calendar": "XNYS", "unit": "USD a share",
    }  # fmt: skip
    rows: list[dict[str, Any]] = [
        {
            **common, "valid_from": first, "ticker": ticker_on(subject, first), "name": name,
            "note": "former name, from EDGAR", "known_at": _end(first), "known_basis": NAMED,
        }
        for name, first, _ in former
    ]  # fmt: skip
    today = now.astimezone(ZoneInfo(NEW_YORK)).date()
    if former:
        last = former[-1][2]
        told = submissions.read(found, wire, last, None)
        after = told.filings.filter(pl.col("filed_date") > last)["filed_date"].min()
        since, basis = (after if isinstance(after, date) else today), FIRST_SEEN
    else:
        since, basis = submissions.first_filed(found) or today, NAMED
    tickers, exchanges = company.get("tickers") or [], company.get("exchanges") or []
    listed = dict(zip(tickers, exchanges, strict=False))
    named = {
        **common, "valid_from": since, "ticker": ticker_on(subject, since),
        "name": str(company.get("name") or subject.ticker), "note": f"CIK {found.cik}",
        "known_at": min(_end(since), now), "known_basis": basis,
    }  # fmt: skip
    current = {
        **named, "valid_from": today, "ticker": subject.ticker, "known_at": now, "known_basis": LISTED_TODAY,
        "exchange": EXCHANGES.get(str(listed.get(subject.ticker.replace(".", "-")) or ""), ""),
    }  # fmt: skip
    frame = pl.DataFrame([*rows, named, current])
    return frame.unique("valid_from", keep="last", maintain_order=True), aside


def _former(company: dict[str, Any]) -> tuple[list[tuple[str, date, date]], list[Quarantined]]:
    """Former names with the days of their first and last filing, in order; one that lies within another aside."""
    import polars as pl

    told: list[tuple[str, date, date]] = []
    odd: list[dict[str, str]] = []
    for row in company.get("formerNames") or []:
        try:
            # The day is right on either reading of the stamp: midnight in New York, or midnight.
            told.append((str(row["name"]), *(date.fromisoformat(row[key][:10]) for key in ("from", "to"))))  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError):
            odd.append({"row": repr(row)[:300]})
    kept: list[tuple[str, date, date]] = []
    within: list[tuple[str, date, date]] = []
    for name, first, last in sorted(told, key=lambda row: (row[1], -row[2].toordinal())):
        (within if kept and last <= kept[-1][2] else kept).append((name, first, last))
    schema = {"name": pl.String, "first": pl.Date, "last": pl.Date}
    aside = [Quarantined("securities", WITHIN, pl.DataFrame(within, schema=schema, orient="row"))] * bool(
        within
    )
    if odd:
        aside.append(Quarantined("securities", "a former name without its days", pl.DataFrame(odd)))
    return kept, aside


def _country(address: dict[str, Any]) -> str | None:
    """EDGAR's codes of US states are letters; those of other countries have a digit."""
    code = str(address.get("stateOrCountry") or "")
    if len(code) == 2 and code.isalpha():
        return "United States"
    return _text(address, "country") or _text(address, "stateOrCountryDescription")


def _text(values: dict[str, Any], name: str) -> str | None:
    return str(values[name]).strip() or None if values.get(name) is not None else None


def _end(day: date) -> datetime:
    return datetime.combine(day, time.max, ZoneInfo(NEW_YORK)).astimezone(UTC)
