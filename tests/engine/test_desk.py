"""The desk: rows by number, loaded security, kept pages, why, leak, diff, export, settings."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode, page_hash
from engine.errors import AsofError, CommandError, DataError
from engine.functions.export import safe_name
from engine.page import Candles, Lines, Metrics, Page, Table
from store import Batch, Store, open_store

MakeDesk = Callable[..., Desk]


def frame(page: Page, panel: str) -> pl.DataFrame:
    found = page.panel(panel)
    assert found is not None
    assert isinstance(found.figure, Table)
    return found.figure.frame


def metric(page: Page, label: str) -> object:
    return next(
        m.value
        for p in page.panels
        if isinstance(p.figure, Metrics)
        for m in p.figure.items
        if m.label == label
    )


def test_the_loaded_security_and_the_row_by_number(make_desk: MakeDesk) -> None:
    desk = make_desk()
    with pytest.raises(CommandError, match="none is loaded"):
        desk.run("GP")
    desk.run("MSFT")
    assert desk.run("HP").title.startswith("MSFT")
    desk.run("W IBM AAPL")
    page = desk.run("2")
    assert (page.function, page.title.split()[0]) == ("GP", "AAPL")
    with pytest.raises(CommandError, match="no rows to choose"):
        desk.run("1")


def test_screen_actions_by_number(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("AAPL GP")
    assert desk.run("91").function == "LEAK"
    with pytest.raises(CommandError, match="There are: 90 HELP"):
        desk.run("99")


def test_gp_is_candles_and_gp_of_closes_is_a_line_that_says_why(make_desk: MakeDesk) -> None:
    desk = make_desk()
    candles = desk.run("AAPL GP 1Y").panels[0].figure
    assert isinstance(candles, Candles)
    assert candles.frame["session_date"].is_sorted()
    page = desk.run("JPM GP 1Y")
    assert isinstance(page.panels[0].figure, Lines)
    assert any("closes only" in note.text for note in page.notes)


def test_ranges_count_back_from_the_last_session_and_staleness_stands_on_the_page(
    make_desk: MakeDesk,
) -> None:
    page = make_desk().run("AAPL GP 1Y")
    figure = page.panels[0].figure
    assert isinstance(figure, Candles)
    assert figure.frame["session_date"][-1] == date(2013, 3, 1)
    assert figure.frame["session_date"][0] == date(
        2012, 3, 1
    )  # the close that the year's change is measured from
    assert any("2013-03-01" in n.text and "sessions" in n.text and n.level == "warning" for n in page.notes)


def test_weekly_and_monthly_bars_keep_extremes_and_volume(make_desk: MakeDesk) -> None:
    desk = make_desk()
    daily = desk.run("AAPL GP 2004-01-01 2004-12-31 RAW").panels[0].figure
    monthly = desk.run("AAPL GP 2004-01-01 2004-12-31 RAW M").panels[0].figure
    assert isinstance(daily, Candles)
    assert isinstance(monthly, Candles)
    assert monthly.frame.height == 12
    assert monthly.frame["high"].max() == daily.frame["high"].max()
    assert monthly.frame["low"].min() == daily.frame["low"].min()
    assert monthly.frame["volume"].sum() == daily.frame["volume"].sum()
    assert monthly.frame["close"][-1] == daily.frame["close"][-1]


def test_overlays_start_full_and_do_not_look_ahead(make_desk: MakeDesk) -> None:
    desk = make_desk()
    short = desk.run("AAPL GP 6M 200SMA").panels[0].figure
    whole = desk.run("AAPL GP MAX 200SMA").panels[0].figure
    assert isinstance(short, Candles)
    assert isinstance(whole, Candles)
    line = short.overlays[0]
    assert line.name == "200SMA"
    assert not any(value != value for value in line.values)  # noqa: PLR0124 - NaN
    closes = whole.frame["close"].to_numpy()
    assert line.values[-1] == pytest.approx(closes[-200:].mean())
    assert line.values[0] == pytest.approx(closes[: len(closes) - len(line.values) + 1][-200:].mean())


def test_a_comparison_starts_at_100_together(make_desk: MakeDesk) -> None:
    figure = make_desk().run("GP AAPL META IBM 5Y").panels[0].figure
    assert isinstance(figure, Lines)
    assert [s.values[0] for s in figure.series] == [100.0, 100.0, 100.0]
    assert {s.dates[0].astype(object) for s in figure.series} == {date(2012, 5, 18)}


def test_total_return_of_ibm_against_its_vendor_adjusted_close(make_desk: MakeDesk) -> None:
    """Our splits and dividends against the source's own adjusted close: the same ratio over twelve years."""
    from importlib.resources import files

    data = pl.read_csv((files("bokeh_sampledata") / "_data" / "stocks.csv.gz").read_bytes())
    vendor = data.filter(pl.col("Ticker") == "IBM")["Adj Close"]
    figure = make_desk().run("IBM GP MAX TOTAL").panels[0].figure
    assert isinstance(figure, Candles)
    ours = figure.frame["close"]
    assert ours[-1] / ours[0] == pytest.approx(vendor[-1] / vendor[0], rel=2e-4)


# -- why, leak ---------------------------------------------------------------------------------------


def test_why_of_a_table_cell_a_candle_and_a_value(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("ASOF 2005-03-31")
    desk.run("AAPL HP 2005-02-20 2005-02-25")
    page = desk.run("WHY 1 close")
    assert metric(page, "value shown") == pytest.approx(44.495)
    assert frame(page, "versions")["close"].to_list() == [88.99]
    assert frame(page, "versions")["known_at"][0] == datetime(2005, 2, 25, 21, 0, tzinfo=UTC)
    assert frame(page, "versions")["source"][0].startswith("bokeh-sampledata")
    assert frame(page, "actions")["what"].to_list() == ["2:1 split"]
    desk.run("AAPL GP MAX")
    assert frame(desk.run("WHY 2000-09-29 close"), "versions")["close"].to_list() == [25.75]
    desk.run("AAPL")
    assert frame(desk.run("WHY name"), "versions")["name"].to_list() == ["Apple Computer, Inc."]


def test_why_points_at_what_is_not_there(make_desk: MakeDesk) -> None:
    desk = make_desk()
    with pytest.raises(CommandError, match="none yet"):
        desk.run("WHY 1 close")
    desk.run("AAPL HP 1M")
    with pytest.raises(CommandError, match="no row 99") as fault:
        desk.run("WHY 99 close")
    assert (fault.value.start, fault.value.end) == (4, 6)
    with pytest.raises(CommandError, match="no column"):
        desk.run("WHY 1 clse")
    with pytest.raises(CommandError, match="not a session"):
        desk.run("WHY 2013-03-02 close")


def test_leak_lists_the_reads_with_hashes_that_repeat(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("ASOF 2008-09-15")
    desk.run("AAPL GP 1Y")
    first = frame(desk.run("LEAK"), "reads")
    desk.run("AAPL GP 1Y")
    second = frame(desk.run("LEAK"), "reads")
    assert {"bars", "actions", "securities"} <= set(first["table"])
    assert first["hash"].to_list() == second["hash"].to_list()
    assert "LATER THAN THE CLOCK" not in first["verdict"].to_list()


# -- kept pages ------------------------------------------------------------------------------------------


def test_a_kept_page_opens_the_same_for_a_colleague_after_new_data(make_desk: MakeDesk, home: Path) -> None:
    desk = make_desk("ann")
    page = desk.run("AAPL HP 1M")
    assert page.lineage is not None
    kept = page.lineage.snapshot_id
    desk.run('SNAP "month end"')
    restate(desk.store, page)
    fresh = desk.run("AAPL HP 1M")
    assert page_hash(fresh) != page_hash(page)
    opened = make_desk("bob", open_store(home)).run(f"OPEN {kept[:6]}")
    assert frame(opened, "prices").equals(frame(page, "prices"))
    assert any("the same to the bit" in note.text for note in opened.notes)
    assert any(note.text == "month end" for note in opened.notes)


def restate(store: Store, page: Page) -> None:
    """A vendor's correction of the newest bar, recorded now."""
    assert page.security is not None
    day = frame(page, "prices")["session_date"][0]
    batch = Batch(
        "vendor", "correction", "1",
        {"bars": pl.DataFrame({
            "security_id": [page.security.security_id], "session_date": [day], "open": [438.0], "high": [439.0],
            "low": [429.98], "close": [430.5], "volume": [19_730_300],
            "known_at": [datetime(2026, 11, 20, tzinfo=UTC)], "known_basis": ["exact"],
        })},
    )  # fmt: skip
    store.append(batch)


def test_a_restated_bar_is_told_by_diff_why_and_the_earlier_clock(make_desk: MakeDesk) -> None:
    desk = make_desk()
    restate(desk.store, desk.run("AAPL HP 5D RAW"))
    desk.run("AAPL HP 5D RAW")
    page = desk.run("ASOF DIFF 2026-11-18 NOW")
    changed = frame(page, "differences")
    restated = changed.filter(pl.col("mark") == "restated")
    assert set(restated["column"]) == {"high", "close"}
    # what is computed from them is not restated itself
    assert changed.filter(pl.col("mark") == "changed")["column"].to_list() == ["change"]
    desk.run("AAPL HP 5D RAW")
    versions = frame(desk.run("WHY 1 close"), "versions")
    assert versions["close"].to_list() == [430.5, 430.47]
    assert versions["state"].to_list() == ["in force", "superseded"]
    desk.run("ASOF 2026-11-18")
    assert frame(desk.run("AAPL HP 5D RAW"), "prices")["close"][0] == 430.47


def test_rec_shows_what_was_recorded_then(make_desk: MakeDesk) -> None:
    """The same clock, but only what this store had recorded before the correction came."""
    desk = make_desk()
    before = datetime.now(UTC)
    restate(desk.store, desk.run("AAPL HP 5D RAW"))
    desk.recorded = before
    assert frame(desk.run("AAPL HP 5D RAW"), "prices")["close"][0] == 430.47
    desk.recorded = None
    assert frame(desk.run("AAPL HP 5D RAW"), "prices")["close"][0] == 430.5


def test_open_without_an_id_lists_and_an_unknown_id_says_so(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert frame(desk.run("OPEN"), "pages").is_empty()
    with pytest.raises(DataError, match="No page is kept"):
        desk.run("OPEN ffffffffffff")


def test_any_id_that_was_shown_can_be_opened(make_desk: MakeDesk) -> None:
    desk = make_desk()
    page = desk.run("IBM HP 1M")
    assert page.lineage is not None
    desk.close()
    opened = desk.run(f"OPEN {page.lineage.snapshot_id}")
    assert frame(opened, "prices").equals(frame(page, "prices"))


# -- diff ---------------------------------------------------------------------------------------------------


def test_diff_across_a_split(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("AAPL HP 2005-02-01 2005-02-28")
    page = desk.run("ASOF DIFF 2005-02-25 2005-02-28")
    found = frame(page, "differences")
    new = found.filter(pl.col("mark") == "newly known")
    assert new["row"].to_list() == ["2005-02-28"]
    assert set(found.filter(pl.col("mark") != "newly known")["mark"]) == {"re-adjusted"}
    desk.run("AAPL HP 2005-02-01 2005-02-28 RAW")
    raw = frame(desk.run("ASOF DIFF 2005-02-25 2005-02-28"), "differences")
    assert raw["mark"].to_list() == ["newly known"]


def test_diff_needs_a_page_and_leaves_the_clock(make_desk: MakeDesk) -> None:
    desk = make_desk()
    with pytest.raises(CommandError, match="none yet"):
        desk.run("ASOF DIFF 2005-02-25 2005-02-28")
    desk.run("AAPL GP 1Y")
    desk.run("ASOF DIFF 2005-02-25 2005-02-28")
    assert desk.asof is None


# -- watchlist, settings, export -----------------------------------------------------------------------------


def test_the_watchlist_keeps_ids_and_opening_it_changes_nothing(make_desk: MakeDesk) -> None:
    desk = make_desk()
    page = desk.run("W ADD META AAPL MSFT")
    assert page.lineage is not None
    assert "ADD" not in page.lineage.command
    desk.run("W DEL MSFT")
    desk.close()
    desk.run(f"OPEN {page.lineage.snapshot_id}")
    assert frame(desk.run("W"), "watchlist")["ticker"].to_list() == ["META", "AAPL"]
    desk.run("ASOF 2012-12-31")
    assert frame(desk.run("W"), "watchlist")["ticker"].to_list() == ["FB", "AAPL"]


def test_settings_are_checked_and_kept_per_user(make_desk: MakeDesk, home: Path) -> None:
    desk = make_desk("ann")
    with pytest.raises(CommandError, match="takes amber"):
        desk.run("SET theme=pink")
    desk.run("SET period=5Y")
    desk.run("SET timezone tokyo")
    again = make_desk("ann", open_store(home))
    assert (again.preferences["period"], again.preferences["timezone"]) == ("5Y", "Asia/Tokyo")
    assert make_desk("bob", open_store(home)).preferences["period"] == "1Y"
    page = again.run("AAPL GP")
    assert page.lineage is not None
    assert "PERIOD=5Y" in page.lineage.command


def test_export_says_where_and_stays_in_its_folder(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk("../../evil")
    shown = desk.run("AAPL HP 1M")
    page = desk.run('EXPORT CSV "..hidden"')
    path = Path(next(n.text for n in page.notes if n.text.startswith("Saved as")).removeprefix("Saved as "))
    assert path.is_relative_to(desk.store.home / "exports")
    assert "2013-03-01" in path.read_text()
    out = tmp_path / "apple.json"
    desk.run(f'EXPORT JSON "{out}"')
    assert json.loads(out.read_text())["title"] == shown.title
    with pytest.raises(AsofError, match="folder"):
        desk.run('EXPORT CSV "/no/such/folder/x.csv"')
    assert not [p for p in out.parent.iterdir() if p.name.startswith(".export-")]


@pytest.mark.parametrize(
    "name", ["../../x", "/etc/passwd", "..", "", "a/b", "\x00", "CON", "~root", "é" * 200]
)
def test_a_name_is_one_part_of_a_path(name: str) -> None:
    safe = safe_name(name)
    assert safe not in ("", ".", "..")
    assert Path(safe).name == safe
    assert len(safe) <= 80


def test_the_log_tells_commands_and_failures(make_desk: MakeDesk) -> None:
    desk = make_desk("logger")
    desk.run("AAPL GP")
    with pytest.raises(CommandError):
        desk.run("AAPL GPP")
    events = frame(desk.run("LOG"), "events")
    assert events["command"].to_list()[:2] == ["AAPL GPP", "AAPL GP"]
    assert events["level"].to_list()[:2] == ["warning", "info"]


def test_every_page_encodes(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for line in (
        "AAPL",
        "AAPL GP",
        "JPM GP",
        "HP",
        "CACS",
        "IBM DVD",
        "W AAPL",
        "DATA",
        "HELP",
        "HELP GP",
        "SET",
        "LOG",
    ):
        page = desk.run(line)
        for form in ("json", "csv", "text"):
            assert encode(page, form), (line, form)
