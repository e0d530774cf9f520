"""EDGAR as recorded: the zone of its stamps, facts of three companies, and a restatement read through a store."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import polars as pl
import pytest

from providers.clocks import EXACT
from providers.edgar import SOURCE
from providers.edgar.acceptance import UNDECIDED
from providers.source import Answer, Request, Subject
from providers.validate import check
from store import Batch, open_store
from tests.providers.sources.loopback import Asked, Said, ask, recorded, serving
from tests.providers.sources.samples.edgar import page

pytestmark = pytest.mark.shared
EMPTY = json.dumps(page()).encode()
NEW_YORK = "America/New_York"


def fetched(folder: Path, dataset: str, cik: str, newest: bytes | None = None) -> Answer:
    def answer(asked: Asked) -> Said:
        if asked.path.startswith("/api/"):
            return Said(recorded("edgar", f"data.sec.gov_api_xbrl_companyfacts_CIK{cik}.json.gz"))
        if "-submissions-" in asked.path:
            name = asked.path.rpartition("/")[2]
            return Said(recorded("edgar", f"data.sec.gov_submissions_{name}") if "1318605" in name else EMPTY)
        return Said(newest or recorded("edgar", f"data.sec.gov_submissions_CIK{cik}.json"))

    with serving(answer) as server:
        return ask(SOURCE, Request(dataset, Subject("us-equity:X", f"CIK{cik}")), server, folder)


@pytest.mark.parametrize(
    ("cik", "in_hours"),
    [("0000320193", 0.999), ("0001045810", 0.999), ("0000789019", 0.995), ("0001318605", 0.995),
     ("0001033331", 1.0), ("0000940418", 1.0)],
)  # fmt: skip
def test_recorded_filings_were_accepted_while_edgar_was_open(
    cik: str, in_hours: float, tmp_path: Path
) -> None:
    rows = fetched(tmp_path, "filings", cik).frames["filings"]
    exact = rows.filter(pl.col("known_basis") == EXACT, ~pl.col("accession").str.starts_with("9999999"))
    assert exact.height > 0.5 * rows.height
    local = exact["accepted_at"].dt.convert_time_zone(NEW_YORK).dt.time()
    assert local.is_between(time(6), time(22, 10)).mean() >= in_hours  # type: ignore[operator]
    assert not rows.filter(pl.col("known_basis") == UNDECIDED).height > 5
    assert (rows["known_at"] >= rows["accepted_at"]).all()


def test_apples_quarters_come_out_after_the_close_and_teslas_clock_changed_between_two_answers(
    tmp_path: Path,
) -> None:
    apple = fetched(tmp_path, "filings", "0000320193").frames["filings"]
    first = apple.filter(pl.col("form") == "10-K")["accepted_at"].dt.convert_time_zone(NEW_YORK).dt.time()
    assert first.is_between(time(6), time(18, 30)).all()
    old = fetched(tmp_path, "filings", "0001318605", recorded("edgar", "company_submission.json"))
    new = fetched(tmp_path, "filings", "0001318605")
    # The newest page of 2022 was on New York's clock, the answers of 2026 are in UTC: the same instants.
    both = old.frames["filings"].join(new.frames["filings"], on="accession")
    both = both.filter(pl.col("filed_date") > date(2018, 2, 12))
    assert both.height > 600
    assert both.filter(pl.col("accepted_at") != pl.col("accepted_at_right")).is_empty()


@pytest.mark.parametrize(("cik", "rows"), [("0000320193", 24579), ("0001045810", 0), ("0001652044", 20324)])
def test_every_recorded_fact_is_one_row_that_passes_every_check(cik: str, rows: int, tmp_path: Path) -> None:
    newest = recorded("edgar", "data.sec.gov_submissions_CIK0000350001.json") if cik == "0001652044" else None
    answer = fetched(tmp_path, "facts", cik, newest)
    frame = answer.frames["facts"]
    assert frame.height == rows or (not rows and frame.height > 20_000)
    assert not answer.quarantined
    assert not check("facts", frame, positive=False).quarantined
    day = pl.col("known_at").dt.convert_time_zone(NEW_YORK).dt.date()
    assert frame.filter(day < pl.col("filed_date")).is_empty()


def test_a_restatement_is_seen_from_its_own_filing_on_and_not_before(tmp_path: Path) -> None:
    """Apple's total assets of September 2015: 290,479 million in the 10-K of 2015, 290,345 in that of 2016, which
    moved debt issuance costs; those of 2009: 53,851, and 47,501 in the 10-K/A of January 2010, which told iPhone
    sales anew."""
    answer = fetched(tmp_path, "facts", "0000320193")
    store = open_store(tmp_path / "home")
    ids = store.identify(["us-equity:X"])
    frames = {
        name: frame.with_columns(security_id=pl.lit(ids["us-equity:X"], pl.Int64)).drop("identity")
        for name, frame in answer.frames.items()
    }
    store.append(Batch("edgar", "facts", answer.answer_hash, frames))
    restated, first = "0001628280-16-020309", "0001193125-15-356351"
    accepted = frames["filings"].filter(pl.col("accession") == restated)["known_at"].item()
    assert accepted.astimezone(UTC).date() == date(2016, 10, 26)

    def assets(asof: datetime, end: date) -> dict[str, float]:
        rows = store.reader(asof).rows("facts", list(ids.values()), end, end)
        told = rows.filter(pl.col("concept") == "us-gaap:Assets")
        assert (told["known_at"] <= asof).all()
        return dict(told.select("accession", "value").iter_rows())

    year = date(2015, 9, 26)
    before, after = assets(accepted - timedelta(microseconds=1), year), assets(accepted, year)
    assert before[first] == after[first] == 290_479e6
    assert set(after) - set(before) == {restated}
    assert after[restated] == 290_345e6
    assert set(before.values()) == {290_479e6}

    amended, day = "0001193125-10-012091", datetime(2010, 1, 25, 23, 0, tzinfo=UTC)
    assert set(assets(day, date(2009, 9, 26)).values()) == {53_851e6}
    later = assets(
        day + timedelta(hours=6), date(2009, 9, 26)
    )  # its page is not recorded: the end of the day
    assert later[amended] == 47_501e6
    store.close()
