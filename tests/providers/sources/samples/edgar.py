"""EDGAR's answers in the documented form: a company renamed once, an amended annual report, its facts."""

from __future__ import annotations

import json
from typing import Any

from providers.source import Request, Subject
from tests.providers.sources.loopback import Said, Sample

META = Subject("us-equity:FB", "META", name="Meta Platforms, Inc.", exchange="XNAS")
CIK = "0001326801"
SUBMISSIONS = f"/submissions/CIK{CIK}.json"
PAGE = f"CIK{CIK}-submissions-001.json"
FACTS = f"/api/xbrl/companyfacts/CIK{CIK}.json"
TICKERS_PATH = "/files/company_tickers.json"

TICKERS = json.dumps(
    {
        "0": {"cik_str": 1067983, "ticker": "BRK-B", "title": "BERKSHIRE HATHAWAY INC"},
        "1": {"cik_str": 1326801, "ticker": "META", "title": "Meta Platforms, Inc."},
    }
).encode()


def page(*filings: tuple[str, str, str, str]) -> dict[str, list[Any]]:
    """Columns of filings: (accession, filing date, acceptance stamp, form)."""
    return {
        "accessionNumber": [row[0] for row in filings], "filingDate": [row[1] for row in filings],
        "acceptanceDateTime": [row[2] for row in filings], "form": [row[3] for row in filings],
        "reportDate": ["2021-12-31" for _ in filings], "items": ["" for _ in filings],
        "size": [1000 for _ in filings], "primaryDocument": [f"d{n}.htm" for n, _ in enumerate(filings)],
        "primaryDocDescription": [row[3] for row in filings], "core_type": [row[3] for row in filings],
    }  # fmt: skip


RECENT = (
    (
        "0001326801-22-000060",
        "2022-04-29",
        "2022-04-28T23:30:00.000Z",
        "10-K/A",
    ),  # 19:30, out the next morning
    ("0001326801-22-000040", "2022-03-01", "2022-03-02T01:30:00.000Z", "4"),  # 20:30, its own day
    ("0001326801-22-000018", "2022-02-03", "2022-02-03T21:05:00.000Z", "10-K"),
    ("0001326801-21-000071", "2021-12-01", "2021-12-02T00:30:00.000Z", "4"),
)
OLDER = (
    ("0001326801-21-000049", "2021-10-26", "2021-10-26T10:02:00.000Z", "10-Q"),
    ("0001193125-05-000001", "2005-05-05", "2005-05-05T04:00:00.000Z", "D"),
)


def submissions(*recent: tuple[str, str, str, str], pages: bool = True, **company: Any) -> bytes:
    files = [{"name": PAGE, "filingCount": 2, "filingFrom": "2005-05-05", "filingTo": "2021-10-26"}]
    told = {
        "cik": CIK, "entityType": "operating", "sic": "7370", "sicDescription": "Services-Computer Programming",
        "name": "Meta Platforms, Inc.", "tickers": ["META"], "exchanges": ["Nasdaq"], "fiscalYearEnd": "1231",
        "stateOfIncorporation": "DE", "stateOfIncorporationDescription": "DE", "website": "",
        "category": "Large accelerated filer",
        "addresses": {"business": {"city": "MENLO PARK", "stateOrCountry": "CA"}},
        "formerNames": [
            {"name": "Facebook Inc", "from": "2005-05-05T04:00:00.000Z", "to": "2021-10-26T04:00:00.000Z"}
        ],
        "filings": {"recent": page(*recent), "files": files if pages else []},
    }  # fmt: skip
    return json.dumps({**told, **company}).encode()


def fact(value: float, accession: str, filed: str, **more: Any) -> dict[str, Any]:
    return {
        "start": "2021-01-01", "end": "2021-12-31", "val": value, "accn": accession, "fy": 2021, "fp": "FY",
        "form": "10-K", "filed": filed, **more,
    }  # fmt: skip


def facts(revenues: list[dict[str, Any]], shares: list[dict[str, Any]] | None = None) -> bytes:
    told = {"us-gaap": {"Revenues": {"label": "Revenues", "units": {"USD": revenues}}}}
    if shares is not None:
        told["dei"] = {"EntityCommonStockSharesOutstanding": {"label": "", "units": {"shares": shares}}}
    return json.dumps({"cik": 1326801, "entityName": "Meta Platforms, Inc.", "facts": told}).encode()


REVENUES = [
    fact(117_929_000_000, RECENT[2][0], "2022-02-03", frame="CY2021"),
    fact(117_930_000_000, RECENT[0][0], "2022-04-29", form="10-K/A"),
]
ROUTES = {
    TICKERS_PATH: TICKERS,
    SUBMISSIONS: submissions(*RECENT),
    f"/submissions/{PAGE}": json.dumps(page(*OLDER)).encode(),
    FACTS: facts(REVENUES),
}


def _sample(dataset: str, rows: dict[str, int]) -> Sample:
    routes: dict[str, bytes | Said] = dict(ROUTES)
    return Sample("edgar", Request(dataset, META), routes, rows, secrets={})


SAMPLES = (
    _sample("lookup", {"securities": 3, "profiles": 1}),
    _sample("filings", {"filings": 6}),
    _sample("facts", {"facts": 2, "filings": 3}),
    _sample("profile", {"profiles": 1}),
)
