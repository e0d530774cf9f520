"""Ken French's factors: fractions, clocks, odd files, and the recorded zip against the re-saved tables."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from providers.embedded.series import FRENCH
from providers.errors import Kind, SourceError
from providers.french_files import read_blocks, unzip
from providers.kenfrench import MODELS, SOURCE
from providers.source import Answer, Request, Subject
from providers.validate import check
from tests.providers.sources.loopback import SHARED, Said, ask, recorded, serving
from tests.providers.sources.samples.kenfrench import DAILY, FACTOR, MONTHLY, SAMPLES, zipped


def fetched(folder: Path, detail: str = "", monthly: bytes = b"", **more: datetime) -> Answer:
    body = monthly or zipped(MONTHLY)
    with serving(lambda asked: Said(zipped(DAILY) if "daily" in asked.path else body)) as server:
        return ask(SOURCE, Request("factors", FACTOR, detail=detail), server, folder, **more)


def value(answer: Answer, identity: str, day: date, frequency: str) -> float | None:
    rows = answer.frames["factor_returns"].filter(
        pl.col("identity") == identity, pl.col("session_date") == day, pl.col("frequency") == frequency
    )
    return rows["value"].item() if rows.height else None


def test_returns_are_fractions_by_day_month_and_year(tmp_path: Path) -> None:
    answer = fetched(tmp_path)
    assert {name: frame.height for name, frame in answer.frames.items()} == dict(SAMPLES[0].rows)
    assert value(answer, "factor:SMB", date(2026, 1, 31), "month") == 0.0075
    assert value(answer, "factor:SMB", date(2025, 12, 31), "year") == -0.107
    assert value(answer, "factor:SMB", date(2026, 2, 26), "day") == -0.0025
    assert value(answer, "factor:HML", date(2026, 1, 31), "month") is None  # -99.99
    assert "202603 CRSP" in answer.note
    for table, frame in answer.frames.items():
        assert not check(table, frame, positive=answer.positive).quarantined


def test_a_month_is_known_at_the_end_of_the_second_month_after_it(tmp_path: Path) -> None:
    rows = fetched(tmp_path, "month").frames["factor_returns"].filter(pl.col("identity") == "factor:RF")
    assert rows["known_at"].to_list() == [
        datetime(2026, 2, 28, 22, tzinfo=UTC), datetime(2026, 3, 31, 21, tzinfo=UTC),
        datetime(2026, 4, 30, 21, tzinfo=UTC),
    ]  # fmt: skip


def test_what_is_seen_earlier_than_the_rule_is_known_by_the_fetch(tmp_path: Path) -> None:
    now = datetime(2026, 4, 15, tzinfo=UTC)
    rows = fetched(tmp_path, now=now).frames["factor_returns"]
    assert rows["known_at"].max() == now


def test_factors_are_not_known_before_they_were_published(tmp_path: Path) -> None:
    old = MONTHLY.replace("202512", "192607")
    rows = fetched(tmp_path, "month", zipped(old)).frames["factor_returns"]
    assert rows["known_at"].min() == datetime(1993, 2, 28, 22, tzinfo=UTC)


def test_identities_are_those_of_the_embedded_factors() -> None:
    assert {series.ticker for series in FRENCH.values()} == set(MODELS[0].factors)


def test_a_range_and_a_frequency_are_kept_to(tmp_path: Path) -> None:
    with serving(lambda _: Said(zipped(MONTHLY))) as server:
        request = Request("factors", FACTOR, date(2026, 1, 1), date(2026, 1, 31), "month")
        answer = ask(SOURCE, request, server, tmp_path)
    assert len(server.asked) == 1
    assert answer.frames["factor_returns"].height == 3


def test_contradictory_lines_are_set_aside_and_order_does_not_matter(tmp_path: Path) -> None:
    line = "202602,   0.05,   1.00,  -0.20,   0.33\r\n"
    answer = fetched(tmp_path, "month", zipped(MONTHLY.replace(line, line + line.replace("1.00", "2.00"))))
    assert [item.rows.height for item in answer.quarantined if item.rows is not None] == [2]
    assert value(answer, "factor:HML", date(2026, 2, 28), "month") == -0.002  # said twice alike: one row
    same = fetched(tmp_path, "month", zipped(MONTHLY.replace(line, line + line)))
    assert value(same, "factor:SMB", date(2026, 2, 28), "month") == 0.01
    assert not same.quarantined


def test_a_value_that_is_no_number_is_left_to_the_check(tmp_path: Path) -> None:
    answer = fetched(tmp_path, "month", zipped(MONTHLY.replace("0.75", "n/a")))
    result = check("factor_returns", answer.frames["factor_returns"], positive=False)
    assert [item.reason for item in result.quarantined] == ["value is empty"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>moved</html>", Kind.MALFORMED),
        (zipped(MONTHLY)[:200], Kind.MALFORMED),
        (zipped("nothing here"), Kind.MALFORMED),
        (zipped(MONTHLY, "factors.exe"), Kind.MALFORMED),
        (zipped(MONTHLY.replace("0.75, -99.99,", "0.75,")), Kind.MALFORMED),
        (zipped(MONTHLY.replace("Mkt-RF,SMB,HML,RF", "A,B,C,D")), Kind.MALFORMED),
        (zipped("0" * (40 << 20)), Kind.TOO_LARGE),
    ],
)
def test_files_that_are_not_as_documented_are_refused(body: bytes, kind: Kind, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        fetched(tmp_path, "month", body)
    assert caught.value.kind is kind


def test_a_factor_that_is_not_there_is_not_asked_for(tmp_path: Path) -> None:
    subject = Subject("factor:QMJ", "QMJ", "MACRO", "factor")
    with serving(lambda _: Said()) as server, pytest.raises(SourceError) as caught:
        ask(SOURCE, Request("factors", subject), server, tmp_path)
    assert caught.value.kind is Kind.NOT_SERVED
    assert not server.asked


@pytest.mark.shared
def test_the_recorded_zip_is_read_whole(tmp_path: Path) -> None:
    body = recorded("kenfrench", "F-F_Research_Data_Factors_CSV.zip.zip")
    answer = fetched(tmp_path, "", body)
    rows = answer.frames["factor_returns"]
    months = rows.filter(pl.col("frequency") == "month", pl.col("identity") == "factor:MKTRF")
    years = rows.filter(pl.col("frequency") == "year", pl.col("identity") == "factor:MKTRF")
    assert (months.height, years.height) == (1197, 99)  # 1926-07 to 2026-03, 1927 to 2025
    assert value(answer, "factor:MKTRF", date(1926, 7, 31), "month") == 0.0289
    assert value(answer, "factor:RF", date(2025, 12, 31), "year") == 0.0425
    assert not answer.quarantined


@pytest.mark.shared
def test_recorded_months_equal_the_compounded_days_of_the_resaved_table(tmp_path: Path) -> None:
    days = resaved("F-F_Research_Data_Factors_daily.csv.gz").pivot(
        on="column", index="session_date", values="value"
    )
    rows = fetched(tmp_path, "month", recorded("kenfrench", "F-F_Research_Data_Factors_CSV.zip.zip"))
    months = rows.frames["factor_returns"].pivot(on="identity", index="session_date", values="value")
    compounded = days.group_by(session_date=pl.col("session_date").dt.month_end()).agg(
        market=(1 + pl.col("Mkt-RF") + pl.col("RF")).product() - 1
    )
    both = months.join(compounded, on="session_date").filter(pl.col("session_date") >= date(1990, 1, 1))
    apart = (pl.col("factor:MKTRF") + pl.col("factor:RF") - pl.col("market")).abs()
    assert both.height > 400
    # A day's market and rate are each rounded to a hundredth of a percent: 23 of them, half of one apart.
    assert both.select(apart.max()).item() < 23 * 2 * 0.00005


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "frequencies"),
    [
        ("F-F_Research_Data_5_Factors_2x3.csv.gz", {"month", "year"}),
        ("F-F_Research_Data_5_Factors_2x3_daily.csv.gz", {"day"}),
        ("F-F_Momentum_Factor_daily.csv.gz", {"day"}),
    ],
)
def test_other_tables_of_the_library_are_read_too(name: str, frequencies: set[str]) -> None:
    rows = resaved(name)
    assert set(rows["frequency"].unique()) == frequencies
    assert rows["value"].null_count() == 0
    assert rows["value"].abs().max() < 1


@pytest.mark.shared
@pytest.mark.parametrize(("column", "apart"), [("RF", 1e-9), ("HML", 0.00011), ("Mkt-RF", 0.001)])
def test_recorded_months_equal_those_of_the_next_vintage(column: str, apart: float, tmp_path: Path) -> None:
    """The 202603 and the 202604 vintage: the rate is the same, values agree within rounding, and of 753 months the
    market of 30 was revised, by up to 8 basis points: a release revises history."""
    three = fetched(tmp_path, "month", recorded("kenfrench", "F-F_Research_Data_Factors_CSV.zip.zip"))
    five = resaved("F-F_Research_Data_5_Factors_2x3.csv.gz").filter(pl.col("frequency") == "month")
    identity = f"factor:{FRENCH[column].ticker}"
    both = (
        three.frames["factor_returns"]
        .filter(pl.col("identity") == identity)
        .join(five.filter(pl.col("column") == column), on="session_date")
    )
    difference = (pl.col("value") - pl.col("value_right")).abs()
    assert both.height == 753
    assert both.select(difference.max()).item() < apart
    assert both.filter(difference > 0.00011).height == (30 if column == "Mkt-RF" else 0)


def resaved(name: str) -> pl.DataFrame:
    path = SHARED.parent / "data/factors" / name
    if not path.is_file():
        pytest.skip(f"{name} is not on this machine")
    return pl.concat(read_blocks(gzip.decompress(path.read_bytes()).decode("latin-1"), name)[1])


def test_the_zip_is_bounded_while_it_is_unpacked() -> None:
    assert unzip(zipped(DAILY), "x.zip") == DAILY
