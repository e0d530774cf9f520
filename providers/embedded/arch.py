"""arch: two US indices with open, high and low, VIX, WTI, core CPI, corporate yields, Fama-French factors."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

from providers.base import Part, Shelf, SourceFile, answer_hash
from providers.clocks import NEW_YORK, Calendars, known_at_close, local_instant
from providers.embedded.series import CORE_CPI, FRENCH, YIELDS, Series, series_securities
from providers.embedded.version import rules
from providers.validate import check_jumps
from store.batch import Quarantined

if TYPE_CHECKING:
    import polars as pl


def _file(name: str) -> SourceFile:
    return SourceFile("arch", "arch", f"data/{name}.csv.gz")


SP500, NASDAQ = _file("sp500/sp500"), _file("nasdaq/nasdaq")
VIX, WTI = _file("vix/vix"), _file("wti/wti")
CPI, DEFAULT, FACTORS = _file("core_cpi/core-cpi"), _file("default/default"), _file("frenchdata/frenchdata")

_LICENCE = "Package NCSA. "
VIX_BASIS = "estimated: 15 minutes after the session's close, when the index is last computed"
WTI_BASIS = (
    "estimated: 17:00 New York of the Friday of the week after; EIA publishes the price within days, at the latest "
    "in that week's release, on Wednesday or, after holidays, by Friday"
)

# An hour by which the file's last period was surely published. Its whole history is that one vintage, since the
# series are revised and earlier vintages are not in the file.
CPI_RELEASED = (date(2018, 12, 12), 8, 30)
CPI_BASIS = (
    "estimated: 08:30 New York of 2018-12-12, when BLS released the last month in the file (2018-11); earlier "
    "vintages are not in the source"
)
YIELDS_RELEASED = (date(2019, 1, 9), 17, 0)
YIELDS_BASIS = (
    "estimated: 17:00 New York of 2019-01-09, a week after the month in which the file ends (2018-12); averages "
    "are published in the first days of the next month"
)
FACTORS_RELEASED = (date(2019, 1, 31), 17, 0)
FACTORS_BASIS = (
    "estimated: 17:00 New York of 2019-01-31, two months after the month in which the file ends (2018-11); the "
    "library follows within some weeks, and revises the factors at each release"
)


def read(shelf: Shelf, calendars: Calendars) -> list[Part]:
    """Six parts, one a dataset."""
    return [
        _indices(shelf, calendars),
        _vix(shelf, calendars),
        _wti(shelf),
        _observed(
            shelf, CPI, "US core CPI, monthly 1957-2018", {"CPILFESL": CORE_CPI}, "%m/%d/%Y",
            CPI_RELEASED, CPI_BASIS, "From FRED (BLS, public domain), 1957-01 to 2018-11.",
        ),
        _observed(
            shelf, DEFAULT, "Moody's Aaa and Baa yields, monthly 1919-2018", YIELDS, "%m/%d/%Y",
            YIELDS_RELEASED, YIELDS_BASIS, "AAA and BAA as FRED names them, 1919-01 to 2018-12.",
        ),
        _observed(
            shelf, FACTORS, "Fama-French three factors, monthly 1926-2018", FRENCH, "%Y%m%d",
            FACTORS_RELEASED, FACTORS_BASIS, "From Kenneth French's data library, 1926-07 to 2018-11.",
        ),
    ]  # fmt: skip


def _indices(shelf: Shelf, calendars: Calendars) -> Part:
    import polars as pl

    contents = {"index:SPX": shelf.read(SP500), "index:CCMP": shelf.read(NASDAQ)}
    rows = pl.concat(
        _csv(content).select(
            identity=pl.lit(identity),
            session_date=pl.col("Date").str.to_date("%m/%d/%Y"),
            open=pl.col("Open").cast(pl.Float64),
            high=pl.col("High").cast(pl.Float64),
            low=pl.col("Low").cast(pl.Float64),
            close=pl.col("Close").cast(pl.Float64),
            volume=pl.col("Volume").cast(pl.Int64),
        )
        for identity, content in contents.items()
    )
    silent = rows.filter(pl.col("volume") == 0)
    bars = known_at_close(rows.with_columns(volume=pl.col("volume").replace(0, None)), calendars)
    kept, _ = check_jumps(bars, _no_splits())
    aside = (
        (Quarantined("bars", "volume of an index is 0; stored without volume, the prices kept", silent),)
        if silent.height
        else ()
    )
    note = (
        "Open, high, low, close, volume 1999-01-04 to 2018-12-31; the package does not name its source, the "
        "columns are Yahoo Finance's (^GSPC, ^IXIC). "
    )
    return _part(
        shelf, SP500, "S&P 500 and NASDAQ Composite, daily 1999-2018", tuple(contents.values()),
        {"bars": kept.good}, note + _LICENCE, (*kept.quarantined, *aside),
    )  # fmt: skip


def _vix(shelf: Shelf, calendars: Calendars) -> Part:
    import polars as pl

    content = shelf.read(VIX)
    closes = _daily(content, "index:VIX")
    known = known_at_close(closes, calendars).with_columns(
        pl.col("known_at").dt.offset_by("15m"), known_basis=pl.lit(VIX_BASIS)
    )
    note = "Closes 2014-01-03 to 2019-01-03; holidays, blank in the file, make no row. " + _LICENCE
    return _part(shelf, VIX, "VIX, daily closes 2014-2019", (content,), {"closes": known}, note)


def _wti(shelf: Shelf) -> Part:
    """A spot price of a place, not of an exchange: its days are not a stock calendar's, nor need they be."""
    import polars as pl

    content = shelf.read(WTI)
    friday = pl.col("session_date").dt.truncate("1w").dt.offset_by("11d")  # weeks begin on Monday
    known = (
        _daily(content, "commodity:WTI")
        .with_columns(friday=friday)
        .with_columns(known_at=local_instant("friday", 17, 0, NEW_YORK), known_basis=pl.lit(WTI_BASIS))
        .drop("friday")
    )
    note = "DCOILWTICO from FRED (EIA, public domain), 1986-01-02 to 2019-01-03; blanks in the file make no row. "
    return _part(
        shelf, WTI, "WTI crude spot, daily closes 1986-2019", (content,), {"closes": known}, note + _LICENCE
    )


def _observed(
    shelf: Shelf,
    file: SourceFile,
    dataset: str,
    series: dict[str, Series],
    dates: str,
    released: tuple[date, int, int],
    basis: str,
    note: str,
) -> Part:
    """Monthly series of one vintage: every row is known when the vintage was."""
    import polars as pl

    content = shelf.read(file)
    day, hour, minute = released
    month = pl.col("Date") + "01" if dates == "%Y%m%d" else pl.col("Date")
    rows = (
        _csv(content)
        .with_columns(period_date=month.str.to_date(dates), released=pl.lit(day))
        .unpivot(on=list(series), index=["period_date", "released"], variable_name="column")
        .with_columns(pl.col("value").cast(pl.Float64))
        .drop_nulls("value")
        .with_columns(known_at=local_instant("released", hour, minute, NEW_YORK), known_basis=pl.lit(basis))
        .with_columns(
            identity=pl.col("column").replace_strict({name: s.identity for name, s in series.items()})
        )
    )
    frames = {
        "securities": series_securities(rows, series),
        "observations": rows.select("identity", "period_date", "value", "known_at", "known_basis"),
    }
    return _part(shelf, file, dataset, (content,), frames, f"{note} {_LICENCE}")


def _daily(content: bytes, identity: str) -> pl.DataFrame:
    """Closes of a two-column file, ``.`` and blanks (no value that day) left out."""
    import polars as pl

    return (
        _csv(content)
        .rename({"Date": "session_date"})
        .unpivot(index="session_date", value_name="close")
        .with_columns(pl.col("close").replace(".", None).cast(pl.Float64))
        .drop_nulls("close")
        .select(
            identity=pl.lit(identity),
            session_date=pl.col("session_date").str.to_date("%m/%d/%Y"),
            basis=pl.lit("close"),
            close="close",
        )
    )


def _csv(content: bytes) -> pl.DataFrame:
    import polars as pl

    return pl.read_csv(io.BytesIO(content), infer_schema=False)


def _no_splits() -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(schema={"identity": pl.String, "ex_date": pl.Date, "ratio": pl.Float64})


def _part(
    shelf: Shelf,
    file: SourceFile,
    dataset: str,
    contents: tuple[bytes, ...],
    frames: dict[str, pl.DataFrame],
    note: str,
    quarantined: tuple[Quarantined, ...] = (),
) -> Part:
    source = f"{file.distribution} {shelf.version(file.distribution)}"
    # Oil is the one price here that may stand below zero, as it did in April 2020.
    return Part(
        source, dataset, answer_hash(rules(), *contents), frames, note.strip(), quarantined,
        positive=file is not WTI,
    )  # fmt: skip
