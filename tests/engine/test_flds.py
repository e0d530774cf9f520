"""FLDS: the catalogue with the clock's values, one indicator in full, settings, and what cannot be computed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl
import pytest
import talib

from engine import indicator_names
from engine.desk import Desk
from engine.encode import encode
from engine.errors import AsofError, CommandError, DataError
from engine.figures import Form
from engine.function import Kind
from engine.functions import _flds_names as names
from engine.page import Candles, Lines, Metrics, Page, Table
from engine.quant.indicators import AVERAGES, CATALOGUE, GROUPS, indicator
from engine.registry import registry

MakeDesk = Callable[[], Desk]


def figure(page: Page, name: str) -> object:
    panel = page.panel(name)
    assert panel is not None, [each.name for each in page.panels]
    return panel.figure


def rows(page: Page, panel: str = "indicators") -> dict[str, dict[str, object]]:
    table = figure(page, panel)
    assert isinstance(table, Table)
    return {row["name"]: row for row in table.frame.iter_rows(named=True)}


def metric(page: Page, label: str) -> object:
    metrics = figure(page, "now")
    assert isinstance(metrics, Metrics)
    return next(each.value for each in metrics.items if each.label == label)


def closes(desk: Desk, ticker: str) -> np.ndarray:
    """The store's own closes, split-adjusted, read beside the function."""
    desk.run(f"{ticker} DES")
    ref = desk.page.security  # type: ignore[union-attr]
    now = desk.asof or desk.clock()
    frame = desk.store.reader(now).bars([ref.security_id], adjust="splits")  # type: ignore[union-attr]
    return frame["close"].cast(pl.Float64).to_numpy()


def test_words_are_the_catalogues() -> None:
    assert set(names.NAMES) == set(CATALOGUE)
    assert {name: each.aliases for name, each in CATALOGUE.items() if each.aliases} == dict(names.ALIASES)
    assert set(names.GROUPS.values()) == set(GROUPS)
    assert set(names.AVERAGES) == set(AVERAGES)
    kinds = {"integer": Kind.INTEGER, "number": Kind.NUMBER, "average": Kind.CHOICE, "date": Kind.DATE}
    wanted = {p.name: kinds[p.kind] for each in CATALOGUE.values() for p in each.parameters}
    assert {each.name: each.kind for each in names.SETTINGS} == wanted
    assert all(each.named_only for each in names.SETTINGS)


def test_words_of_the_grammar_are_the_catalogues() -> None:
    for name in indicator_names.WINDOWED:
        assert "timeperiod" in CATALOGUE[name].defaults, name
        assert set(CATALOGUE[name].inputs) <= {"open", "high", "low", "close", "volume"}
    for name in (*indicator_names.SHORT.values(), *indicator_names.BARE):
        assert indicator(name if name != "BB" else "BBANDS")
    assert indicator_names.overlay_word("rsi14") == ("RSI", 14) == indicator_names.overlay_word("14RSI")
    assert indicator_names.overlay_word("KELTNER") == ("KELTNER", 0)
    assert indicator_names.overlay_word("MA") is None, "a ticker"
    assert indicator_names.overlay_word("RSI") is None, "it goes with its length"


def test_a_chart_takes_indicators(make_desk: MakeDesk) -> None:
    desk = make_desk()
    page = desk.run("AAPL GP 6M 20KC RSI14 MACD 50SMA")
    assert [each.name for each in page.panels] == ["price", "14rsi", "macd"]
    candles = figure(page, "price")
    assert isinstance(candles, Candles)
    assert [each.name for each in candles.overlays] == ["20KC upper", "20KC", "20KC lower", "50SMA"]
    pane = figure(page, "14rsi")
    assert isinstance(pane, Lines)
    close = closes(desk, "AAPL")
    assert pane.series[0].values[-1] == talib.RSI(close, 14)[-1]
    assert np.isfinite(pane.series[0].values).all()
    assert page.lineage is not None
    assert "OVERLAYS=14RSI" in page.lineage.command
    assert desk.run(page.lineage.command).panels[1].name == "14rsi"
    line = desk.run("JPM GP 1Y 20KC 14RSI")
    assert [each.name for each in line.panels] == ["price", "14rsi"]
    assert any("20KC is left out" in note.text for note in line.notes)


def test_the_whole_catalogue_with_values_at_the_clock(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("ASOF 2008-09-15")
    page = desk.run("AAPL FLDS")
    found = rows(page)
    assert set(found) == set(CATALOGUE)
    valued = {name for name, row in found.items() if row["value"] is not None}
    # arc sine and cosine are of numbers from -1 to 1, a period a bar is a field that no store holds
    assert set(CATALOGUE) - valued == {"MAVP", "ASIN", "ACOS"}
    close = closes(desk, "AAPL")
    assert found["RSI"]["value"] == talib.RSI(close, 14)[-1]
    assert found["SMA"]["value"] == pytest.approx(close[-30:].mean())
    assert found["RSI"]["warm_up"] == 14
    assert found["MACD"]["parameters"] == "FASTPERIOD=12 SLOWPERIOD=26 SIGNALPERIOD=9"
    assert str(found["MACD"]["others"]).startswith("signal ")
    assert "2008-09-15" in page.panels[0].title


def test_groups_and_searching(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert set(rows(desk.run("AAPL FLDS MOMENTUM"))) == {
        each.name for each in CATALOGUE.values() if each.group == "momentum"
    }
    assert "CDLDOJI" in rows(desk.run("AAPL TECH PATTERNS"))
    assert {"RSI", "ATR", "SAR"} <= set(rows(desk.run("FLDS FIND=wilder")))
    assert set(rows(desk.run('FLDS VOLATILITY FIND="range"'))) >= {"ATR"}
    empty = figure(desk.run("FLDS FIND=nothing_like_it"), "indicators")
    assert isinstance(empty, Table)
    assert empty.frame.is_empty()
    assert "FLDS lists all" in empty.empty


def test_without_a_security_the_catalogue_stands_alone(make_desk: MakeDesk) -> None:
    desk = make_desk()
    page = desk.run("FLDS")
    assert len(rows(page)) == len(CATALOGUE)
    assert any("AAPL FLDS" in note.text for note in page.notes)
    with pytest.raises(CommandError) as raised:
        desk.run("FLDS RSI")
    assert "AAPL FLDS RSI" in raised.value.suggestions


def test_one_indicator_is_ta_libs_of_the_whole_history(make_desk: MakeDesk) -> None:
    desk = make_desk()
    page = desk.run("AAPL FLDS RSI TIMEPERIOD=21 6M")
    close = closes(desk, "AAPL")
    expected = talib.RSI(close, 21)
    assert metric(page, "rsi") == expected[-1]
    lines = figure(page, "indicator")
    assert isinstance(lines, Lines)
    line = lines.series[0]
    assert np.isfinite(line.values).all(), "a short range starts warmed up"
    np.testing.assert_array_equal(line.values, expected[-len(line.values) :])
    assert [each.name for each in lines.series[1:]] == ["30", "70"]
    assert isinstance(figure(page, "price"), Candles)
    table = figure(page, "values")
    assert isinstance(table, Table)
    assert table.frame["line rsi"][0] == expected[-1]


def test_bands_are_drawn_over_candles(make_desk: MakeDesk) -> None:
    page = make_desk().run("AAPL FLDS KELTNER 6M")
    candles = figure(page, "price")
    assert isinstance(candles, Candles)
    assert [each.name for each in candles.overlays] == ["KC upper", "KC middle", "KC lower"]
    assert page.panel("indicator") is None


def test_patterns_are_marks_on_the_candles(make_desk: MakeDesk) -> None:
    page = make_desk().run("AAPL FLDS CDLENGULFING 1Y")
    candles = figure(page, "price")
    assert isinstance(candles, Candles)
    assert {each.kind for each in candles.events} == {"cdlengulfing"}
    days = {each.date for each in candles.events}
    table = figure(page, "values")
    assert isinstance(table, Table)
    assert days >= set(table.frame.filter(pl.col("line pattern") != 0)["session_date"])


def test_the_settings_can_be_changed_on_the_form(make_desk: MakeDesk) -> None:
    desk = make_desk()
    form = figure(desk.run("AAPL FLDS BBANDS TIMEPERIOD=10 MATYPE=EMA"), "settings")
    assert isinstance(form, Form)
    fields = {each.name: each for each in form.fields}
    assert {"timeperiod", "nbdevup", "nbdevdn", "matype", "interval", "period"} <= set(fields)
    assert (fields["timeperiod"].text, fields["timeperiod"].given) == ("10", True)
    assert (fields["nbdevup"].text, fields["nbdevup"].given) == ("2.0", False)
    arguments = {each.name for each in registry().get("FLDS").arguments}  # type: ignore[union-attr]
    assert set(fields) <= arguments
    again = " ".join(f"{each.name.upper()}={each.text}" for each in form.fields)
    page = desk.run(f"AAPL FLDS INDICATOR=BBANDS {again}")
    assert metric(page, "upper") == metric(desk.run("AAPL FLDS BBANDS TIMEPERIOD=10 MATYPE=EMA"), "upper")


def test_anchored_average_price_counts_from_its_day(make_desk: MakeDesk) -> None:
    page = make_desk().run("AAPL FLDS AVWAP ANCHOR=2012-09-21 2012-09-01 2012-12-31")
    candles = figure(page, "price")
    assert isinstance(candles, Candles)
    line = candles.overlays[0]
    first = line.dates[np.isfinite(line.values)][0].astype(object)
    assert first == date(2012, 9, 21)


def test_bars_in_a_year_are_those_of_the_interval(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert "PERIODS=52" in desk.run("AAPL FLDS CLOSE_VOL W 5Y").panels[0].title
    assert "PERIODS=12" in desk.run("AAPL FLDS CLOSE_VOL M 5Y").panels[0].title
    assert "PERIODS=365" in desk.run("AAPL FLDS CLOSE_VOL PERIODS=365").panels[0].title


def test_later_bars_change_nothing(make_desk: MakeDesk) -> None:
    """The value of a day is the same from any clock after it, splits aside: MSFT had none after 2003."""
    desk = make_desk()
    later = desk.run("MSFT FLDS RSI 2008-01-01 2008-09-15")
    desk.run("ASOF 2008-09-15")
    then = desk.run("MSFT FLDS RSI 2008-01-01 2008-09-15")
    assert metric(later, "rsi") == pytest.approx(metric(then, "rsi"), rel=1e-12)
    assert "2008-09-15" in encode(then, "text")


@pytest.mark.parametrize(
    ("line", "words", "argument"),
    [
        (
            "AAPL FLDS RSI TIMEPERIOD=1",
            "TIMEPERIOD as a whole number from 2 to 100000; 1 is none",
            "TIMEPERIOD=1",
        ),
        ("AAPL FLDS RSI FASTPERIOD=3", "no parameter FASTPERIOD: it takes TIMEPERIOD", "FASTPERIOD=3"),
        ("AAPL FLDS TIMEPERIOD=3", "a setting of one indicator", "TIMEPERIOD=3"),
        ("AAPL FLDS T3 VFACTOR=1.5", "from 0 to 1", "VFACTOR=1.5"),
    ],
)
def test_wrong_settings_point_at_their_word(
    make_desk: MakeDesk, line: str, words: str, argument: str
) -> None:
    with pytest.raises(CommandError) as raised:
        make_desk().run(line)
    assert words in str(raised.value)
    assert raised.value.line[raised.value.start : raised.value.end] == argument
    assert raised.value.suggestions


def test_what_cannot_be_computed_says_why(make_desk: MakeDesk) -> None:
    desk = make_desk()
    with pytest.raises(DataError, match="the store holds no high and low"):
        desk.run("JPM FLDS ATR")
    with pytest.raises(DataError, match=r"first value after 4,999 bars; AAPL US EQUITY has 3,\d\d\d"):
        desk.run("AAPL FLDS SMA TIMEPERIOD=5000")
    found = rows(desk.run("JPM FLDS"))
    assert found["ATR"]["value"] is None
    assert found["ATR"]["blank"] == "never existed"
    assert found["RSI"]["value"] is not None
    desk.run("ASOF 2000-03-20")  # the third week of AAPL's bars
    young = rows(desk.run("AAPL FLDS"))
    assert young["TRIX"]["blank"] == "not yet known"
    assert young["MOM"]["value"] is not None


def test_rows_choose_indicators(make_desk: MakeDesk) -> None:
    desk = make_desk()
    commands = [str(row["command"]) for row in rows(desk.run("AAPL FLDS 2Y W")).values()]
    assert any("INDICATOR=RSI" in each for each in commands)
    for command in commands[::40]:
        try:
            desk.run(command)
        except AsofError as fault:
            pytest.fail(f"{command}: {fault}")
