"""statsmodels: US macro data as of 15 December 2009, and two vintages of the New York Fed's nowcast inputs."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

from providers.base import MissingSource, Part, Shelf, SourceFile, answer_hash
from providers.clocks import END_OF_VINTAGE_DAY, NEW_YORK, end_of_day
from providers.embedded.series import MACRODATA, NOWCAST, Series, series_securities
from providers.embedded.version import rules
from store.batch import Quarantined

if TYPE_CHECKING:
    import polars as pl

_NOWCAST_FOLDER = "tsa/statespace/tests/results/frbny_nowcast/Nowcasting/data/US"


def _file(path: str) -> SourceFile:
    return SourceFile("statsmodels", "statsmodels", path)


MACRO = _file("datasets/macrodata/macrodata.csv")
MACRO_VINTAGE = date(2009, 12, 15)  # "accessed December 15, 2009"
NOWCASTS: dict[date, SourceFile] = {
    day: _file(f"{_NOWCAST_FOLDER}/{day}.csv") for day in (date(2016, 6, 29), date(2016, 7, 29))
}
QUARTERLY = ("GDPC1", "ULCNFB", "A261RX1Q020SBEA")

MACRO_NOTE = (
    "Quarterly, 1959Q1 to 2009Q3, from FRED and the BLS as they stood on 2009-12-15. Package BSD-3-Clause; the data "
    "are in the public domain."
)
NOWCAST_NOTE = (
    "Monthly and quarterly from 1985, inputs of the New York Fed's nowcast as they stood on the vintage's day "
    "(BSD-3-Clause, Federal Reserve Bank of New York). Of a later vintage only what is new or revised is stored."
)


def read(shelf: Shelf) -> tuple[list[Part], tuple[str, ...]]:
    """The macro data, and a part for each nowcast vintage that the wheel has; what it has not is named."""
    parts, missing = [_macro(shelf)], []
    for vintage, file in NOWCASTS.items():
        try:
            parts.append(_nowcast(shelf, vintage, file))
        except MissingSource:  # they lie among the package's tests, which some builds leave out
            missing.append(f"{file.distribution}: nowcast vintage {vintage}")
    return parts, tuple(missing)


def _macro(shelf: Shelf) -> Part:
    import polars as pl

    content = shelf.read(MACRO)
    wide = pl.read_csv(io.BytesIO(content), infer_schema=False).with_columns(
        period_date=pl.date(pl.col("year").cast(pl.Int32), pl.col("quarter").cast(pl.Int32) * 3 - 2, 1)
    )
    rows = _known(_long(wide, list(MACRODATA)), MACRO_VINTAGE, MACRODATA)
    # Both need the CPI of a quarter earlier than the first, so the zeros there stand for "none".
    padding = (pl.col("period_date") == rows["period_date"].min()) & pl.col("column").is_in(
        ["infl", "realint"]
    )
    padded = rows.filter(padding & (pl.col("value") == 0))
    aside = Quarantined("observations", "a zero that pads the first quarter, where no change exists", padded)
    return _part(
        shelf, MACRO, "US macro data, quarterly 1959-2009, vintage 2009-12-15", content, rows.filter(~padding),
        MACRODATA, MACRO_NOTE, (aside,) if padded.height else (),
    )  # fmt: skip


def _nowcast(shelf: Shelf, vintage: date, file: SourceFile) -> Part:
    import polars as pl

    content = shelf.read(file)
    month = pl.col("Date").str.to_date("%m/%d/%y")
    wide = pl.read_csv(io.BytesIO(content), infer_schema=False).with_columns(period_date=month)
    columns = [name for name in wide.columns if name not in ("Date", "period_date")]
    rows = _long(wide, columns)
    # The file dates a quarter by its last month; everywhere else a quarter is dated by its first.
    quarterly = rows.with_columns(
        period_date=pl.when(pl.col("column").is_in(QUARTERLY))
        .then(pl.col("period_date").dt.offset_by("-2mo"))
        .otherwise(pl.col("period_date"))
    )
    known = {name: NOWCAST.get(name, Series(name, name, "")) for name in columns}
    dataset = f"New York Fed nowcast inputs, vintage {vintage}"
    return _part(shelf, file, dataset, content, _known(quarterly, vintage, known), known, NOWCAST_NOTE)


def _long(wide: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Columns column, period_date, value; blanks make no row."""
    import polars as pl

    return (
        wide.unpivot(on=columns, index="period_date", variable_name="column")
        .with_columns(pl.col("value").cast(pl.Float64))
        .drop_nulls("value")
    )


def _known(rows: pl.DataFrame, vintage: date, series: dict[str, Series]) -> pl.DataFrame:
    import polars as pl

    return (
        rows.with_columns(vintage=pl.lit(vintage))
        .with_columns(known_at=end_of_day("vintage", NEW_YORK), known_basis=pl.lit(END_OF_VINTAGE_DAY))
        .with_columns(
            identity=pl.col("column").replace_strict({name: s.identity for name, s in series.items()})
        )
        .drop("vintage")
    )


def _part(
    shelf: Shelf,
    file: SourceFile,
    dataset: str,
    content: bytes,
    rows: pl.DataFrame,
    series: dict[str, Series],
    note: str,
    quarantined: tuple[Quarantined, ...] = (),
) -> Part:
    frames = {
        "securities": series_securities(rows, series),
        "observations": rows.select("identity", "period_date", "value", "known_at", "known_basis"),
    }
    source = f"{file.distribution} {shelf.version(file.distribution)}"
    return Part(source, dataset, answer_hash(rules(), content), frames, note, quarantined)
