"""SCREEN over a small market of our own: the day's members, tickers and facts; errors; what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import Cancelled, CommandError, DataError
from engine.figures import Form, Scatter, Waterfall
from engine.functions.screen import needs
from engine.page import Page, Table
from store import Batch, Store, open_store
from tests.quant.facts import fact

PRESENT = datetime(2021, 3, 31, 22, 0, tzinfo=UTC)
START, DEATH, RENAMED = date(2018, 1, 2), date(2020, 6, 30), date(2020, 3, 2)
LIVING = tuple(f"L{n}" for n in range(8))
# net income, equity, shares (millions), sector by security; DED dies, NEW was OLD
COMPANIES = {
    **{name: (20.0 + 10 * at, 200.0, 10.0 + at, "Energy" if at % 2 else "Technology")
       for at, name in enumerate(LIVING)},
    "DED": (50.0, 100.0, 5.0, "Energy"),
    "NEW": (90.0, 150.0, 9.0, "Technology"),
    "RED": (-30.0, 100.0, 5.0, "Energy"),
}  # fmt: skip
HOSTILE = "\x1b[31m[b]Evil[/b]\u202e"


def at(day: date) -> datetime:
    return datetime.combine(day, time(21, 5), UTC)


def filed(
    number: int, name: str, year: int, factor: float = 1.0, day: str = "", form: str = "10-K"
) -> list[Any]:
    income, equity, shares, _ = COMPANIES[name]
    end, when = f"{year}-12-31", day or f"{year + 1}-02-20"
    told = [
        fact("NetIncomeLoss", f"{year}-01-01", end, factor * income * 1e6, when, form=form, fiscal_year=year),
        fact("Revenues", f"{year}-01-01", end, 500e6, when, form=form, fiscal_year=year),
        fact("EarningsPerShareDiluted", f"{year}-01-01", end, factor * income / shares, when, form=form,
             unit="USD/shares", fiscal_year=year),
        fact("Assets", end, end, 1e9, when, form=form),
        fact("StockholdersEquity", end, end, equity * 1e6, when, form=form),
        fact("dei:EntityCommonStockSharesOutstanding", end, end, shares * 1e6, when, form=form, unit="shares"),
    ]  # fmt: skip
    return [{"security_id": number, "known_basis": "exact", **each} for each in told]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = open_store(tmp_path / "home")
    words = [*(f"us-equity:{name}" for name in COMPANIES), "index:SPX"]
    ids = dict(zip([*COMPANIES, "SPX"], made.identify(words).values(), strict=True))
    names = []
    for name, number in ids.items():
        index = name == "SPX"
        row = {"security_id": number, "valid_from": START, "ticker": "OLD" if name == "NEW" else name,
               "name": HOSTILE if name == "L3" else f"{name} Works", "market": "INDEX" if index else "US EQUITY",
               "asset_class": "index" if index else "equity", "exchange": "XNYS", "currency": "USD",
               "unit": "USD a share", "calendar": "XNYS", "listing_date": date(2010, 1, 4),
               "known_at": at(START), "known_basis": "exact"}  # fmt: skip
        names.append(row)
        if name == "NEW":
            names.append({**row, "valid_from": RENAMED, "ticker": "NEW", "known_at": at(RENAMED)})
        if name == "DED":
            names.append({**row, "valid_from": DEATH, "delisting_date": DEATH, "known_at": at(DEATH)})
    days = made.reader(PRESENT).sessions(START, date(2021, 3, 31)).astype(object).tolist()
    rng, bars = np.random.default_rng(11), []
    for name, number in ids.items():
        prices = 50 * np.exp(np.cumsum(rng.normal(0.0004, 0.012, len(days))))
        for day, price in zip(days, prices.round(2).tolist(), strict=True):
            if name == "DED" and day >= DEATH:
                break
            bars.append({"security_id": number, "session_date": day, "open": price, "high": price, "low": price,
                         "close": price, "volume": 1000, "known_at": at(day), "known_basis": "exact"})  # fmt: skip
    stays = [
        {"security_id": ids["SPX"], "start_date": START, "member_id": ids[name], "ticker": name,
         "known_at": at(START), "known_basis": "exact"}
        for name in (*LIVING[:6], "DED", "NEW", "RED")
    ]  # fmt: skip
    gone = {**stays[6], "end_date": DEATH, "known_at": at(DEATH - timedelta(days=5))}
    facts = [
        row
        for name in COMPANIES
        if name != "L5"
        for year in (2018, 2019)
        for row in filed(ids[name], name, year)
    ]
    profiles = [
        {"security_id": ids[name], "valid_from": START, "sector": each[3], "known_at": at(START),
         "known_basis": "exact"}
        for name, each in COMPANIES.items()
    ]  # fmt: skip
    tables = {
        "securities": names,
        "bars": bars,
        "membership": [*stays, gone],
        "facts": facts,
        "profiles": profiles,
    }
    frames = {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in tables.items()}
    made.append(Batch("own market", "simulated", "1", frames))
    return made


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    made = Desk(store, "tester", clock=lambda: PRESENT)
    made.run("ASOF 2020-05-29")
    yield made
    made.close()


def figure(page: Page, name: str) -> Any:
    panel = page.panel(name)
    assert panel is not None, name
    return panel.figure


def symbols(page: Page) -> list[str]:
    return figure(page, "results").frame["symbol"].to_list()


def column(page: Page, name: str) -> dict[str, Any]:
    frame = figure(page, "results").frame
    return dict(zip(frame["symbol"].to_list(), frame[name].to_list(), strict=True))


def notes(page: Page) -> str:
    return " ".join(note.text for note in page.notes)


def closes(desk: Desk, *names: str) -> dict[str, float]:
    page = desk.run(f"SCREEN 'close > 0' UNIVERSE={','.join(names)},")
    return column(page, "close")


def test_a_screen_by_hand(desk: Desk) -> None:
    page = desk.run('SCREEN "pe < 20 and roe > 10% and sector = ""technology"""')
    price = closes(desk, "L0", "L2", "L4", "OLD")
    expected = {}
    for name, close in price.items():
        income, equity, shares, _ = COMPANIES["NEW" if name == "NEW" else name]
        if close / (income / shares) < 20 and income / equity > 0.1:
            expected[name] = close / (income / shares)
    assert set(expected) == set(symbols(page))
    assert {k: pytest.approx(v) for k, v in expected.items()} == column(page, "pe")
    cap = column(page, "mktcap")
    assert list(cap.values()) == sorted(cap.values(), reverse=True)
    assert cap["NEW"] == pytest.approx(price["NEW"] * 9.0)  # in millions


def test_the_universe_is_the_days_with_its_tickers(desk: Desk) -> None:
    page = desk.run("SCREEN close > 0 LIMIT=100")
    assert set(symbols(page)) == {*LIVING[:6], "DED", "NEW", "RED"}
    assert "members of SP500" in notes(page)
    desk.run("ASOF 2020-02-10")
    assert set(symbols(desk.run("SCREEN close > 0"))) == {*LIVING[:6], "DED", "OLD", "RED"}
    desk.run("ASOF 2020-09-30")
    assert set(symbols(desk.run("SCREEN close > 0"))) == {*LIVING[:6], "NEW", "RED"}
    everything = set(symbols(desk.run("SCREEN close > 0 UNIVERSE=ALL")))
    assert everything == {*LIVING, "NEW", "RED"}
    desk.run("ASOF 2020-05-29")
    assert "DED" in symbols(desk.run("SCREEN close > 0 UNIVERSE=ALL"))


def test_what_is_known_later_changes_nothing_before(desk: Desk, store: Store) -> None:
    line = 'SCREEN "pe < 30 and roe > 5% and mom_12_1 top 80%" SCORE="z(roe) + z(mom_12_1)"'
    before = desk.run(line)
    ids = store.identify([f"us-equity:{name}" for name in COMPANIES])
    later = [row for number, name in zip(ids.values(), COMPANIES, strict=True)
             for row in filed(number, name, 2019, 3.0, "2020-08-03", "10-K/A")]  # fmt: skip
    store.append(
        Batch("own market", "restated", "2", {"facts": pl.DataFrame(later, infer_schema_length=None)})
    )
    again = desk.run(line)
    for name in ("results", "conditions"):
        assert figure(again, name).frame.equals(figure(before, name).frame)
    desk.run("ASOF 2020-09-30")
    after = desk.run("SCREEN known(roe) COLUMNS=roe")
    assert column(after, "roe")["L1"] == pytest.approx(90 / 200)
    desk.run("ASOF 2019-06-28")
    early = desk.run("SCREEN known(net_income) COLUMNS=net_income,roe")
    assert set(column(early, "roe").values()) == {None}  # one balance sheet alone has no mean


def test_unknown_does_not_pass_and_is_told(desk: Desk) -> None:
    one, other = desk.run("SCREEN pe < 1000"), desk.run("SCREEN not pe < 1000")
    assert not {"L5", "RED"} & {*symbols(one), *symbols(other)}
    assert "Not known of 9: pe of 2" in notes(one)
    assert "Only 8 of 9 have filings" in notes(one)
    frame = figure(one, "conditions").frame
    assert frame.rows()[1] == ("pe < 1000", 7, 0, 2, 7)
    shown = desk.run("SCREEN close > 0 COLUMNS=pe")
    why = column(shown, "pe_why")
    assert "earnings are not positive" in why["RED"]
    assert "no filing" in why["L5"]
    assert "10-K" in why["L1"]


def test_the_funnel_leads_from_the_universe_to_what_passes(desk: Desk) -> None:
    page = desk.run("SCREEN pe < 30 and vol_1y bottom 60% and roe > 15%")
    steps = figure(page, "funnel")
    assert isinstance(steps, Waterfall)
    assert (
        steps.steps[0].value + sum(s.value for s in steps.steps[1:-1])
        == steps.steps[-1].value
        == len(symbols(page))
    )
    marks = figure(page, "scatter")
    assert isinstance(marks, Scatter)
    assert {m.label for m in marks.marks if m.group == "passes"} == set(symbols(page))


def test_scores_rank_and_sorts_sort(desk: Desk) -> None:
    page = desk.run("SCREEN close > 0 SCORE=roe LIMIT=3")
    roe = column(page, "score")
    assert list(roe.values()) == sorted(roe.values(), reverse=True)
    assert len(roe) == 3
    assert "the first 3 shown" in page.panels[0].title
    by_name = symbols(desk.run("SCREEN close > 0 SORT=ticker"))
    assert by_name == sorted(by_name)
    lowest = column(desk.run("SCREEN known(vol_1y) SORT=vol_1y COLUMNS=vol_1y"), "vol_1y")
    assert list(lowest.values()) == sorted(lowest.values())
    highest = column(desk.run("SCREEN known(vol_1y) SORT=-vol_1y COLUMNS=vol_1y"), "vol_1y")
    assert list(highest.values()) == sorted(lowest.values(), reverse=True)


def test_the_commands_are_whole_and_say_the_same(desk: Desk) -> None:
    page = desk.run(
        'SCREEN sector in ("Energy", "Utilities") and pe < 99 UNIVERSE=L1,OLD,L3 XY=pe,roe LIMIT=7'
    )
    assert page.lineage is not None
    command = page.lineage.command
    assert "UNIVERSE=L1,NEW,L3" in command
    again = desk.run(command)
    assert figure(again, "results").frame.equals(figure(page, "results").frame)
    assert again.lineage is not None
    assert again.lineage.command == command
    form = figure(page, "assumptions")
    assert isinstance(form, Form)
    assert form.fields[0].text == 'sector in ("Energy", "Utilities") and pe < 99'


def test_screens_are_kept_by_name(desk: Desk) -> None:
    kept = desk.run("SCREEN pe < 30 SCORE=roe SAVE=cheap")
    assert kept.lineage is not None
    assert "SAVE" not in kept.lineage.command
    named = desk.run("SCREEN NAME=cheap")
    assert figure(named, "results").frame.equals(figure(kept, "results").frame)
    assert named.lineage is not None
    assert named.lineage.command == kept.lineage.command
    listed = figure(desk.run("SCREEN LIST"), "screens")
    assert isinstance(listed, Table)
    assert listed.frame["expression"].to_list() == ["pe < 30"]
    with pytest.raises(DataError, match="No screen is called dear"):
        desk.run("SCREEN NAME=dear")
    assert figure(desk.run("SCREEN DELETE=cheap"), "screens").frame.is_empty()
    with pytest.raises(CommandError, match="letters, digits"):
        desk.run('SCREEN pe < 30 SAVE="../x"')


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("SCREEN mktcap > 10e9 and pee < 15", "pee"),
        ('SCREEN "pe < 15 and rnk(roe) < 3" LIMIT=5', "rnk"),
        ("EQS pe < 15 SCORE=z(fo)", "fo"),
        ('SCREEN "pe < 15" SCORE="z(roe) + zz"', "zz"),
        ("SCREEN pe < 15 COLUMNS=roe,mometum", "mometum"),
        ("SCREEN pe < 15 LIMIT=0", "LIMIT=0"),
        ("SCREEN pe < 15 UNIVERSE=SP500 and", "and"),
        ("SCREEN EXPRESSION='sector = Energy'", "Energy"),
        ("SCREEN pe < 15 XY=pe,foo", "foo"),
        ('SCREEN "pe < 15" SORT=-foo', "foo"),
    ],
)
def test_errors_point_at_the_word_in_the_line(desk: Desk, line: str, word: str) -> None:
    with pytest.raises(CommandError) as caught:
        desk.run(line)
    assert line[caught.value.start : caught.value.end] == word, caught.value.pointer()


def test_the_nearest_line_that_would_do_runs(desk: Desk) -> None:
    with pytest.raises(CommandError) as caught:
        desk.run("SCREEN mktcap > 1M and pee < 15 UNIVERSE=ALL")
    assert caught.value.suggestions[0] == 'SCREEN "mktcap > 1M and pe < 15" UNIVERSE=ALL'
    desk.run(caught.value.suggestions[0])


def test_fields_are_listed_and_searched(desk: Desk) -> None:
    whole = figure(desk.run("SCREEN FIELDS"), "fields").frame
    assert whole.height >= 70
    assert figure(desk.run("SCREEN"), "fields").frame.height == whole.height
    found = figure(desk.run("SCREEN FIELDS free cash"), "fields").frame["name"].to_list()
    assert {"fcf_yield", "free_cash_flow"} <= set(found)
    assert figure(desk.run("SCREEN FIELDS nosuchword"), "fields").frame.is_empty()


def test_hostile_names_are_data(desk: Desk) -> None:
    page = desk.run("SCREEN close > 0 UNIVERSE=L3,L1")
    assert "\x1b" not in encode(page, "text")
    again = desk.run(f"SCREEN EXPRESSION='name = \"{HOSTILE.replace(chr(27), '')}\"'")
    assert symbols(again) == []


def test_nothing_known_says_what_to_type(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    page = desk.run("SCREEN mktcap > 10B and pe < 15")
    assert "No security has filings" in notes(page)
    assert "FA fetches" in notes(page)
    desk.run("ASOF 1965-06-28")
    with pytest.raises(DataError):
        desk.run("SCREEN close > 0")
    desk.run("ASOF NOW")
    with pytest.raises(DataError, match=r"No members of SP500|no universe"):
        desk.run("SCREEN close > 0 UNIVERSE=SP500")


def test_escape_stops_it(desk: Desk) -> None:
    with pytest.raises(Cancelled):
        desk.run("SCREEN pe < 15 and roe > 1%", cancelled=lambda: True)


def test_a_clock_without_filings_keeps_price_fields(desk: Desk) -> None:
    desk.run("ASOF 2018-12-31")
    page = desk.run("SCREEN ret_6m > -90% or pe < 3")
    assert len(symbols(page)) == 9
    assert set(column(page, "pe").values()) == {None}


def test_what_a_short_list_needs_is_asked_for(desk: Desk) -> None:
    def wanted(line: str) -> set[tuple[str, str]]:
        command = desk.parse(line)
        context = desk.context(desk.asof, None, None)
        args = {each.name: each.default for each in command.function.arguments} | dict(command.args)
        return {(need.dataset, need.security.ticker) for need in needs(context, args)}

    assert wanted("SCREEN pe < 15 UNIVERSE=L1,L2") == {
        (dataset, name) for dataset in ("bars", "facts", "actions") for name in ("L1", "L2")
    }
    assert wanted("SCREEN ret_1m > 0 UNIVERSE=L1,") == {("bars", "L1")}
    assert wanted("SCREEN pe < 15") == {("membership", "SPX")}
    assert wanted("SCREEN pe < 15 UNIVERSE=ALL") == wanted("SCREEN FIELDS") == set()


def test_every_cell_says_how_it_was_made(desk: Desk) -> None:
    page = desk.run("SCREEN pe < 30 and ret_1y > -90% SORT=pe")
    told = encode(desk.run("WHY 1 pe"), "text")
    assert "diluted earnings a share" in told
    assert "10-K" in told
    desk.run("SCREEN pe < 30 and ret_1y > -90%")
    assert "252 sessions before" in encode(desk.run("WHY 1 ret_1y"), "text")
    for kind in ("json", "csv", "text"):
        assert symbols(page)[0] in encode(page, kind)  # type: ignore[arg-type]


def test_an_edited_screen_says_what_a_fresh_one_says(desk: Desk) -> None:
    """Readings that are kept from the line before are those of the same rows."""
    from engine.functions import _screen_books

    line = "SCREEN roe > 5% SCORE=z(-pe)"
    desk.run("SCREEN pe < 15")
    warm = figure(desk.run(line), "results").frame
    _screen_books._made.clear()
    assert figure(desk.run(line), "results").frame.equals(warm)


def test_a_dead_securitys_last_price_is_no_price_of_a_later_day(desk: Desk) -> None:
    """Also in columns that are read of what passes alone."""
    desk.run("ASOF 2020-09-30")
    page = desk.run('SCREEN ticker = "DED" UNIVERSE=DED,L1 COLUMNS=close,ret_1m,pe')
    assert [column(page, name)["DED"] for name in ("close", "ret_1m", "pe")] == [None, None, None]
    assert "1 of 2 have no price" in notes(page)
    desk.run("ASOF 2020-06-26")
    page = desk.run('SCREEN ticker = "DED" UNIVERSE=DED,L1 COLUMNS=close,ret_1m,pe')
    assert None not in [column(page, name)["DED"] for name in ("close", "ret_1m", "pe")]
    assert "have no price" not in notes(page)


def test_what_has_no_score_comes_last_and_is_told(desk: Desk) -> None:
    page = desk.run("SCREEN close > 0 SCORE=-pe")
    assert set(symbols(page)[-2:]) == {"L5", "RED"}
    assert "2 of those that pass have no score" in notes(page)


def test_a_score_alone_ranks_all_of_which_it_is_known(desk: Desk) -> None:
    page = desk.run("SCREEN SCORE=-pe")
    assert len(symbols(page)) == 7
    scores = list(column(page, "score").values())
    assert scores == sorted(scores, reverse=True)
    with pytest.raises(CommandError, match="goes with a condition"):
        desk.run("SCREEN UNIVERSE=ALL")
    with pytest.raises(CommandError) as caught:
        desk.run("SCREEN SCORE=z(foo)")
    assert caught.value.line[caught.value.start : caught.value.end] == "foo"


def test_the_best_of_what_was_asked_stand_first(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run('SCREEN "mom_12_1 top 30% and vol_1y < 60%" UNIVERSE=ALL')
    panel = page.panel("results")
    assert panel is not None
    values = panel.figure.frame["mom_12_1"].to_list()  # type: ignore[union-attr]
    assert len(values) > 2
    assert values == sorted(values, reverse=True)
    low = make_desk().run('SCREEN "bottom 4 by vol_1y" UNIVERSE=ALL').panel("results")
    assert low is not None
    calm = low.figure.frame["vol_1y"].to_list()  # type: ignore[union-attr]
    assert calm == sorted(calm)
