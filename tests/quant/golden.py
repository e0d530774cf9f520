"""Published and independently computed values (``../shared/golden``): read, and held against what we compute.

Each module of ``tests.quant.golden_cases`` is named after a file there and offers ``CASES``: by the file's
``function``, a callable ``(inputs, quantity) -> value``. Where a row's tolerance is not the one to use,
``TOLERANCES`` gives another for a (function, quantity), with the reason in a comment beside it.
"""

from __future__ import annotations

import csv
import importlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "shared" / "golden"
Case = Callable[[Mapping[str, Any], str], Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One golden value: what is asked of which inputs, the answer, and how near it must be."""

    id: str
    function: str
    inputs: Mapping[str, Any]
    quantity: str
    expected: Any
    tolerance: float
    source: str


def files() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.csv") if path.stem != "INDEX")


def rows(file: str) -> Iterator[Row]:
    csv.field_size_limit(1 << 24)
    with (FOLDER / f"{file}.csv").open(newline="", encoding="utf-8") as handle:
        for line in csv.DictReader(handle):
            yield Row(
                line["id"], line["function"], json.loads(line["inputs"]), line["quantity"],
                _value(line["expected"]), float(line["tol"] or 0.0), line["source"],
            )  # fmt: skip


def _value(text: str) -> Any:
    if text in ("nan", "inf", "-inf"):  # as Python writes them; JSON has NaN and Infinity
        return float(text)
    try:
        return json.loads(text)
    except ValueError:
        return text


@cache
def dataset(name: str) -> Any:
    """A series that golden values are computed on: parsed JSON, or a list of dicts for CSV."""
    path = FOLDER / "datasets" / f"{name}.json"
    if path.exists():
        return json.loads(path.read_text("utf-8"))
    with path.with_suffix(".csv").open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def cases(file: str) -> tuple[Mapping[str, Case], Mapping[tuple[str, str], float]]:
    """The callables of a file, and the tolerances that replace its own."""
    module = importlib.import_module(f"tests.quant.golden_cases.{file}")
    return module.CASES, getattr(module, "TOLERANCES", {})


def distance(expected: Any, found: Any) -> float:
    """How far apart two values are: numbers, sequences of them, or words (0 where equal)."""
    if isinstance(expected, str | bool) or expected is None:
        return 0.0 if expected == found else math.inf
    if isinstance(expected, list):
        found = list(found)
        if len(expected) != len(found):
            return math.inf
        return max((distance(e, f) for e, f in zip(expected, found, strict=True)), default=0.0)
    a, b = float(expected), float(found)
    if math.isnan(a) or math.isnan(b):
        return 0.0 if math.isnan(a) and math.isnan(b) else math.inf
    return 0.0 if a == b else abs(a - b)
