"""Facts for tests: written by hand, and those of recorded EDGAR answers."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.quant.fundamentals.figures import Figures
from engine.quant.fundamentals.shares import Splits
from engine.quant.fundamentals.told import read_books

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "providers" / "edgar"
APPLE, NVIDIA, ALPHABET = "0000320193", "0001045810", "0001652044"
SPLITS = {
    APPLE: ((date(2014, 6, 9), 7.0), (date(2020, 8, 31), 4.0)),
    NVIDIA: ((date(2021, 7, 20), 4.0), (date(2024, 6, 10), 10.0)),
    ALPHABET: ((date(2022, 7, 18), 20.0),),
}
_SCHEMA = {
    "period_start": pl.Date, "period_end": pl.Date, "concept": pl.String, "unit": pl.String, "value": pl.Float64,
    "accession": pl.String, "form": pl.String, "fiscal_year": pl.Int64, "fiscal_period": pl.String,
    "filed_date": pl.Date, "known_at": pl.Datetime("us", "UTC"),
}  # fmt: skip


def fact(
    concept: str, start: str, end: str, value: float, filed: str, *, form: str = "10-Q", unit: str = "USD",
    accession: str = "", fiscal_year: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One fact of a filing accepted at 21:00 UTC of its day; the accession is the day's where none is given."""
    day = date.fromisoformat(filed)
    return {
        "period_start": date.fromisoformat(start), "period_end": date.fromisoformat(end),
        "concept": concept if ":" in concept else f"us-gaap:{concept}", "unit": unit, "value": float(value),
        "accession": accession or f"0000000000-{day:%y-%m%d}", "form": form, "fiscal_year": fiscal_year,
        "fiscal_period": "", "filed_date": day, "known_at": datetime.combine(day, time(21), UTC),
    }  # fmt: skip


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=_SCHEMA)


def figures(rows: list[dict[str, Any]], *splits: tuple[date, float]) -> Figures:
    return Figures(read_books(frame(rows), Splits.of(splits)))


def raw(cik: str) -> dict[str, Any]:
    """A recorded answer of companyfacts as it came; the test is skipped where that is absent."""
    path = RECORDED / f"data.sec.gov_api_xbrl_companyfacts_CIK{cik}.json.gz"
    if not path.is_file():
        pytest.skip(f"../shared/providers/edgar/{path.name} is not on this machine")
    answer: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return answer


def recorded_facts(cik: str) -> pl.DataFrame:
    """All facts of a recorded answer, known at 22:00 UTC of their filing's day."""
    rows: dict[tuple[object, ...], dict[str, Any]] = {}
    for taxonomy, concepts in raw(cik)["facts"].items():
        for name, told in concepts.items():
            for unit, values in told["units"].items():
                for row in values:
                    filed, end = date.fromisoformat(row["filed"]), date.fromisoformat(row["end"])
                    start = date.fromisoformat(row.get("start", row["end"]))
                    rows[start, end, taxonomy, name, unit, row["accn"]] = {
                        "period_start": start, "period_end": end, "concept": f"{taxonomy}:{name}", "unit": unit,
                        "value": float(row["val"]), "accession": row["accn"], "form": row["form"],
                        "fiscal_year": row["fy"], "fiscal_period": row["fp"], "filed_date": filed,
                        "known_at": datetime.combine(filed, time(22), UTC),
                    }  # fmt: skip
    return frame(list(rows.values()))


def recorded_figures(cik: str, asof: date | None = None, facts: pl.DataFrame | None = None) -> Figures:
    """Figures of a recorded company as of the end of a day."""
    known = recorded_facts(cik) if facts is None else facts
    if asof is not None:
        known = known.filter(pl.col("known_at") <= datetime.combine(asof, time(23, 59), UTC))
    splits = [(day, ratio) for day, ratio in SPLITS[cik] if asof is None or day <= asof]
    return Figures(read_books(known, Splits.of(splits)))
