"""The World Bank: series over pages, errors inside a 200, clocks by the late rule."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.values import looks_like_ticker
from providers.errors import Kind, SourceError
from providers.source import Request
from providers.validate import check
from providers.worldbank import SOURCE, series_of, subject
from tests.providers.sources.loopback import Asked, Said, ask, recorded, serving
from tests.providers.sources.samples.worldbank import PATH, SAMPLES, page, row

SAMPLE = SAMPLES[0]


def test_a_series_with_clocks_that_are_late(tmp_path: Path) -> None:
    with serving(SAMPLE.behaviour()) as server:
        answer = ask(SOURCE, SAMPLE.request, server, tmp_path)
    frame = answer.frames["observations"]
    assert frame["period_date"].to_list() == [date(2022, 1, 1), date(2023, 1, 1), date(2024, 1, 1)]
    assert frame["known_at"].to_list()[:2] == [
        datetime(2024, 1, 1, 4, 59, 59, 999999, UTC),  # the end of 2023 in New York
        datetime(2025, 1, 1, 4, 59, 59, 999999, UTC),
    ]
    assert "12 months after the end of the period (annual)" in frame["known_basis"][0]
    security = answer.frames["securities"].row(0, named=True)
    assert security["identity"] == "macro:WB:NY.GDP.MKTP.CD:USA"
    assert security["ticker"] == "NY.GDP.MKTP.CD.USA"
    assert looks_like_ticker(security["ticker"])
    assert security["name"] == "United States: GDP (current US$)"
    for table, made in answer.frames.items():
        assert check(table, made, positive=False).good.height == made.height


def test_a_figure_newer_than_the_rule_is_known_from_the_update_that_brought_it(tmp_path: Path) -> None:
    with serving(lambda _: Said(page([row("2025", 30.1e12)]))) as server:
        later = ask(SOURCE, SAMPLE.request, server, tmp_path)
        same_day = ask(SOURCE, SAMPLE.request, server, tmp_path, now=datetime(2026, 7, 1, 15, 0, tzinfo=UTC))
    assert later.frames["observations"]["known_at"][0] == datetime(2026, 7, 2, 3, 59, 59, 999999, UTC)
    assert "update" in later.frames["observations"]["known_basis"][0]
    assert same_day.frames["observations"]["known_at"][0] == datetime(2026, 7, 1, 15, 0, tzinfo=UTC)


def test_pages_are_followed_to_their_end(tmp_path: Path) -> None:
    def behaviour(asked: Asked) -> Said:
        number = int(asked.query["page"])
        return Said(page([row(str(2020 + number), float(number))], number, 3))

    with serving(behaviour) as server:
        answer = ask(SOURCE, SAMPLE.request, server, tmp_path)
    assert answer.frames["observations"]["value"].to_list() == [1.0, 2.0, 3.0]
    assert len(server.asked) == 3


def test_rows_that_are_no_figures_of_it_are_set_aside(tmp_path: Path) -> None:
    other = row("2024", 5.0, countryiso3code="", country={"id": "XX", "value": "Not classified"})
    rows = [row("2024", 1.0), row("2024", 1.0), row("2023", 2.0), row("2023", 3.0), other,
            row("soon", 4.0), row("2026", 9.0)]  # fmt: skip
    with serving(lambda _: Said(page(rows))) as server:
        answer = ask(SOURCE, SAMPLE.request, server, tmp_path)
    assert answer.frames["observations"]["value"].to_list() == [1.0]  # what came twice is one row
    reasons = [each.reason for each in answer.quarantined]
    assert [word for word in ("country", "period", "projection", "contradictory")
            if not any(word in reason for reason in reasons)] == []  # fmt: skip


@pytest.mark.parametrize(("number", "kind"), [("120", Kind.NOT_FOUND), ("111", Kind.REFUSED)])
def test_an_error_inside_a_200(tmp_path: Path, number: str, kind: Kind) -> None:
    body = f'[{{"message":[{{"id":"{number}","key":"Invalid value","value":"not valid"}}]}}]'.encode()
    with serving(lambda _: Said(body)) as server, pytest.raises(SourceError) as error:
        ask(SOURCE, SAMPLE.request, server, tmp_path)
    assert error.value.kind is kind


def test_a_series_is_known_by_identity_and_by_its_ticker() -> None:
    about = subject("NY.GDP.MKTP.CD", "wld")
    assert series_of(about) == ("NY.GDP.MKTP.CD", "WLD")
    typed = type(about)("macro:NY.GDP.MKTP.CD.WLD", "ny.gdp.mktp.cd.wld", "MACRO", "macro")
    assert series_of(typed) == ("NY.GDP.MKTP.CD", "WLD")
    assert series_of(type(about)("macro:UNRATE", "UNRATE", "MACRO", "macro")) is None


def test_the_recorded_answers(tmp_path: Path) -> None:
    body = recorded("worldbank", "gdp_mexico_euroarea.json")
    request = Request("observations", subject("NY.GDP.MKTP.CD", "MEX"))
    with serving(lambda _: Said(body)) as server:
        answer = ask(SOURCE, request, server, tmp_path)
    assert answer.frames["observations"]["value"].to_list() == [1830489311088.89, 1832641364775.52]
    assert sum(each.rows.height for each in answer.quarantined if each.rows is not None) == 2
    wrong = recorded("worldbank", "error_invalid_value.json")
    with serving(lambda _: Said(wrong)) as server, pytest.raises(SourceError, match="country's code"):
        ask(SOURCE, request, server, tmp_path)
    assert server.asked[0].path == PATH.replace("USA", "MEX")
