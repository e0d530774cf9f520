"""RV over companies of our own and three recorded ones: who is compared, medians, prices, ranks, and the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import CommandError, DataError
from engine.figures import Form, Heatmap, Scatter
from engine.functions.rv import needs
from engine.page import Bars, Metrics, Page, SecurityRef, Table
from store import Batch, Store, open_store
from tests.engine.companies import PRESENT, Company, at, bars_of, build, naming
from tests.quant.facts import APPLE, NVIDIA, SPLITS, fact, frame, recorded_facts

SOFTWARE = tuple(
    Company(name, revenue=400.0 * (n + 1), growth=0.03 * n, margin=0.1 + 0.03 * n, close=10.0 + 5 * n)
    for n, name in enumerate(("PAA", "PBB", "PCC", "PDD", "PEE", "PFF", "PGG"))
)
OWN = Company("OWN")
_SAME = (
    ("price_to_earnings", "price / earnings"), ("ev_to_sales", "EV / sales"), ("price_to_book", "price / book"),
    ("free_cash_yield", "free cash flow yield"),
)  # fmt: skip
OTHERS = (
    Company("LOS", margin=-0.10, sector="Retail", industry="Retail Stores", sic="5311"),
    Company("SHP", margin=0.05, sector="Retail", industry="Retail Stores", sic="5311"),
    Company("CAT", margin=0.05, sector="Retail", industry="Catalog Houses", sic="5961"),
    Company("EUR", currency="EUR", sector="Retail", industry="Catalog Houses", sic="5961"),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = open_store(tmp_path_factory.mktemp("rv") / "home")
    build(made, (OWN, *SOFTWARE, *OTHERS))
    bare = made.identify(["us-equity:BAR"])["us-equity:BAR"]
    made.append(
        Batch(
            "bare",
            "simulated",
            "1",
            {"securities": pl.DataFrame([naming(bare, "BAR", "US EQUITY", "equity")])},
        )
    )
    return made


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    made = Desk(store, "tester", clock=lambda: PRESENT)
    yield made
    made.close()


def rows(page: Page, name: str) -> list[dict[str, Any]]:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return panel.figure.frame.to_dicts()


def standing(page: Page, label: str) -> dict[str, Any]:
    return next(row for row in rows(page, "standing") if row["measure"] == label)


def tickers(page: Page) -> list[str]:
    return [row["ticker"] for row in rows(page, "multiples")]


def sales_multiple(company: Company) -> float:
    """Market value over revenue of 2022, by hand."""
    return company.close * company.shares / (company.revenue * (1 + company.growth) ** 5)


def test_peers_are_of_the_industry_and_the_largest_come_first(desk: Desk) -> None:
    page = desk.run("OWN RV")
    assert tickers(page) == ["OWN", *(c.ticker for c in reversed(SOFTWARE)), "median"]
    assert "industry Prepackaged Software" in page.title
    one = rows(page, "multiples")[1]
    assert one["price_to_sales"] == pytest.approx(sales_multiple(SOFTWARE[-1]))
    assert (one["end"], one["filed"]) == (date(2022, 12, 31), date(2023, 2, 15))
    assert "10-K" in one["why_filed"]
    assert one["revenue_growth"] == pytest.approx(0.18)
    assert one["operating_margin"] == pytest.approx(0.28)


def test_medians_ranks_and_premiums_are_those_of_the_peers_alone(desk: Desk) -> None:
    page = desk.run("OWN RV")
    peers = np.array([sales_multiple(each) for each in SOFTWARE])
    found = standing(page, "P/S")
    assert found["own"] == pytest.approx(sales_multiple(OWN))
    assert [found[name] for name in ("low", "median", "high")] == pytest.approx(
        np.quantile(peers, [0.25, 0.5, 0.75])
    )
    assert found["premium"] == pytest.approx(sales_multiple(OWN) / np.median(peers) - 1)
    assert found["rank"] == pytest.approx((peers < sales_multiple(OWN)).mean())
    assert found["peers"] == 7


def test_at_the_price_told_the_company_has_the_peers_median(desk: Desk, tmp_path: Path) -> None:
    """The same company trading at that price is at the median: of shares, of enterprises, of yields."""
    page = desk.run("OWN RV")
    labels = ("P/E", "P/B", "P/S", "EV/EBITDA", "EV/sales", "FCF yield", "div. yield")
    for label in labels:
        told = standing(page, label)
        store = open_store(tmp_path / label.replace("/", "-"))
        build(store, (replace(OWN, close=told["price"]), *SOFTWARE))
        other = Desk(store, "tester", clock=lambda: PRESENT)
        again = standing(other.run("OWN RV"), label)
        assert again["own"] == pytest.approx(told["median"], rel=1e-6), label
        other.close()
    bars = page.panel("prices")
    assert bars is not None
    assert isinstance(bars.figure, Bars)
    assert bars.figure.labels == ("close", *labels)
    assert bars.figure.values[0] == pytest.approx(30.0)


def test_multiples_are_those_of_fa(desk: Desk) -> None:
    page = desk.run("OWN RV")
    own = rows(page, "multiples")[0]
    panel = desk.run("OWN FA").panel("valuation")
    assert panel is not None
    assert isinstance(panel.figure, Metrics)
    shown = {item.label: item.value for item in panel.figure.items}
    for name, label in (("price_to_earnings", "price / earnings"), ("price_to_book", "price / book"),
                        ("ev_to_ebitda", "EV / EBITDA"), ("free_cash_yield", "free cash flow yield"),
                        ("cap", "market capitalisation")):  # fmt: skip
        assert own[name] == pytest.approx(shown[label]), name


def test_typed_peers_and_lists_and_the_nearest_in_size(desk: Desk) -> None:
    assert tickers(desk.run("OWN RV PAA CAT")) == ["OWN", "CAT", "PAA", "median"]
    listed = desk.run("OWN RV UNIVERSE=PBB,LOS,OWN")
    assert tickers(listed) == ["OWN", "LOS", "PBB", "median"]
    nearest = desk.run("OWN RV MOST=3")
    # market values 1,000 to 4,000 in steps of 500 around one of 3,000, by ratio
    assert tickers(nearest) == ["OWN", "PFF", "PEE", "PDD", "median"]
    assert "the 3 nearest in market value of 7" in nearest.title


def test_an_index_is_its_members_of_the_day_in_the_industry(tmp_path: Path) -> None:
    store = open_store(tmp_path / "home")
    ids = build(store, (OWN, *SOFTWARE, *OTHERS))
    index = store.identify(["index:SPX"])["index:SPX"]
    stays = [
        {"security_id": index, "member_id": ids[name], "ticker": name, "start_date": date(2019, 1, 2),
         "end_date": end, "known_at": at(end or date(2019, 1, 2)), "known_basis": "estimated: a rule of this test"}
        for name, end in (("PAA", None), ("PBB", date(2021, 1, 4)), ("PCC", None), ("CAT", None))
    ]  # fmt: skip
    store.append(
        Batch("members", "simulated", "1", {"membership": pl.DataFrame(stays, infer_schema_length=None)})
    )
    desk = Desk(store, "tester", clock=lambda: PRESENT)
    page = desk.run("OWN RV UNIVERSE=SPX")
    assert tickers(page) == ["OWN", "PCC", "PAA", "median"]
    assert "industry Prepackaged Software among members of SPX" in page.title
    desk.close()


def test_a_group_too_small_is_widened(desk: Desk) -> None:
    page = desk.run("SHP RV")
    assert set(tickers(page)) == {"SHP", "LOS", "CAT", "EUR", "median"}
    assert "sector Retail" in page.title
    narrow = desk.run("SHP RV INDUSTRY")
    assert tickers(narrow) == ["SHP", "LOS", "median"]
    assert any("make no distribution" in note.text for note in narrow.notes)


def test_blanks_have_reasons(desk: Desk) -> None:
    page = desk.run("SHP RV LOS EUR BAR")
    found = {row["ticker"]: row for row in rows(page, "multiples")}
    assert found["LOS"]["price_to_earnings"] is None
    assert "earnings are not positive" in found["LOS"]["why_price_to_earnings"]
    assert found["EUR"]["price_to_sales"] is None
    told = " ".join(note.text for note in page.notes)
    assert "EUR: no multiple of price, since prices are in EUR" in told
    assert "Left out, without twelve months of filings known at this clock: BAR" in told
    desk.run("SHP RV LOS EUR")
    why = " ".join(encode(desk.run("WHY 2 price_to_earnings PANEL=multiples"), "text").split())
    assert "earnings are not positive" in why


def test_the_line_through_the_peers_is_theirs(desk: Desk) -> None:
    page = desk.run("OWN RV")
    panel = page.panel("scatter")
    assert panel is not None
    assert isinstance(panel.figure, Scatter)
    own = next(mark for mark in panel.figure.marks if mark.label == "OWN")
    peers = [mark for mark in panel.figure.marks if mark.label != "OWN"]
    assert (own.group, len(peers)) == ("the company", 7)
    slope, base = np.polyfit([mark.x for mark in peers], [mark.y for mark in peers], 1)
    line = panel.figure.lines[0]
    assert line.y == pytest.approx([base + slope * end for end in line.x])
    assert f"by the line {base + slope * own.x:.2f}" in panel.title
    for pair, axis in (("PE", "growth of net income"), ("PB", "ROE")):
        other = desk.run(f"OWN RV XY={pair}").panel("scatter")
        assert other is not None
        assert other.figure.x_title == axis  # type: ignore[union-attr]


def test_ranks_of_everyone(desk: Desk) -> None:
    panel = desk.run("OWN RV").panel("ranks")
    assert panel is not None
    heat = panel.figure
    assert isinstance(heat, Heatmap)
    assert heat.rows[:2] == ("OWN", "PGG")
    margins = heat.values[:, heat.columns.index("op. margin")]
    assert margins[heat.rows.index("PGG")] == 1.0
    assert margins[heat.rows.index("PAA")] == 0.0


def test_an_earlier_clock_compares_what_was_filed_by_then(desk: Desk) -> None:
    desk.asof = at(date(2021, 2, 14))
    before = desk.run("OWN RV")
    assert {row["end"] for row in rows(before, "multiples") if row["end"]} == {date(2019, 12, 31)}
    after = desk.run("ASOF 2021-02-15")
    assert {row["filed"] for row in rows(after, "multiples") if row["filed"]} == {date(2021, 2, 15)}
    assert "2022-" not in encode(after, "json")
    assert "LATER THAN THE CLOCK" not in encode(desk.run("LEAK"), "json")
    desk.asof = at(date(2017, 6, 1))
    with pytest.raises(DataError, match="industry of OWN US EQUITY is not known at this clock"):
        desk.run("OWN RV")
    with pytest.raises(DataError, match="No fundamentals of the last twelve months of OWN"):
        desk.run("OWN RV PAA")


def test_what_to_type_where_nothing_is_known(desk: Desk) -> None:
    with pytest.raises(DataError, match=r"type some .BAR RV MSFT IBM"):
        desk.run("BAR RV")
    with pytest.raises(DataError, match="KEYS CONTACT"):
        desk.run("BAR RV OWN")
    with pytest.raises(DataError, match=r"No peer of OWN US EQUITY .*MSFT FA"):
        desk.run("OWN RV BAR")
    with pytest.raises(DataError, match="is no universe"):
        desk.run("OWN RV UNIVERSE=NOWHERE")
    with pytest.raises(CommandError, match="at most 60"):
        desk.run("OWN RV 100")


def test_one_read_for_all_facts_and_a_run_that_can_be_cancelled(desk: Desk) -> None:
    page = desk.run("OWN RV")
    assert page.lineage is not None
    reads = [read for read in page.lineage.reads if read.table == "facts"]
    assert len(reads) == 1
    calls = []
    desk.run("OWN RV", progress=lambda done, total, label: calls.append(label))
    assert "facts" in calls
    assert "PAA" in calls


def test_the_form_says_what_it_rests_on_and_help_explains(desk: Desk) -> None:
    panel = desk.run("OWN PEERS MOST=4").panel("assumptions")
    assert panel is not None
    assert isinstance(panel.figure, Form)
    fields = {each.name: each for each in panel.figure.fields}
    assert fields["most"].text == "4"
    assert "Prepackaged Software" in fields["universe"].basis
    told = " ".join(encode(desk.run("HELP RV"), "text").split())
    assert "Quartiles and medians are the peers' without the company" in told


def test_what_it_wants_fetched() -> None:
    refs = tuple(SecurityRef(n, f"T{n}", "US EQUITY", "T", "equity") for n in (1, 2))
    context: Any = SimpleNamespace(securities=refs, today=date(2023, 9, 1))
    wanted = needs(context, {})
    assert [need.dataset for need in wanted if need.security is refs[1]] == [
        "facts",
        "filings",
        "actions",
        "bars",
    ]
    assert [need.security for need in wanted if need.dataset == "profile"] == [refs[0]]


def test_recorded_companies_are_as_fa_has_them(tmp_path: Path) -> None:
    """RV reads the last years alone, FA all of them: the multiples are the same."""
    store = open_store(tmp_path / "home")
    keys = ("us-equity:AAPL", "us-equity:NVDA")
    ids = store.identify(keys)
    day = date(2026, 2, 6)
    names, bars, told, actions = [], [], [], []
    for key, cik in zip(keys, (APPLE, NVIDIA), strict=True):
        number = ids[key]
        names.append(naming(number, key.split(":")[1], "US EQUITY", "equity"))
        bars += [{**row, "session_date": day, "known_at": at(day)} for row in bars_of(number, 250.0, 1.0)[:1]]
        told.append(
            recorded_facts(cik).with_columns(
                security_id=pl.lit(number, pl.Int64), known_basis=pl.lit("exact")
            )
        )
        actions += [{"security_id": number, "kind": "split", "ex_date": when, "ratio": ratio,
                     "known_at": at(when, 13), "known_basis": "exact"} for when, ratio in SPLITS[cik]]  # fmt: skip
    frames = {"securities": pl.DataFrame(names), "bars": pl.DataFrame(bars), "actions": pl.DataFrame(actions),
              "facts": pl.concat(told)}  # fmt: skip
    store.append(Batch("recorded", "simulated", "1", frames))
    present = at(day, 22)
    desk = Desk(store, "tester", clock=lambda: present)
    page = desk.run("AAPL RV NVDA")
    for row in rows(page, "multiples")[:2]:
        panel = desk.run(f"{row['ticker']} FA").panel("valuation")
        assert panel is not None
        assert isinstance(panel.figure, Metrics)
        shown = {item.label: item.value for item in panel.figure.items}
        for name, label in _SAME:
            expected = None if shown[label] is None else pytest.approx(shown[label], rel=1e-12)
            assert row[name] == expected, (row["ticker"], name)
    desk.close()


def test_a_restatement_counts_from_its_own_filing_on(tmp_path: Path) -> None:
    store = open_store(tmp_path / "home")
    ids = build(store, (OWN, SOFTWARE[0]))
    again = fact(
        "Revenues", "2022-01-01", "2022-12-31", 2000e6, "2023-06-01", form="10-K/A", fiscal_year=2022
    )
    facts = frame([again]).with_columns(security_id=pl.lit(ids["PAA"], pl.Int64), known_basis=pl.lit("exact"))
    store.append(Batch("own companies", "simulated", "2", {"facts": facts}))
    desk = Desk(store, "tester", clock=lambda: PRESENT)
    assert rows(desk.run("OWN RV PAA"), "multiples")[1]["price_to_sales"] == pytest.approx(1000 / 2000)
    desk.asof = at(date(2023, 6, 1), 20)
    before = rows(desk.run("OWN RV PAA"), "multiples")[1]
    assert before["price_to_sales"] == pytest.approx(before["cap"] / 400.0)
    assert before["filed"] == date(2023, 2, 15)
    desk.close()


def test_an_old_close_is_none(desk: Desk) -> None:
    late = PRESENT + timedelta(days=60)
    other = Desk(desk.store, "other", clock=lambda: late)
    page = other.run("OWN RV")
    assert standing(page, "P/E")["own"] is None
    assert page.panel("prices") is None
    assert any("no close of the last 30 days" in note.text for note in page.notes)
    other.close()
