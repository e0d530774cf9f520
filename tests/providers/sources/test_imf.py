"""The IMF: the dataflow's agency is looked up, projections are set aside, an unknown dataflow is a 204."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from providers.errors import Kind, SourceError
from providers.imf import SOURCE, series_of, subject
from providers.source import Request
from providers.validate import check
from tests.providers.sources.loopback import Asked, Said, ask, recorded, serving
from tests.providers.sources.samples.imf import DATA, SAMPLES, STRUCTURE, data, flow

SAMPLE = SAMPLES[0]


def test_a_series_of_months(tmp_path: Path) -> None:
    with serving(SAMPLE.behaviour()) as server:
        answer = ask(SOURCE, SAMPLE.request, server, tmp_path)
    frame = answer.frames["observations"]
    assert frame["period_date"].to_list() == [date(2024, 1, 1), date(2024, 2, 1), date(2026, 10, 1)]
    assert frame["value"].to_list() == [1990.5, 2023.25, 4010.0]
    assert frame["known_at"][0] == datetime(2024, 5, 1, 3, 59, 59, 999999, UTC)
    assert frame["known_at"][2] == datetime(
        2026, 11, 20, 22, 0, tzinfo=UTC
    )  # younger than its rule: the fetch
    security = answer.frames["securities"].row(0, named=True)
    assert (security["ticker"], security["unit"]) == ("PCPS/G001.PGOLD.USD.M", "USD")
    for table, made in answer.frames.items():
        assert check(table, made, positive=False).good.height == made.height
    assert [asked.path for asked in server.asked] == [STRUCTURE, DATA]


def test_a_scale_stands_in_the_unit(tmp_path: Path) -> None:
    routes = {STRUCTURE: flow(), DATA: data({"0": ["5"]}, ["2024"], "6")}
    with serving(lambda asked: Said(routes[asked.path])) as server:
        answer = ask(SOURCE, SAMPLE.request, server, tmp_path)
    assert answer.frames["securities"]["unit"][0] == "USD x 10^6"


def test_projections_and_what_is_no_number_are_set_aside(tmp_path: Path) -> None:
    body = data({"0": ["1"], "1": ["n/a"], "2": ["3"], "7": ["4"]}, ["2024-Q1", "2024-Q2", "2030-Q1"])
    routes = {STRUCTURE: flow(), DATA: body}
    with serving(lambda asked: Said(routes[asked.path])) as server:
        answer = ask(SOURCE, SAMPLE.request, server, tmp_path)
    assert answer.frames["observations"]["value"].to_list() == [1.0]
    reasons = {each.reason for each in answer.quarantined}
    assert reasons == {
        "its value is no number", "its date is no period", "a projection: its period is not over",
    }  # fmt: skip


@pytest.mark.parametrize("path", [STRUCTURE, DATA])
def test_nothing_known_is_a_204(tmp_path: Path, path: str) -> None:
    def behaviour(asked: Asked) -> Said:
        return Said(b"", 204) if asked.path == path else Said(flow())

    with serving(behaviour) as server, pytest.raises(SourceError) as error:
        ask(SOURCE, SAMPLE.request, server, tmp_path)
    assert error.value.kind is Kind.NOT_FOUND


def test_a_series_is_known_by_identity_and_by_its_ticker() -> None:
    about = subject("pcps", "g001.pgold.usd.m")
    assert series_of(about) == ("PCPS", "G001.PGOLD.USD.M")
    typed = type(about)("macro:x", "pcps/g001.pgold.usd.m", "MACRO", "macro")
    assert series_of(typed) == ("PCPS", "G001.PGOLD.USD.M")


def test_the_recorded_answer_without_its_projections(tmp_path: Path) -> None:
    name = (
        "sdmx_3.0_data_dataflow_IMF.WHD_WHDREO_GX1213.BCA_GDP_BP6.A_dimensionAtObservation=TIME_PERIOD_attribu_"
        "bbe1980e.json"
    )
    body = json.loads(recorded("imf", name))["text"].encode()
    told = json.dumps({"data": {"dataflows": [{"id": "WHDREO", "agencyID": "IMF.WHD", "name": "Outlook"}]}})
    request = Request("observations", subject("WHDREO", "GX1213.BCA_GDP_BP6.A"))
    with serving(lambda asked: Said(told.encode() if "structure" in asked.path else body)) as server:
        answer = ask(SOURCE, request, server, tmp_path, now=datetime(2025, 11, 9, 21, 0, tzinfo=UTC))
    frame = answer.frames["observations"]
    assert frame.height == 49  # 1976 to 2024: 2025 to 2030 are the IMF's projections
    assert frame["value"][0] == -7.436
    assert answer.frames["securities"]["unit"][0] == "PT"


def test_the_recorded_answer_without_figures_has_no_rows(tmp_path: Path) -> None:
    name = (
        "sdmx_3.0_data_dataflow_IMF.STA_GFS_SOO_ABW.S13.G2M.G23_T.POGDP_PT.A_dimensionAtObservation=TIME_PERIO_"
        "4516b09e.json"
    )
    body = json.loads(recorded("imf", name))["text"].encode()
    request = Request("observations", subject("GFS_SOO", "ABW.S13.G2M.G23_T.POGDP_PT.A"))
    with serving(lambda asked: Said(flow() if "structure" in asked.path else body)) as server:
        answer = ask(SOURCE, request, server, tmp_path)
    assert answer.frames["observations"].is_empty()
    assert "securities" not in answer.frames
