"""IMF, SDMX 3.0 at api.imf.org: one key of one dataflow a series. Figures without vintages, dated late by rule."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from providers.base import answer_hash
from providers.errors import Kind, SourceError, malformed, not_found
from providers.series import (
    Period,
    late_basis,
    observation_schema,
    one_a_key,
    parse_period,
    series_row,
    set_aside,
    surely_known,
)
from providers.source import Access, Answer, Limit, Reply, Request, Service, SourceInfo, Subject

_IDENTITY = re.compile(r"^macro:IMF:(?P<flow>[A-Z0-9_]+):(?P<key>[A-Z0-9_]+(?:\.[A-Z0-9_]+)+)$")
_TICKER = re.compile(r"^(?P<flow>[A-Z0-9_]+)/(?P<key>[A-Z0-9_]+(?:\.[A-Z0-9_]+)+)$")
_FETCHED = "estimated: when it was fetched; the day by which it was surely known was not over"
RULES = "imf 1"

INFO = SourceInfo(
    "imf",
    "IMF data",
    {"": "https://api.imf.org/external/sdmx/3.0"},
    (
        Service(
            "observations", ("macro",), "by dataflow; projections are left out",
            note="no vintages: known by a late rule",
        ),
    ),
    (Limit(10, 5.0),),
    "Free for use with the IMF named as the source; its terms bar selling the data on.",
    "https://www.imf.org/external/terms.htm",
)  # fmt: skip


def subject(flow: str, key: str) -> Subject:
    """The series of a dataflow (WHDREO) and a key that names one value of each dimension."""
    return Subject(
        f"macro:IMF:{flow.upper()}:{key.upper()}", f"{flow}/{key}".upper(), "MACRO", "macro", currency="",
        calendar="",
    )  # fmt: skip


def series_of(about: Subject) -> tuple[str, str] | None:
    """Dataflow and key of a subject, by its identity or by a ticker such as WHDREO/GX1213.BCA_GDP_BP6.A."""
    found = _IDENTITY.match(about.identity) or _TICKER.match(about.ticker.upper())
    return (found["flow"], found["key"]) if found else None


class Imf:
    """Observations of one series."""

    info = INFO
    test_request = Request("observations", subject("PCPS", "G001.PGOLD.USD.M"))

    def fetch(self, request: Request, access: Access) -> Answer:
        import polars as pl

        wanted = series_of(request.subject)
        if request.dataset != "observations" or wanted is None:
            raise SourceError(
                Kind.NOT_SERVED,
                f"The IMF serves series such as WHDREO/GX1213.BCA_GDP_BP6.A, not {request.dataset} of "
                f"{request.subject.ticker}",
            )
        flow, key = wanted
        told = access.get(f"structure/dataflow/all/{flow}/+", accept=(200, 204))
        agency, title = _dataflow(told, flow)
        access.check_cancelled()
        reply = access.get(
            f"data/dataflow/{agency}/{flow}/+/{quote(key)}",
            {"dimensionAtObservation": "TIME_PERIOD", "attributes": "dsd", "measures": "all"},
            accept=(200, 204),
        )
        if reply.status == 204:
            raise not_found(f"The IMF's {flow} has no series {key}: check each part of the key")
        values, unit, bad = _observations(reply, key)
        good, projected = _known_rows(values, request.subject.identity, access.now)
        frame, twice = one_a_key(
            pl.DataFrame(good, observation_schema(), orient="row"), ["period_date"], "observations"
        )
        frames = {"observations": frame}
        if frame.height:
            note = f"IMF, dataflow {flow}; no vintages are kept."
            frames["securities"] = series_row(
                request.subject.identity, f"{flow}/{key}", f"{title}: {key}", unit, note, frame
            )
        return Answer(
            frames, answer_hash(RULES, told.content, reply.content),
            quarantined=(*set_aside("observations", bad + projected), *twice), positive=False,
        )  # fmt: skip


def _dataflow(reply: Reply, flow: str) -> tuple[str, str]:
    """The agency that keeps a dataflow, and the dataflow's name."""
    if reply.status == 204 or not reply.content:
        raise not_found(f"The IMF does not know the dataflow {flow}: check its name, such as WHDREO or PCPS")
    body = reply.json()
    flows = (body.get("data") or {}).get("dataflows") if isinstance(body, dict) else None
    if not isinstance(flows, list) or any(not isinstance(each, dict) for each in flows):
        raise malformed(f"{reply.url} answered no list of dataflows")
    if not flows:
        raise not_found(f"The IMF does not know the dataflow {flow}: check its name, such as WHDREO or PCPS")
    first = flows[0]
    agency = str(first.get("agencyID") or "")
    if not re.fullmatch(r"[A-Za-z0-9._]+", agency):
        raise malformed(f"{reply.url} names no agency for {flow}")
    return agency, str(first.get("name") or flow)


_Row = tuple[str, dict[str, object]]


def _observations(reply: Reply, key: str) -> tuple[list[tuple[Period, float]], str, list[_Row]]:
    """Periods with values, the unit in words, and what could not be mapped."""
    body = reply.json()
    try:
        data = body["data"]
        structure, sets = data["structures"][0], data["dataSets"]
        series_dimensions = structure["dimensions"]["series"]
        periods = [str(each["value"]) for each in structure["dimensions"]["observation"][0]["values"]]
        series = sets[0].get("series") or {} if sets else {}
        answered = {_key(series_dimensions, index): body for index, body in series.items()}
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise malformed(f"{reply.url} answered something else than SDMX-JSON data") from error
    good: list[tuple[Period, float]] = []
    bad: list[_Row] = []
    for name, content in answered.items():
        if name != key:
            bad.append((f"of another series than {key}", {"key": name}))
            continue
        for index, cell in (content.get("observations") or {}).items():
            value = cell[0] if isinstance(cell, list) and cell else None
            text = periods[int(index)] if str(index).isdigit() and int(index) < len(periods) else ""
            if value is None or value == "":
                continue  # a period without a figure
            row = {"period": text, "value": value}
            period, number = parse_period(text), _number(value)
            if period is None:
                bad.append(("its date is no period", row))
            elif number is None:
                bad.append(("its value is no number", row))
            else:
                good.append((period, number))
    return good, _unit(structure, answered.get(key)), bad


def _key(dimensions: list[dict[str, Any]], index: str) -> str:
    """``0:0:2`` to the key's words."""
    at = [int(part) for part in index.split(":")]
    return ".".join(
        str(dimension["values"][place]["id"]) for dimension, place in zip(dimensions, at, strict=True)
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except ValueError:
        return None


def _unit(structure: dict[str, Any], series: dict[str, Any] | None) -> str:
    """The unit's code, and the power of ten in which the values are told where it is not 0."""
    attributes = structure.get("attributes") or {}
    unit = ""
    for group in ("dimensionGroup", "series"):
        for attribute in attributes.get(group) or []:
            values = attribute.get("values") or []
            if attribute.get("id") == "UNIT" and len(values) == 1:
                unit = str(values[0].get("id") or "")
    for place, attribute in enumerate(attributes.get("series") or []):
        told = (series or {}).get("attributes") or []
        if attribute.get("id") == "SCALE" and place < len(told) and isinstance(told[place], int):
            scale = str(attribute["values"][told[place]].get("id") or "0")
            if scale != "0":
                unit = f"{unit} x 10^{scale}".strip()
    return unit


def _known_rows(
    values: list[tuple[Period, float]], identity: str, now: datetime
) -> tuple[list[tuple[Any, ...]], list[_Row]]:
    """Rows with their clock; years that are not over are the IMF's projections and set aside."""
    good, projected = [], []
    for period, value in values:
        if period.after > now.date():
            row: dict[str, object] = {"period": str(period.start), "value": value}
            projected.append(("a projection: its period is not over", row))
            continue
        ruled = surely_known(period)
        basis = late_basis(period.frequency, "the IMF") if ruled <= now else _FETCHED
        good.append((identity, period.start, value, min(ruled, now), basis))
    return good, projected


SOURCE: Imf = Imf()
