"""The IMF's SDMX 3.0 in its documented form: a dataflow's structure, then series of indexed observations."""

import json

from providers.imf import subject
from providers.source import Request
from tests.providers.sources.loopback import Sample

STRUCTURE = "/structure/dataflow/all/PCPS/+"
DATA = "/data/dataflow/IMF.RES/PCPS/+/G001.PGOLD.USD.M"


def flow() -> bytes:
    told = {"id": "PCPS", "agencyID": "IMF.RES", "name": "Primary Commodity Price System (PCPS)"}
    return json.dumps({"meta": {}, "data": {"dataflows": [told]}}).encode()


def data(cells: dict[str, list[object]], periods: list[str], scale: str = "0") -> bytes:
    keys = ("COUNTRY", "G001"), ("INDICATOR", "PGOLD"), ("DATA_TRANSFORMATION", "USD"), ("FREQUENCY", "M")
    structure = {
        "dimensions": {
            "series": [
                {"id": name, "keyPosition": place, "values": [{"id": value}]}
                for place, (name, value) in enumerate(keys)
            ],
            "observation": [
                {"id": "TIME_PERIOD", "keyPosition": 4, "values": [{"value": each} for each in periods]}
            ],
        },
        "attributes": {
            "dimensionGroup": [{"id": "UNIT", "values": [{"id": "USD"}]}],
            "series": [{"id": "SCALE", "values": [{"id": scale}]}],
            "observation": [],
        },
    }
    series = {"0:0:0:0": {"attributes": [0], "observations": cells}}
    body = {"dataSets": [{"structure": 0, "action": "Replace", "series": series}], "structures": [structure]}
    return json.dumps({"meta": {}, "data": body}).encode()


SAMPLES = (
    Sample(
        "imf",
        Request("observations", subject("PCPS", "G001.PGOLD.USD.M")),
        {
            STRUCTURE: flow(),
            DATA: data(
                {"0": ["1990.5"], "1": ["2023.25", None], "2": [None, None], "3": ["4010"]},
                ["2024-M01", "2024-M02", "2024-M03", "2026-M10"],
            ),
        },
        {"observations": 3, "securities": 1},
        {},
    ),
)
