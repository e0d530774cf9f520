"""Embedded values against outside data that no package of ours carries. Skipped where ``../shared`` is absent."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from store import Store
from tests.providers.conftest import NOW, ids

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def lean(shared: Path) -> Callable[[str], bytes]:
    """Files of QuantConnect Lean's sample data, by name."""
    wanted = {
        f"Data/equity/usa/{folder}/{name}"
        for folder, name in (
            ("factor_files", "aapl.csv"), ("factor_files", "ibm.csv"), ("factor_files", "googl.csv"),
            ("daily", "aapl.zip"), ("daily", "ibm.zip"),
        )
    }  # fmt: skip
    found: dict[str, bytes] = {}
    with tarfile.open(shared / "equity/lean_data_subset.tar.xz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name in wanted else None
            if file is not None:
                found["/".join(member.name.split("/")[-2:])] = file.read()
            if len(found) == len(wanted):
                break
    return found.__getitem__


def factors(content: bytes) -> pl.DataFrame:
    """A factor file: on the session after ``date`` a dividend of ``price * (1 - p_i / p_{i+1})`` goes ex, or
    shares split by ``s_{i+1} / s_i``."""
    names = ["day", "price", "split", "reference"]
    text = pl.read_csv(content, has_header=False, new_columns=names, infer_schema=False)
    frame = text.with_columns(pl.col(names[1:]).cast(pl.Float64))
    return frame.select(
        pl.col("day").str.to_date("%Y%m%d"),
        dividend=pl.col("reference") * (1 - pl.col("price") / pl.col("price").shift(-1)),
        ratio=pl.col("split").shift(-1) / pl.col("split"),
    )


def daily(content: bytes) -> pl.DataFrame:
    """Lean's daily bars as traded: dates, prices in 1/10,000 USD."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(archive.namelist()[0])
    names = ["day", "open", "high", "low", "close", "volume"]
    frame = pl.read_csv(text, has_header=False, new_columns=names)
    prices = [pl.col(name) / 10_000 for name in names[1:5]]
    return frame.select(
        pl.col("day").str.slice(0, 8).str.to_date("%Y%m%d").alias("session_date"), *prices, "volume"
    )


def previous_session(store: Store, frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with the session before each ex-date."""
    sessions = pl.Series("day", store.reader(NOW).sessions(date(1999, 12, 1), date(2014, 1, 31))).cast(
        pl.Date
    )
    before = pl.DataFrame({"ex_date": sessions, "day": sessions.shift(1)})
    return frame.join(before, on="ex_date", how="left")


@pytest.mark.parametrize(("ticker", "count"), [("AAPL", 3), ("IBM", 52)])
def test_dividends_are_leans_to_the_cent(
    loaded: Store, lean: Callable[[str], bytes], ticker: str, count: int
) -> None:
    (security,) = ids(loaded, ticker)
    outside = factors(lean(f"factor_files/{ticker.lower()}.csv"))
    ours = previous_session(loaded, loaded.actions(security, asof=NOW, kinds=["dividend"]))
    joined = ours.join(outside, on="day", how="left")
    assert ours.height == count
    assert joined["dividend"].null_count() == 0
    assert (joined["amount"] - joined["dividend"]).abs().max() < 0.0005
    assert (joined["amount"] * 100 - (joined["amount"] * 100).round()).abs().max() < 1e-9
    inside = outside.filter(pl.col("day").is_between(date(2000, 3, 1), date(2013, 2, 28)))
    assert inside.filter(pl.col("dividend") > 0.001).height == count  # and none is missing


def test_splits_are_leans(loaded: Store, lean: Callable[[str], bytes]) -> None:
    (aapl,) = ids(loaded, "AAPL")
    splits = loaded.actions(aapl, asof=NOW, kinds=["split"])
    assert splits.select("ex_date", "ratio").rows() == [
        (date(2000, 6, 21), 2.0), (date(2005, 2, 28), 2.0), (date(2014, 6, 9), 7.0),
        (date(2020, 8, 31), 4.0),
    ]  # fmt: skip
    outside = factors(lean("factor_files/aapl.csv")).filter((pl.col("ratio") - 1).abs() > 0.01)
    assert outside["day"].to_list() == [
        date(2000, 6, 20), date(2005, 2, 25), date(2014, 6, 6), date(2020, 8, 28),
    ]  # fmt: skip
    assert [round(ratio, 3) for ratio in outside["ratio"]] == [2.0, 2.0, 7.0, 4.0]
    (googl,) = ids(loaded, "GOOGL")
    first = loaded.actions(googl, asof=NOW, kinds=["split"]).row(0, named=True)
    assert (first["ex_date"], first["ratio"]) == (date(2014, 4, 3), 2.0)
    halved = factors(lean("factor_files/googl.csv")).filter(pl.col("ratio") > 1.01)
    assert halved.select("day", "ratio").rows() == [(date(2014, 4, 2), 2.0)]


@pytest.mark.parametrize("ticker", ["AAPL", "IBM", "MSFT"])
def test_actions_of_2012_are_zipline_s(loaded: Store, shared: Path, ticker: str) -> None:
    outside = pl.read_csv(shared / f"equity/zipline_samples/daily_{ticker}.csv.gz", try_parse_dates=True)
    window = pl.col("date").is_between(date(2012, 1, 3), date(2013, 3, 1))
    # These samples are in shares of the end of 2014, after AAPL's 7:1.
    shares = 7 if ticker == "AAPL" else 1
    paid = outside.filter(window & (pl.col("dividend") > 0))
    (security,) = ids(loaded, ticker)
    ours = loaded.actions(security, date(2012, 1, 3), date(2013, 3, 1), asof=NOW, kinds=["dividend"])
    assert ours["ex_date"].to_list() == paid["date"].to_list()
    assert ours["amount"].to_list() == pytest.approx((paid["dividend"] * shares).to_list(), abs=1e-4)


@pytest.mark.parametrize("ticker", ["AAPL", "IBM"])
def test_bars_as_traded_are_leans(loaded: Store, lean: Callable[[str], bytes], ticker: str) -> None:
    """Two vendors: the same closes since 2009; before, Lean's last trade is often one after the close.

    Volumes agree in every year, so ours are as traded too, and not in shares of after a split.
    """
    (security,) = ids(loaded, ticker)
    ours = loaded.bars(security, asof=NOW, adjust="none")
    joined = ours.join(daily(lean(f"daily/{ticker.lower()}.zip")), on="session_date", suffix="_lean")
    assert joined.height == 3_270
    off = (joined["close"] / joined["close_lean"] - 1).abs()
    assert off.median() < 0.0005
    assert off.quantile(0.97) < 0.005
    assert off.max() < 0.06
    late = joined.with_columns(off=off).filter(pl.col("session_date") >= date(2009, 1, 1))["off"]
    assert late.quantile(0.97) < 0.0015
    assert late.max() < 0.01
    traded = joined.group_by(pl.col("session_date").dt.year()).agg(
        (pl.col("volume") / pl.col("volume_lean")).median()
    )["volume"]
    assert traded.is_between(1.0, 1.1).all()


def test_aapl_adjusted_to_now_is_cboes(loaded: Store, shared: Path) -> None:
    """Adjusted by all splits to 2020 the prices are in the shares of Cboe's file (rounded to a cent)."""
    (aapl,) = ids(loaded, "AAPL")
    outside = pl.read_csv(shared / "equity/aapl_daily_2004_2026_cboe.csv.gz", try_parse_dates=True)
    ours = loaded.bars(aapl, asof=NOW).join(outside, left_on="session_date", right_on="date", suffix="_cboe")
    assert ours.height > 2_300
    off = (ours["close"] - ours["close_cboe"]).abs()
    assert (off <= 0.0051 + 0.001 * ours["close_cboe"]).mean() > 0.99
    assert (off / ours["close_cboe"]).max() < 0.03


def test_the_index_is_the_same_index_elsewhere(loaded: Store, shared: Path) -> None:
    outside = pl.read_csv(shared / "index/sp500_index_daily_ohlcv_1950_2015.csv.gz", try_parse_dates=True)
    (spx,) = ids(loaded, "SPX")
    bars = loaded.bars(spx, asof=NOW).join(outside, left_on="session_date", right_on="date", suffix="_out")
    assert bars.height == 4_277
    for column in ("open", "high", "low", "close"):
        assert ((bars[column] / bars[f"{column}_out"] - 1).abs() < 1e-4).mean() > 0.99, column
    closes = loaded.closes(spx, asof=NOW).join(
        outside, left_on="session_date", right_on="date", suffix="_out"
    )
    assert closes.height == 6_553
    assert (closes["close"] - closes["close_out"]).abs().max() < 0.011


def test_two_packages_agree_on_the_index(loaded: Store) -> None:
    (spx,) = ids(loaded, "SPX")
    both = loaded.bars(spx, asof=NOW).join(loaded.closes(spx, asof=NOW), on="session_date", suffix="_skfolio")
    assert both.height == 5_031
    assert (both["close"] - both["close_skfolio"]).abs().max() < 0.011


def test_every_fixing_is_the_ecbs(loaded: Store, shared: Path) -> None:
    with zipfile.ZipFile(shared / "futures_fx_crypto/ecb_eurofxref_hist_1999_2026-10-30.zip") as archive:
        text = archive.read(archive.namelist()[0])
    wide = pl.read_csv(text, null_values=["N/A"], infer_schema=False)
    codes = [name for name in wide.columns if len(name) == 3]
    outside = wide.unpivot(on=codes, index="Date", variable_name="code", value_name="rate").drop_nulls()
    named = {
        security: f"EUR{code}"
        for code, security in zip(codes, ids(loaded, *(f"EUR{c}" for c in codes)), strict=True)
    }
    ours = loaded.closes(list(named), None, date(2026, 10, 30), asof=NOW).with_columns(
        code=pl.col("security_id").replace_strict(named).str.slice(3)
    )
    joined = ours.join(
        outside.select("code", pl.col("Date").str.to_date().alias("session_date"), pl.col("rate").cast(pl.Float64)),
        on=["code", "session_date"], how="full",
    )  # fmt: skip
    assert joined.height == ours.height == 221_702
    assert (joined["close"] == joined["rate"]).all()


def test_adjusted_closes_have_the_returns_of_the_bars(loaded: Store) -> None:
    """Two packages on AAPL: skfolio's adjusted returns are the total returns of the bars as traded."""
    (aapl,) = ids(loaded, "AAPL")
    bars = loaded.bars(aapl, asof=NOW, adjust="total").select("session_date", traded="close")
    both = bars.join(loaded.closes(aapl, asof=NOW), on="session_date").with_columns(
        off=(pl.col("traded").log().diff() - pl.col("close").log().diff()).abs()
    )
    assert (
        both["off"].quantile(0.95) < 0.002
    )  # skfolio's prices have three decimals, of some 0.9 dollars in 2003
    assert both["off"].max() < 0.03


def test_vix_is_cboes(loaded: Store, shared: Path) -> None:
    outside = pl.read_csv(shared / "index/vix_daily_ohlc_1990_2026.csv.gz", infer_schema=False)
    outside = outside.rename({name: name.lower() for name in outside.columns}).select(
        pl.coalesce(
            pl.col("date").str.to_date("%m/%d/%Y", strict=False),
            pl.col("date").str.to_date("%Y-%m-%d", strict=False),
        ).alias("session_date"),
        pl.col("close").cast(pl.Float64).alias("cboe"),
    )
    (vix,) = ids(loaded, "VIX")
    joined = loaded.closes(vix, asof=NOW).join(outside, on="session_date")
    assert joined.height == 1_259
    assert ((joined["close"] - joined["cboe"]).abs() < 0.011).mean() > 0.99
