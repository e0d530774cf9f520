"""FACT CHAR and FACT IC: a universe as it was on the day, on what was filed by then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import AsofError
from engine.figures import Heatmap
from engine.page import Lines, Page, Table
from store import Batch, Store, open_store
from tests.quant.facts import fact

MakeDesk = Callable[..., Desk]
FIVE = ("AAPL", "MSFT", "IBM", "GOOG", "META")
TWENTY = "JPM XOM KO PEP WMT JNJ PG GE"
# shares, equity, assets, assets a year before, operating income, gross profit, sector
BOOKS = {
    "AAPL": (900e6, 118e9, 176e9, 116e9, 55e9, 68e9, "Technology"),
    "MSFT": (8.4e9, 66e9, 121e9, 108e9, 21e9, 56e9, "Technology"),
    "IBM": (1.1e9, 19e9, 119e9, 116e9, 21e9, 50e9, "Services"),
    "GOOG": (330e6, 71e9, 93e9, 72e9, 13e9, 29e9, "Services"),
    "META": (2.4e9, 12e9, 15e9, 6e9, 1e9, 4e9, "Services"),
}
LATER = 31e9  # what Apple's restated assets are told as, after the clock


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 21, tzinfo=UTC)


def filed(store: Store) -> None:
    ids = store.identify([f"us-equity:{ticker if ticker != 'META' else 'FB'}" for ticker in FIVE])
    rows, profiles = [], []
    for number, (ticker, book) in zip(ids.values(), BOOKS.items(), strict=True):
        shares, equity, assets, before, operating, gross, sector = book
        told = [
            fact("dei:EntityCommonStockSharesOutstanding", "2013-01-25", "2013-01-25", shares, "2013-02-04",
                 unit="shares"),
            fact("StockholdersEquity", "2012-12-31", "2012-12-31", equity, "2013-02-04", form="10-K"),
            fact("Assets", "2012-12-31", "2012-12-31", assets, "2013-02-04", form="10-K"),
            fact("Assets", "2011-12-31", "2011-12-31", before, "2012-02-06", form="10-K"),
            *(fact(concept, "2012-01-01", "2012-12-31", value, "2013-02-04", form="10-K", fiscal_year=2012)
              for concept, value in (("OperatingIncomeLoss", operating), ("GrossProfit", gross),
                                     ("NetIncomeLoss", operating), ("Revenues", 2 * gross))),
        ]  # fmt: skip
        if ticker == "AAPL":
            told.append(fact("Assets", "2012-12-31", "2012-12-31", LATER, "2013-06-03", form="10-K/A"))
        rows += [{"security_id": number, "known_basis": "exact", **each} for each in told]
        profiles.append({
            "security_id": number, "valid_from": date(2012, 1, 3), "sector": sector, "known_at": at(date(2012, 1, 3)),
            "known_basis": "exact",
        })  # fmt: skip
    frames = {"facts": pl.DataFrame(rows, infer_schema_length=None), "profiles": pl.DataFrame(profiles)}
    store.append(Batch("a test", "books", "1", frames))


@pytest.fixture
def desk(make_desk: MakeDesk, home: Path) -> Desk:
    store = open_store(home)
    filed(store)
    made = make_desk(store=store)
    made.run("ASOF 2013-02-28")
    return made


def table(page: Page, name: str) -> dict[str, dict[str, object]]:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return {str(row["symbol"]): row for row in panel.figure.frame.iter_rows(named=True)}


def test_characteristics_are_of_the_day_and_of_what_was_filed(desk: Desk) -> None:
    page = desk.run(f"FACT CHAR {' '.join(ticker if ticker != 'META' else 'FB' for ticker in FIVE)}")
    raw, scores = table(page, "raw"), table(page, "scores")
    close = float(desk.run("AAPL HP 1M").panel("prices").figure.frame["close"][0])  # type: ignore[union-attr]
    assert raw["AAPL"]["size"] == pytest.approx(np.log(close * 900e6))
    assert raw["AAPL"]["value"] == pytest.approx(118e9 / (close * 900e6))
    assert raw["AAPL"]["profitability"] == pytest.approx(55 / 118)
    assert raw["AAPL"]["investment"] == pytest.approx(176 / 116 - 1)  # not the restated figure of June
    assert raw["IBM"]["momentum"] is not None
    assert raw["FB"]["momentum"] is None  # listed in May 2012: no twelve months
    growth = np.array([raw[ticker]["investment"] for ticker in raw], dtype=float)
    inner = np.clip(growth, *np.quantile(growth, [0.01, 0.99]))
    expected = -(inner - inner.mean()) / inner.std(ddof=1)
    np.testing.assert_allclose([scores[ticker]["investment"] for ticker in raw], expected)
    heat = page.panel("heat")
    assert heat is not None
    assert isinstance(heat.figure, Heatmap)
    assert heat.figure.rows == tuple(scores)
    whole = [float(str(row["whole"])) for row in scores.values()]
    assert whole == sorted(whole, reverse=True)
    assert str(int(LATER)) not in encode(page, "json")


def test_scores_within_sectors(desk: Desk) -> None:
    page = desk.run("FACT CHAR AAPL MSFT IBM GOOG FB NEUTRAL=SECTOR TAIL=0")
    scores = table(page, "scores")
    for names in (("AAPL", "MSFT"), ("IBM", "GOOG", "FB")):
        assert sum(float(str(scores[name]["value"])) for name in names) == pytest.approx(0.0, abs=1e-12)
    assert scores["AAPL"]["sector"] == "Technology"


def test_what_prices_alone_tell_where_nothing_is_filed(make_desk: MakeDesk) -> None:
    page = make_desk().run(f"FACT CHAR {TWENTY} AAPL")
    assert set(table(page, "scores")) == set(
        TWENTY.split()
    )  # Apple's prices end years before: not of the day
    notes = " ".join(note.text for note in page.notes)
    assert "AAPL. Left out" in notes
    assert "Not enough is known" in notes


def test_coefficients_of_a_universe_day_by_day(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("ASOF 2015-12-31")
    page = desk.run(f"FACT IC {TWENTY} 5Y")
    panel, series = page.panel("coefficients"), page.panel("series")
    assert panel is not None
    assert series is not None
    assert isinstance(panel.figure, Table)
    assert isinstance(series.figure, Lines)
    assert panel.figure.frame["horizon"].to_list() == [1, 5, 21, 63] * 2
    assert (panel.figure.frame["mean"].abs() < 0.5).all()
    # what is known by an earlier clock is the same there: nothing was filled in later
    now = series.figure.series[0]
    desk.run("ASOF 2014-12-31")
    before = desk.run(f"FACT IC {TWENTY} 4Y").panel("series").figure.series[0]  # type: ignore[union-attr]
    early, late = (
        dict(zip(before.dates, before.values, strict=True)),
        dict(zip(now.dates, now.values, strict=True)),
    )
    shared = [day for day in early if day in late and np.isfinite(early[day]) and np.isfinite(late[day])]
    assert len(shared) > 500
    np.testing.assert_allclose([early[d] for d in shared], [late[d] for d in shared], atol=1e-12)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("FACT CHAR AAPL MSFT", "takes 5 to 600"),
        ("FACT CHAR UNIVERSE=SP500", "No members of SP500"),
        ("FACT CHAR UNIVERSE=nothing", "is no universe"),
        ("FACT UNIVERSE=SP500", "FACT CHAR and FACT IC"),
        (f"FACT IC {TWENTY} 6M", "Take a longer range"),
    ],
)
def test_errors_say_what_to_do(make_desk: MakeDesk, line: str, told: str) -> None:
    with pytest.raises(AsofError, match=told):
        make_desk().run(line)


def test_members_count_while_they_belonged(make_desk: MakeDesk, home: Path) -> None:
    """An index of eight, one of which leaves: afterwards it is in no cross-section."""
    store = open_store(home)
    names = TWENTY.split()
    ids = store.identify([f"us-equity:{name}" for name in names])
    index = store.identify(["index:SPX"])["index:SPX"]
    rows = [
        {"security_id": index, "member_id": number, "start_date": date(1995, 1, 3), "ticker": name,
         "end_date": date(2014, 1, 2) if name == "GE" else None, "known_at": at(date(1995, 1, 3)),
         "known_basis": "exact"}
        for name, number in zip(names, ids.values(), strict=True)
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema_overrides={"end_date": pl.Date})
    store.append(Batch("a test", "members", "1", {"membership": frame}))
    desk = make_desk(store=store)
    desk.run("ASOF 2015-12-31")
    assert set(table(desk.run("FACT CHAR UNIVERSE=SP500"), "scores")) == set(names) - {"GE"}
    page = desk.run("FACT IC UNIVERSE=SP500 5Y")
    assert not any("hindsight" in note.text for note in page.notes)
    assert page.panel("coefficients") is not None
