"""Values read the same in a file as in a terminal: the browser's format against engine.format."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from engine.format import compact_number, format_cell
from engine.page import Blank, ColumnKind

ROOT = Path(__file__).parents[2]
KINDS: tuple[ColumnKind, ...] = ("integer", "number", "price", "percent", "change", "ratio")
TIES = (0.5, 1.5, 2.5, 0.125, 0.375, 0.0625, 1.005, 2.675, -1.0005, 1234.5, 1.5e15, 2e18, -3.25e17)
_CALL = """
const { core } = require(process.argv[1]);
const kit = core("kit.js", "kit_formats.js", "kit_dates.js");
const cases = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(([name, words]) => kit[name](...words))));
"""


def told(cases: list[tuple[str, list[object]]]) -> list[str]:
    """What the kit answers to each call."""
    words = [sys.executable, str(ROOT / "hatch_build.py"), "node", "-e", _CALL]
    path = str(ROOT / "d3_export" / "js" / "tests" / "load_core.js")
    done = subprocess.run(
        [*words, path], input=json.dumps(cases), capture_output=True, text=True, check=False
    )
    if "there is no node" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    answer: list[str] = json.loads(done.stdout)
    return answer


def numbers() -> list[float]:
    rng = np.random.default_rng(11)
    drawn = rng.choice([-1, 1], 200) * 10 ** rng.uniform(-8, 11, 200)
    return [
        0.0,
        1.0,
        -1.0,
        0.005,
        0.0049,
        1.99,
        2.0,
        0.01,
        0.0099,
        999.5,
        999_500.0,
        *TIES,
        *map(float, drawn),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_a_kind(kind: ColumnKind) -> None:
    places = (None, 0, 1, 3)
    cases = [
        (value, decimals, unit)
        for value in numbers()
        for decimals in places
        for unit in ("", "USD", "x", "% a year")
    ]
    answers = told([("format", [value, kind, decimals, unit]) for value, decimals, unit in cases])
    expected = [format_cell(value, kind, decimals, unit) for value, decimals, unit in cases]
    different = [
        (case, ours, theirs)
        for case, ours, theirs in zip(cases, answers, expected, strict=True)
        if ours != theirs
    ]
    assert different == []


def test_numbers_in_short() -> None:
    assert told([("compact", [value]) for value in numbers()]) == [
        compact_number(value) for value in numbers()
    ]


def test_blanks() -> None:
    answers = told([("format", [None, "price", 2, "USD", {"blank": blank.value}]) for blank in Blank])
    assert answers == [format_cell(None, "price", 2, "USD", blank) for blank in Blank]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_instants(zone: str) -> None:
    instants = [
        datetime(2020, 3, 16, 20, 0, tzinfo=UTC),
        datetime(2020, 12, 16, 4, 59, 30, tzinfo=UTC),
        datetime(1999, 7, 1, 0, 0, tzinfo=UTC),
    ]
    cases: list[tuple[str, list[object]]] = [
        ("format", [f"{one:%Y-%m-%dT%H:%M:%SZ}", "instant", None, "", {"zone": zone}]) for one in instants
    ]
    assert told(cases) == [format_cell(one, "instant", tz=ZoneInfo(zone)) for one in instants]
