"""FA DCF over companies of our own: assumptions with their basis, all of it at the clock, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import CommandError, DataError
from engine.figures import Field, Form, Heatmap, Waterfall
from engine.functions._fa_dcf_needs import dcf_needs
from engine.page import Metrics, Page, SecurityRef, Table
from engine.quant.valuation import Assumptions, implied, value
from store import Batch, Store, open_store
from tests.engine.companies import PRESENT, Company, amounts, at, build

SPLIT = date(2023, 6, 1)
COMPANIES = (
    Company("OWN"),
    Company("BET", beta=1.6, growth=0.5, margin=0.30),
    Company("SPL", close=15.0, shares=200.0, splits=((SPLIT, 2.0),)),
    Company("BNK", margin=None, industry="State Commercial Banks", sic="6022"),
    Company("NOP", margin=None),
    Company("LOS", margin=-0.10),
    Company("NOD", debt=None),
    Company("EUR", currency="EUR"),
    Company("OWE", margin=0.01, debt=5000.0),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = open_store(tmp_path_factory.mktemp("dcf") / "home")
    # filings before the split tell the shares of then
    told = [
        each if each.ticker != "SPL" else Company("SPL", close=15.0, splits=each.splits) for each in COMPANIES
    ]
    build(made, told)
    return made


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    made = Desk(store, "tester", clock=lambda: PRESENT)
    yield made
    made.close()


def field(page: Page, name: str) -> Field:
    panel = page.panel("assumptions")
    assert panel is not None
    assert isinstance(panel.figure, Form)
    return next(each for each in panel.figure.fields if each.name == name)


def metric(page: Page, panel: str, label: str) -> Any:
    found = page.panel(panel)
    assert found is not None
    assert isinstance(found.figure, Metrics)
    return next(item for item in found.figure.items if item.label == label).value


def rows(page: Page, name: str) -> list[dict[str, Any]]:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return panel.figure.frame.to_dicts()


def by_hand(**changed: Any) -> Assumptions:
    """What OWN's filings make of it: the mean of the sums in the company's description."""
    revenue = amounts(COMPANIES[0], 2022)["Revenues"] * 1e6
    equity, debt = 30.0 * 100e6, 200e6
    share = equity / (equity + debt)
    cost = share * (0.035 + 0.05) + (1 - share) * 0.05 * 0.75
    base = Assumptions(
        revenue=revenue, growth=0.10, margin=0.20, target_margin=0.20, tax_rate=0.25, discount_rate=cost,
        terminal_growth=0.025, sales_to_capital=revenue / 600e6, terminal_return=None, net_debt=100e6,
        minority_interest=0.0, shares=100e6,
    )  # fmt: skip
    return base.varied(**changed)


def test_defaults_are_what_the_filings_and_prices_tell(desk: Desk) -> None:
    page = desk.run("OWN FA DCF")
    wanted = {"growth": 10.0, "margin": 20.0, "target": 20.0, "tax": 25.0, "terminal": 2.5, "riskfree": 3.5,
              "beta": 1.0, "premium": 5.0, "netdebt": 100.0, "minority": 0.0, "shares": 100.0, "years": 10.0,
              "debtcost": 5.0}  # fmt: skip
    for name, expected in wanted.items():
        assert float(field(page, name).text) == pytest.approx(expected, abs=1e-6), name
        assert field(page, name).basis, name
        assert not field(page, name).given
    expected = by_hand()
    assert metric(page, "value", "value per share") == pytest.approx(
        float(value(expected).value_per_share), rel=1e-9
    )
    assert metric(page, "value", "value / price - 1") == pytest.approx(
        float(value(expected).value_per_share) / 30.0 - 1, rel=1e-9
    )
    assert metric(page, "capital", "cost of capital") == pytest.approx(float(expected.discount_rate))
    assert "filing" not in field(page, "riskfree").basis
    assert "2023-08-31" in field(page, "riskfree").basis
    assert "OperatingIncomeLoss, 10-K" in field(page, "margin").basis


def test_what_is_typed_counts_and_says_so(desk: Desk) -> None:
    page = desk.run(
        "OWN FA VALUATION GROWTH=6 TARGET=25 RATE=9 ROIC=12 YEARS=5 MIDYEAR=NO CAPITAL=2 NETDEBT=-50"
    )
    expected = by_hand(
        growth=0.06, target_margin=0.25, discount_rate=0.09, terminal_return=0.12, years=5, mid_year=False,
        sales_to_capital=2.0, net_debt=-50e6,
    )  # fmt: skip
    assert metric(page, "value", "value per share") == pytest.approx(
        float(value(expected).value_per_share), rel=1e-9
    )
    assert field(page, "growth").given
    assert field(page, "growth").text == "6"
    assert not field(page, "tax").given
    assert page.lineage is not None
    assert "GROWTH=6" in page.lineage.command
    assert "TAX=" not in page.lineage.command  # what is derived is derived again at another clock


def test_beta_growth_bounds_and_the_build_up(desk: Desk) -> None:
    page = desk.run("BET FA DCF")
    assert float(field(page, "beta").text) == pytest.approx(1.6 * 2 / 3 + 1 / 3, abs=0.02)
    assert float(field(page, "growth").text) == 20.0
    assert "50.0% a year over 3" in field(page, "growth").basis
    assert "held within -10% and 20%" in field(page, "growth").basis
    assert metric(page, "capital", "cost of equity") == pytest.approx(
        0.035 + float(field(page, "beta").text) * 0.05, abs=1e-9
    )


def test_the_steps_lead_from_operations_to_value_and_price(desk: Desk) -> None:
    panel = desk.run("OWN FA WATERFALL TARGET=24").panel("steps")
    assert panel is not None
    assert isinstance(panel.figure, Waterfall)
    steps = panel.figure.steps
    assert [step.label for step in steps] == [
        "operations as they stand", "revenue growth", "reinvestment", "margin", "net debt", "value per share",
        "discount paid", "price",
    ]  # fmt: skip
    level = 0.0
    for step in steps:
        if step.total and level:
            assert step.value == pytest.approx(level)
        level = step.value if step.total else level + step.value
    assert steps[-1].value == pytest.approx(30.0)
    assert all(step.formula for step in steps)


def test_what_the_price_implies_gives_the_price_when_taken(desk: Desk) -> None:
    page = desk.run("OWN FA DCF TARGET=22")
    for row in rows(page, "implied"):
        taken = desk.run(row["command"])
        assert metric(taken, "value", "value per share") == pytest.approx(30.0, rel=1e-4), row["assumption"]
    growth = next(row for row in rows(page, "implied") if row["assumption"].startswith("growth"))
    assert growth["implied"] == pytest.approx(implied(by_hand(target_margin=0.22), 30.0, "growth"), abs=1e-6)


def test_scenarios_are_the_pages_that_they_lead_to(desk: Desk) -> None:
    page = desk.run("OWN FA DCF GROWTHBY=2 RATEBY=0.5 TAX=30")
    found = {row["scenario"]: row for row in rows(page, "scenarios")}
    assert found["bear"]["growth"] == pytest.approx(0.08)
    assert found["bull"]["rate"] == pytest.approx(found["base"]["rate"] - 0.005)
    assert found["bear"]["value"] < found["base"]["value"] < found["bull"]["value"]
    for row in found.values():
        assert "TAX=30" in row["command"]
        taken = metric(desk.run(row["command"]), "value", "value per share")
        assert taken == pytest.approx(row["value"], rel=1e-6)


def test_maps_of_value_hold_the_value_in_their_middle(desk: Desk) -> None:
    page = desk.run("OWN FA DCF")
    per_share = metric(page, "value", "value per share")
    for name in ("rates", "growth"):
        panel = page.panel(name)
        assert panel is not None
        assert isinstance(panel.figure, Heatmap)
        assert panel.figure.values.shape == (5, 7)
        assert panel.figure.values[2, 3] == pytest.approx(per_share)
        assert panel.figure.center == pytest.approx(30.0)
    taken = metric(desk.run("OWN FA DCF GROWTH=8.5 TARGET=18"), "value", "value per share")
    growth = page.panel("growth").figure  # type: ignore[union-attr]
    assert growth.values[growth.rows.index("8.50%"), growth.columns.index("18.00%")] == pytest.approx(taken)  # type: ignore[union-attr]


def test_years_add_up_to_the_enterprise_value(desk: Desk) -> None:
    page = desk.run("OWN FA DCF")
    told = rows(page, "years")
    assert [row["year"] for row in told] == ["now", *map(str, range(1, 11)), "after"]
    whole = sum(row["present"] for row in told if row["present"] is not None)
    assert whole == pytest.approx(metric(page, "value", "enterprise value"), rel=1e-9)
    assert told[1]["revenue"] == pytest.approx(told[0]["revenue"] * 1.1)


def test_a_heavy_perpetuity_is_warned_of(desk: Desk) -> None:
    page = desk.run("OWN FA DCF YEARS=3 RATE=6 TERMINAL=3")
    assert any("of enterprise value lies in perpetuity" in note.text for note in page.notes)
    assert not any("lies in perpetuity" in note.text for note in desk.run("OWN FA DCF").notes)


def test_a_split_leaves_value_against_price_as_it_was(desk: Desk) -> None:
    """A split halves the close and doubles the shares that older filings told."""
    one, two = desk.run("OWN FA DCF"), desk.run("SPL FA DCF")
    assert field(two, "shares").text == "200"
    assert metric(two, "value", "close") == pytest.approx(15.0)
    assert metric(two, "value", "value / price - 1") == pytest.approx(
        metric(one, "value", "value / price - 1")
    )
    desk.asof = at(SPLIT - timedelta(days=1))
    before = desk.run("SPL FA DCF")
    assert field(before, "shares").text == "100"
    assert metric(before, "value", "close") > 20.0


def test_an_earlier_clock_knows_less(desk: Desk) -> None:
    desk.asof = at(date(2022, 2, 14))
    before = desk.run("OWN FA DCF")
    assert metric(before, "value", "twelve months to") == date(2020, 12, 31)
    after = desk.run("ASOF 2022-02-15")
    assert metric(after, "value", "twelve months to") == date(2021, 12, 31)
    assert metric(after, "value", "close") < 30.0
    text = encode(before, "json") + encode(after, "json")
    assert "2022-12-31" not in text
    assert "LATER THAN THE CLOCK" not in encode(desk.run("LEAK"), "json")


def test_the_statutory_rate_is_that_of_its_day(desk: Desk) -> None:
    from engine.functions._fa_dcf_rate import statutory_tax

    assert statutory_tax(date(2017, 12, 21)) == 0.35
    assert statutory_tax(date(2017, 12, 22)) == 0.21
    page = desk.run("LOS FA DCF TARGET=10")
    assert field(page, "tax").text == "21"
    assert "statutory" in field(page, "tax").basis


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("BNK FA DCF", "lender or an insurer .State Commercial Banks.*BNK RV"),
        ("NOP FA DCF", "MARGIN= is needed: no operating income is known"),
        ("LOS FA DCF", "TARGET= is needed: operating income has not been positive"),
        ("OWN FA DCF RATE=4 TERMINAL=4", "not above terminal growth"),
        ("OWN FA DCF BETA=-1", "not above terminal growth"),
        ("OWN FA DCF GROWTH=900", "at most 200"),
        ("OWN FA DCF YEARS=60", "at most 30"),
        ("OWN FA RATIOS GROWTH=8", "GROWTH= is an assumption of FA DCF"),
    ],
)
def test_refusals_in_words(desk: Desk, line: str, words: str) -> None:
    with pytest.raises((DataError, CommandError), match=words):
        desk.run(line)


def test_what_was_asked_for_is_enough(desk: Desk) -> None:
    assert metric(desk.run("NOP FA DCF MARGIN=15"), "value", "value per share") > 0
    lender = desk.run("BNK FA DCF MARGIN=15")
    assert any("fits such companies badly" in note.text for note in lender.notes)


def test_what_stands_in_for_something_unknown_is_told(desk: Desk) -> None:
    page = desk.run("NOD FA DCF")
    assert field(page, "netdebt").text == "-100"
    assert any("tells no debt under a concept known here" in note.text for note in page.notes)
    page = desk.run("EUR FA DCF")
    assert page.panel("value") is not None
    assert metric(page, "value", "close") is None
    assert any("prices are in EUR and the statements in USD" in note.text for note in page.notes)
    assert rows(page, "implied") == []
    page = desk.run("OWE FA DCF")
    assert any("debt is worth more than the operations" in note.text for note in page.notes)


def test_estimated_dates_are_told(tmp_path: Path, desk: Desk) -> None:
    assert not any("is estimated" in note.text for note in desk.run("OWN FA DCF").notes)
    store = open_store(tmp_path / "home")
    ids = build(store, COMPANIES[:1])
    later = {"security_id": ids["OWN"], "valid_from": date(2023, 3, 1), "industry": "Software",
             "known_at": at(date(2023, 3, 1)), "known_basis": "estimated: a rule of this test"}  # fmt: skip
    store.append(Batch("rule", "simulated", "1", {"profiles": pl.DataFrame([later])}))
    other = Desk(store, "tester", clock=lambda: PRESENT)
    told = [note.text for note in other.run("OWN FA DCF").notes if "is estimated" in note.text]
    assert told == ["When it became known is estimated, by a rule that LEAK tells, for rows of: profiles."]
    other.close()


def test_why_and_help_explain(desk: Desk) -> None:
    desk.run("OWN FA DCF")
    why = " ".join(encode(desk.run('WHY "cost of equity"'), "text").split())
    assert "risk-free + beta x premium = 0.035 + 1" in why
    desk.run("OWN FA DCF")
    why = " ".join(encode(desk.run("WHY growth PANEL=assumptions"), "text").split())
    assert "revenue grew 10.0% a year" in why
    told = " ".join(encode(desk.run("HELP FA"), "text").split())
    assert "Damodaran" in told
    assert "GROWTHBY" in told


def test_every_page_is_encoded(desk: Desk) -> None:
    page = desk.run("OWN FA DCF")
    for form in ("text", "json", "csv"):
        assert "discount rate" in encode(page, form)
    assert page.lineage is not None
    tables = {read.table for read in page.lineage.reads}
    assert {"facts", "filings", "bars", "yield_curves", "profiles", "actions"} <= tables


def test_what_it_wants_fetched(directory_of: Callable[..., Any]) -> None:
    ref = SecurityRef(1, "OWN", "US EQUITY", "Own", "equity")
    args = {"beta": None, "betayears": None, "benchmark": None, "riskfree": None}
    context: Any = SimpleNamespace(security=ref, today=date(2023, 9, 1), directory=directory_of())
    wanted = dcf_needs(context, args)
    assert {need.dataset for need in wanted} == {"profile", "bars", "curve"}
    assert min(need.start for need in wanted if need.dataset == "bars") < date(2018, 9, 1)  # type: ignore[type-var]
    typed = dcf_needs(context, {**args, "beta": 1.0, "riskfree": 4.0})
    assert {need.dataset for need in typed} == {"profile"}


@pytest.fixture
def directory_of(store: Store) -> Callable[..., Any]:
    def make() -> Any:
        from engine.securities import Directory

        return Directory(store.reader(PRESENT).securities().iter_rows(named=True), date(2023, 9, 1))

    return make


@pytest.mark.parametrize(
    "line",
    [
        "OWN FA DCF GROWTH=180 GROWTHBY=50",
        "OWN FA DCF RATE=1.5 RATEBY=2 TERMINAL=-5",
        "OWN FA DCF RATE=58 RATEBY=10",
        "OWN FA DCF TARGET=-490 MARGINBY=30",
        "OWN FA DCF MARGIN=-450",
        "LOS FA DCF MARGIN=-450",
    ],
)
def test_scenarios_at_the_bounds_are_pages_of_the_same_value(desk: Desk, line: str) -> None:
    page = desk.run(line)
    panel = page.panel("growth")
    assert panel is not None
    assert isinstance(panel.figure, Heatmap)
    assert len(panel.figure.columns) > 1
    for row in rows(page, "scenarios"):
        assert metric(desk.run(row["command"]), "value", "value per share") == pytest.approx(
            row["value"], rel=1e-7
        )
