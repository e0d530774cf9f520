"""Panels of a run: what filings told by each close, worked out by hand and held against a screen's own fields."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from engine.errors import DataError
from engine.quant.fundamentals.figures import Figures
from engine.quant.fundamentals.shares import Splits
from engine.quant.fundamentals.told import read_books
from engine.quant.screener import company_fields
from engine.runs.market import gather
from engine.runs.panels import told_by_filings
from engine.runs.wanted import Gathered, Wanted
from store import Batch, Store, open_store
from tests.engine.companies import Company, amounts, build, facts_of
from tests.quant.facts import fact, frame
from tests.runs.stores import World, facts, notes, row_of

PRESENT = datetime(2023, 9, 1, 22, tzinfo=UTC)
SPLIT = date(2021, 6, 15)
START, END = date(2021, 1, 4), date(2022, 6, 30)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = open_store(tmp_path_factory.mktemp("panels") / "home", clock=lambda: PRESENT)
    build(made, [Company("AAA"), Company("BBB", splits=((SPLIT, 2.0),), shares=200.0)])
    return made


def gathered(store: Store, *panels: str, snapshot: int | None = None) -> Gathered:
    ids = tuple(store.identify(["us-equity:AAA", "us-equity:BBB"]).values())
    return gather(store.reader(PRESENT, snapshot=snapshot), Wanted(ids, (), START, END, 0, panels))


def test_earnings_are_those_of_the_last_filing_accepted_by_the_close(store: Store) -> None:
    found = gathered(store, "pe", "mktcap", "roe", "net_income")
    market, panels = found.inputs.market, found.inputs.panels
    own = Company("AAA")
    for day, year in ((date(2021, 2, 12), 2019), (date(2021, 2, 15), 2020), (date(2022, 2, 14), 2020)):
        row = row_of(found, day)  # filed at 21:00 UTC of 15 February: by that day's close in New York, then
        income = amounts(own, year)["NetIncomeLoss"]
        if market.dates[row].item() != day:  # Presidents' Day of 2021: the first close after it
            assert day == date(2021, 2, 15)
        assert panels["net_income"][row, 0] == pytest.approx(income * 1e6, rel=1e-12), day
        assert panels["pe"][row, 0] == pytest.approx(
            market.close[row, 0] / round(income / 100.0, 4), rel=1e-12
        )
        assert panels["mktcap"][row, 0] == pytest.approx(market.close[row, 0] * 100e6, rel=1e-12)
        assert panels["roe"][row, 0] == pytest.approx(income / 500.0, rel=1e-12)  # equity stands still
    assert facts(found)["companies with filings"] == 2


def test_a_split_between_filings_keeps_multiples_whole(store: Store) -> None:
    found = gathered(store, "pe", "mktcap")
    market, row = found.inputs.market, row_of(found, SPLIT)
    assert market.split[row, 1] == 2.0
    for name in ("pe", "mktcap"):
        panel = found.inputs.panels[name][:, 1]
        moved = panel[row] / panel[row - 1]
        traded = 2.0 * market.close[row, 1] / market.close[row - 1, 1]
        assert moved == pytest.approx(traded, rel=1e-9), name
        assert 0.9 < moved < 1.1


def screened(
    store: Store, number: int, at: datetime, close: float, names: tuple[str, ...]
) -> dict[str, float]:
    """The same fields, as a screen at that clock has them."""
    reader = store.reader(at)
    day = reader.session_date
    rows = reader.rows("facts", number, day - timedelta(days=1300), day)
    rows = rows.with_columns(pl.lit(None, pl.Datetime("us", "UTC")).alias("accepted_at"))
    splits = reader.actions(number, kinds=("split",), upcoming=False).select("ex_date", "ratio")
    told = company_fields(names, Figures(read_books(rows, Splits.of(splits.iter_rows()))), close, day, "USD")
    return {name: np.nan if each.value is None else each.value for name, each in told.items()}


def test_every_field_is_the_screens_at_that_clock(store: Store) -> None:
    names = told_by_filings()
    found = gathered(store, *names)
    market = found.inputs.market
    sessions = store.reader(PRESENT).calendars.get("XNYS")
    seen = 0
    for row in range(5, len(market.dates), 23):
        place = int(np.searchsorted(sessions.days, market.dates[row]))
        closed = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(sessions.closes[place]))
        for column, number in enumerate(market.ids.tolist()):
            close = float(market.close[row, column])
            expected = screened(store, number, closed, close, names)
            for name in names:
                own = found.inputs.panels[name][row, column]
                np.testing.assert_allclose(
                    own, expected[name], rtol=1e-9, err_msg=f"{name} {market.dates[row]}"
                )
                seen += int(np.isfinite(own))
    assert seen > 500


def test_a_restatement_changes_nothing_before_it_was_filed(store: Store) -> None:
    before, snapshot = gathered(store, "net_income", "pe"), store.snapshot()
    (number,) = store.identify(["us-equity:AAA"]).values()
    again = frame([fact("NetIncomeLoss", "2020-01-01", "2020-12-31", 1e6, "2021-08-16", form="10-K/A")])
    rows = again.with_columns(security_id=pl.lit(number, pl.Int64), known_basis=pl.lit("exact"))
    store.append(Batch("own companies", "restated", "1", {"facts": rows}))
    after = gathered(store, "net_income", "pe")
    row = row_of(after, date(2021, 8, 17))
    for name in ("net_income", "pe"):
        one, two = before.inputs.panels[name], after.inputs.panels[name]
        np.testing.assert_array_equal(one[:row], two[:row])
    assert after.inputs.panels["net_income"][row, 0] == 1e6
    pinned = gathered(store, "net_income", snapshot=snapshot)
    np.testing.assert_array_equal(pinned.inputs.panels["net_income"], before.inputs.panels["net_income"])


def test_a_statement_says_nothing_after_five_hundred_days(world: World) -> None:
    (one,) = world.stocks("ONE")
    rows = [row for row in facts_of(Company("ONE")) if row["fiscal_year"] in (2018, 2019)]
    told = frame(rows).with_columns(security_id=pl.lit(one, pl.Int64), known_basis=pl.lit("exact"))
    world.store.append(Batch("own", "facts", "1", {"facts": told}))
    found = world.gather(one, panels=("roe",))
    last = date(2019, 12, 31) + timedelta(days=500)
    row = int(np.searchsorted(found.inputs.market.dates, np.datetime64(last), side="right"))
    assert np.isfinite(found.inputs.panels["roe"][:row]).all()
    assert np.isnan(found.inputs.panels["roe"][row:]).all()
    assert 0 < row < len(found.inputs.market.dates)


def test_what_cannot_be_told_is_refused_with_what_can(store: Store) -> None:
    with pytest.raises(DataError, match=r"beta_1y, sector cannot be told.*pe.*roe"):
        gathered(store, "beta_1y", "sector", "pe")


def test_companies_without_filings_are_said(store: Store) -> None:
    index = store.identify(["index:SPX"])["index:SPX"]
    found = gather(store.reader(PRESENT), Wanted((index,), (), START, END, 0, ("pe",)))
    assert np.isnan(found.inputs.panels["pe"]).all()
    assert "Filings of 1 of 1 securities are not known" in notes(found)


def test_what_was_worked_out_is_kept_for_other_processes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.quant.fundamentals import unfolding
    from engine.runs import spans

    whole = gathered(store, "pe", "roe").inputs.panels
    folder = store.reader(PRESENT).layout.cache / "spans"
    files = sorted(folder.glob("*.told"))
    assert files

    def never(*_: object) -> None:
        raise AssertionError("worked out again")

    spans.forget()
    with monkeypatch.context() as patch:
        patch.setattr(unfolding.Unfolding, "at", never)
        again = gathered(store, "pe", "roe").inputs.panels
        ids = tuple(store.identify(["us-equity:AAA", "us-equity:BBB"]).values())
        days = Wanted(ids, (), START + timedelta(days=30), END - timedelta(days=1), 0, ("pe", "roe"))
        gather(store.reader(PRESENT), days)  # a clock and a range that move
    for name, panel in whole.items():
        assert np.array_equal(panel, again[name], equal_nan=True), name
    for path in files:  # damaged, or cut short
        path.write_bytes(path.read_bytes()[:-9].replace(b"\x00", b"\x01", 3))
    spans.forget()
    mended = gathered(store, "pe", "roe").inputs.panels
    for name, panel in whole.items():
        assert np.array_equal(panel, mended[name], equal_nan=True), name
