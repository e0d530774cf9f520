"""No byte of the future: a market whose every later text and number is marked, and pages at an earlier clock.

The reader's own filter cannot vouch for itself: here whole encoded pages (titles, notes, errors, metrics,
completion) are searched for marks that only later rows carry.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import AsofError, CommandError
from engine.page import Page
from store import Batch, Store, open_store

T = datetime(2010, 6, 30, 23, 59, tzinfo=UTC)
PRESENT = datetime(2020, 6, 30, 22, 0, tzinfo=UTC)
MARKS = ("FUTURE", "31337", "2011-", "2012-", "2013-", "2019-")


def instant(day: date, hour: int = 21) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def naming(
    number: int, day: date, ticker: str, name: str, note: str, market: str = "US EQUITY"
) -> dict[str, object]:
    return {
        "security_id": number, "valid_from": day, "ticker": ticker, "name": name, "market": market,
        "asset_class": "equity" if market == "US EQUITY" else "macro", "exchange": "XNYS", "currency": "USD",
        "unit": "USD a share", "calendar": "XNYS" if market == "US EQUITY" else "", "note": note,
        "known_at": instant(day, 14), "known_basis": "exact",
    }  # fmt: skip


def weekdays(first: date, last: date) -> list[date]:
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def bars(number: int, price: float) -> list[dict[str, object]]:
    return [
        {
            "security_id": number, "session_date": day, "open": level, "high": level, "low": level, "close": level,
            "volume": 100 if day.year <= 2010 else 31337, "known_at": instant(day), "known_basis": "exact",
        }
        for day in weekdays(date(2009, 1, 5), date(2012, 12, 28))
        for level in [price + day.toordinal() % 7 if instant(day) <= T else 31337.0]
    ]  # fmt: skip


def within_sessions(number: int) -> list[dict[str, object]]:
    """Bars of minutes and hours around the clock; those that end after it carry the mark."""
    return [
        {
            "security_id": number, "session_date": day, "interval": interval, "start_at": start, "open": level,
            "high": level, "low": level, "close": level, "volume": 1, "known_at": end, "known_basis": "exact",
        }
        for day in weekdays(date(2010, 6, 25), date(2010, 7, 9))
        for hour in range(14, 20)
        for interval, length in (("1h", timedelta(hours=1)), ("5m", timedelta(minutes=5)))
        for start in [instant(day, hour)]
        for end in [start + length]
        for level in [20.0 if end <= T else 31337.0]
    ]  # fmt: skip


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = open_store(tmp_path_factory.mktemp("sentinel") / "home")
    one, two, late, series, curve = store.identify(["one", "two", "late", "series", "curve"]).values()
    securities = [
        naming(one, date(2009, 1, 5), "AAA", "Alpha Works", "listed"),
        naming(one, date(2012, 3, 1), "FUTURE", "FUTURE Alpha", "renamed FUTURE"),
        naming(two, date(2009, 1, 5), "BBB", "Beta Mills", "listed"),
        naming(late, date(2011, 5, 2), "AAB", "FUTURE Listing", "FUTURE"),
        naming(series, date(2009, 1, 5), "MMM1", "A macro series", "", "MACRO"),
        naming(curve, date(2009, 1, 5), "UST", "A curve", "", "GOVT"),
    ]
    actions = [
        {"security_id": one, "kind": "split", "ex_date": date(2009, 9, 1), "ratio": 2.0, "amount": None,
         "note": "then", "known_at": instant(date(2009, 8, 3)), "known_basis": "exact"},
        {"security_id": one, "kind": "split", "ex_date": date(2011, 9, 1), "ratio": 31337.0, "amount": None,
         "note": "FUTURE", "known_at": instant(date(2011, 8, 1)), "known_basis": "exact"},
        {"security_id": two, "kind": "dividend", "ex_date": date(2011, 2, 1), "ratio": None, "amount": 31337.0,
         "note": "FUTURE", "known_at": instant(date(2011, 1, 3)), "known_basis": "exact"},
    ]  # fmt: skip
    closes = [
        {"security_id": two, "session_date": row["session_date"], "basis": "adjusted", "close": row["close"],
         "known_at": row["known_at"], "known_basis": "exact"}
        for row in bars(two, 50.0)
    ]  # fmt: skip
    vintages = [
        {"security_id": series, "period_date": date(2009, month, 1), "value": value, "known_at": known,
         "known_basis": "exact"}
        for month in range(1, 13)
        for value, known in ((float(month), instant(date(2010, 1, 15))), (31337.0, instant(date(2011, 1, 14))))
    ]  # fmt: skip
    told = [
        {"security_id": one, "concept": f"us-gaap:{concept}", "unit": unit, "period_start": first, "period_end": last,
         "value": value, "accession": accession, "form": form, "fiscal_year": 2009,
         "fiscal_period": "FY", "filed_date": known.date(), "known_at": known, "known_basis": "exact"}
        for concept, unit in (("Revenues", "USD"), ("NetIncomeLoss", "USD"), ("Assets", "USD"),
                              ("EarningsPerShareDiluted", "USD/shares"),
                              ("WeightedAverageNumberOfDilutedSharesOutstanding", "shares"))
        for year, value, accession, form, known in (
            (2008, 1.5e9, "0001-09", "10-K", instant(date(2009, 3, 2))),
            (2009, 2.5e9, "0001-10", "10-K", instant(date(2010, 3, 1))),
            (2009, 31337e6, "FUTURE-11", "10-K/A", instant(date(2011, 3, 1))),
            (2010, 31337e6, "FUTURE-11", "10-K/A", instant(date(2011, 3, 1))))
        for last in [date(year, 12, 31)]
        for first in [last if concept == "Assets" else date(year, 1, 1)]
    ]  # fmt: skip
    filings = [
        {"security_id": one, "filed_date": day, "accession": accession, "form": "10-K", "accepted_at": instant(day),
         "description": note, "known_at": instant(day), "known_basis": "exact"}
        for day, accession, note in ((date(2010, 3, 1), "0001-10", "then"), (date(2011, 3, 1), "FUTURE-11", "FUTURE"))
    ]  # fmt: skip
    profiles = [
        {
            "security_id": one,
            "valid_from": day,
            "industry": note,
            "known_at": instant(day),
            "known_basis": "exact",
        }
        for day, note in ((date(2010, 3, 1), "then"), (date(2011, 3, 1), "FUTURE"))
    ]
    rows = {
        "facts": told,
        "filings": filings,
        "profiles": profiles,
        "securities": securities,
        "bars": [*bars(one, 20.0), *bars(late, 5.0)],
        "bars_intraday": within_sessions(one),
        "closes": closes,
        "actions": actions,
        "observations": vintages,
        "yield_curves": [
            {
                "security_id": curve,
                "session_date": day,
                "tenor": tenor,
                "years": years,
                "rate": 0.04 if known <= T else 31337.0,
                "known_at": known,
                "known_basis": "exact",
            }
            for day in weekdays(date(2009, 6, 1), date(2011, 3, 1))
            for tenor, years in (("2Y", 2.0), ("10Y", 10.0))
            for known in (instant(day), instant(date(2011, 6, 1)))
        ],
    }
    frames = {name: pl.DataFrame(each, infer_schema_length=None) for name, each in rows.items()}
    store.append(Batch("test market", "simulated", "1", frames))
    return store


LINES = (
    "AAA", "AAA GP MAX", "AAA GP 1Y W", "AAA GP 6M M LOG 20SMA 20BB", "AAA GP MAX TOTAL", "AAA HP MAX", "WHY 1 close",
    "LEAK", "AAA CACS", "AAA DVD",
    "AAA FA", 'WHY "price / sales"', "AAA FA INCOME", "WHY 1 FY2009", "AAA FA BALANCE", "AAA FA RATIOS",
    "AAA FA INCOME TTM", "AAA FA FILINGS", "AAA FA PROFILE", "ASOF DIFF 2009-12-31",
    "AAA RV BBB", "AAA RV", "AAA RV UNIVERSE=AAA,BBB,AAB",
    "AAA FA DCF GROWTH=5 MARGIN=10 CAPITAL=2 NETDEBT=0 SHARES=100", "WHY 1", "AAA FA DCF",
    "BBB", "BBB GP MAX", "BBB HP 1Y", "BBB DVD", "GP AAA BBB MAX", "MMM1 GP MAX",
    "MMM1 HP MAX", "WHY 1", "MMM1", "W AAA BBB MMM1", "WHY 1 last", "W ADD AAA BBB", "W", "DATA", "DATA AAA",
    "ASOF", "OPEN", "AAA GP", "ASOF DIFF 2009-08-31", "ASOF DIFF 2009-08-31 2010-01-29", "LEAK", "SNAP",
    "HELP GP", "SET", "KEYS", "KEYS FRED",
    "SNAP DATA BARS ACTIONS AAA BBB", "SNAP DATA SECURITIES BARS CLOSES OBSERVATIONS ALL", "OPEN",
    "SCREEN close > 0 or pe < 15 or known(sector)", "SCREEN ret_1m top 90% UNIVERSE=AAA,BBB,MMM1", "WHY 1 pe",
    "WEI", "FXIP", "AAA OMON", "AAA OVDV", "AAA NEWS", "AAA TREND", "SQL", "SQL select * from bars",
    "SQL select * from securities", "SQL select * from actions",
    "SQL select * from bars_adjusted", "SQL select * from observations", "SQL select * from closes",
    "AAA GIP", "AAA GIP 5M MAX ALL", "WHY 1 close",
    "ECO ALIGN MMM1 MAX", "WHY 1 MMM1", "ECO ALIGN MMM1 KNOWLEDGE MAX",
    "ECO", "WHY 1 value", "ECO 1Y MACRO", "JOBS", "BACKFILL", "ECST MMM1", "MMM1 ECST YOY MAX", "WHY 1 latest",
    "GC", "GC 1W 2009-09-01", "AAA FLDS", "AAA FLDS RSI MAX", "AAA FLDS CDLDOJI", "AAA FLDS KELTNER W", "WHY 1 close",
    "AAA FACT FACTORS=BBB MAX", "FACT AAA BBB FF3", "AAA FACT FACTORS=AAB",
    "AAA QUANT 1Y BENCHMARK=AAA", "BACKTEST AAA CLOSE>20SMA MAX BENCHMARK=AAA", "WHY 1 why_in",
    "BACKTEST AAA BBB long when close > sma(20); stop 5% MAX TRADES", "BACKTEST AAA 5SMA.20SMA INPUTS",
    "BACKTEST AAA sell put delta 0.3 expiry 30; prices simulated(20, 4%) MAX",
    "BACKTEST AAB CLOSE>20SMA", "BACKTEST AAA BBB top 1 by ret_1m; rebalance weekly ATTRIBUTION",
    "SWEEP AAA BBB {3,5}SMA.{10,20}EMA MAX PERIODS=2 CPCV=4/2", "WHY 1 sharpe_ratio", "SWEEP AAB CLOSE>{5,9}SMA",
    "SWEEP", "SWEEP AAA sell put delta {0.2,0.4} expiry 30; prices simulated(20, 4%) MAX",
    "PORT AAA BBB 1Y BENCHMARK=AAA WEIGHTS=60,40", "PORT LIST", "OPT AAA BBB 1Y",
    "AAA REGIME 2Y STATES=2", "AAA REGIME EWMA", "AAA REGIME BREAKS",
    "RISK AAA BBB METHOD=HISTORICAL", "AAA RISK METHOD=EVT WINDOW=250", "WHY 1",
    'STRESS AAA BBB SHOCK="BBB=-10%" CORR=0.2', "WHY 1 episode", "CORR AAA BBB MAX",
    'STRESS AAA SHOCK="FUTURE=-10%"', "CORR AAA AAB",
    "AAA OVME", "AAA OVME PUT STYLE=EUROPEAN DIVIDENDS=DECLARED", "AAA OVME PRICE=12 MAP=DAYS",
    "WHY 2", "AAA GP 2010-01-01..", "AAA GP 1Y SERIES=CLOSES", "AAA HP 2012-01-01..2012-02-01",
)  # fmt: skip
UNKNOWN = ("FUTURE", "FUTURE GP", "AAB", '"FUTURE Alpha" GP', '"FUTURE" HP', "W FUTURE", "AAC GP")


def shown(page: Page) -> str:
    """Everything a reader of the page sees; what says how this store was made (recorded_at) aside, and how long a
    read took, whose digits may be anything."""
    text = encode(page, "json") + encode(page, "text") + encode(page, "csv")
    return re.sub(r'"seconds":[0-9.e+-]+', "", text).replace(PRESENT.isoformat(), "")


LONG = re.compile(r"(?<=\d)\.0*[1-9]\d{9,}")  # a fraction of many digits holds any five by chance


def marks_in(text: str, typed: str = "") -> list[str]:
    """Marks of the future; of a long fraction the first digits count."""
    shown = LONG.sub(lambda found: found[0][: len(found[0]) - len(found[0].lstrip(".0")) + 6], text)
    return [mark for mark in MARKS if mark in shown and mark not in typed]


def test_chance_digits_are_no_mark_and_a_number_of_the_future_is() -> None:
    assert marks_in("0.03449813133758548") == []
    for told in ("31337", "31337.0", "-31337.25", "0.313371234567890123", "1.000313371234567", "x 131337 y"):
        assert marks_in(told) == ["31337"], told


def desk_at(market: Store, user: str = "tester") -> Desk:
    desk = Desk(market, user, clock=lambda: PRESENT)
    desk.asof = T
    return desk


def test_no_byte_of_the_future_in_any_page(market: Store) -> None:
    desk = desk_at(market)
    for line in LINES:
        try:
            page = desk.run(line)
        except AsofError as fault:
            told = fault.pointer() if isinstance(fault, CommandError) else str(fault)
            assert not marks_in(told, line), (line, told)
            continue
        assert not marks_in(shown(page), line), (line, marks_in(shown(page), line))


def test_no_byte_of_the_future_in_errors_and_completion(market: Store) -> None:
    desk = desk_at(market)
    for line in UNKNOWN:
        with pytest.raises(AsofError) as raised:
            desk.run(line)
        fault = raised.value
        told = fault.pointer() if isinstance(fault, CommandError) else str(fault)
        assert not marks_in(told, line), (line, told)
    for typed in ("F", "FU", "A", "AA", "AAB", "alpha", "GP A", "GP F"):
        for offer in desk.complete(typed, len(typed)):
            # a line that the analyst typed is the analyst's own
            assert offer.kind == "history" or not marks_in(offer.label + offer.detail, typed), (typed, offer)


def test_the_marks_are_there_at_the_present(market: Store) -> None:
    """The test above can fail: at the present the same lines do show the marks."""
    desk = desk_at(market)
    desk.asof = None
    pages = ("FUTURE FA INCOME", "FUTURE FA FILINGS", "FUTURE FA PROFILE")
    for line in (*pages, "FUTURE GP MAX", "FUTURE CACS", "FUTURE", "MMM1 HP MAX", "BBB DVD", "AAB"):
        assert marks_in(shown(desk.run(line))), line


def test_moving_the_clock_back_leaves_nothing_of_the_later_page(market: Store) -> None:
    desk = desk_at(market)
    for later in ("AAB GP MAX", "FUTURE", "W AAB FUTURE BBB", "GP FUTURE AAB", "FUTURE CACS"):
        desk.run("ASOF NOW")
        desk.run(later)
        page = desk.run("ASOF 2010-06-30")
        assert not marks_in(shown(page)), later
        for typed in ("FU", "AAB", "A"):
            offers = [o for o in desk.complete(typed, len(typed)) if o.kind != "history"]
            assert not [o for o in offers if marks_in(o.label + o.detail, typed)]


def test_a_look_at_a_later_clock_leaves_nothing_behind(market: Store) -> None:
    desk = desk_at(market)
    desk.run("AAA HP 1M")
    page = desk.run("ASOF DIFF 2010-06-01 2012-06-01")
    assert page.lineage is not None
    assert page.lineage.asof > T  # the page says of itself that it is of the later clock
    assert page.lineage.reads
    verdicts = encode(desk.run("LEAK"), "json")
    assert "LATER THAN THE CLOCK" not in verdicts
    assert not marks_in(shown(desk.run("AAA HP 1M")))
    assert not [o for o in desk.complete("FUTU", 4) if o.kind != "history"]


def test_the_page_does_not_depend_on_what_ran_before(market: Store) -> None:
    """A rename in the middle of a minute: the directory of the minute before is not good enough."""
    warm = desk_at(market, "warm")
    before, after = datetime(2012, 3, 1, 13, 59, 30, tzinfo=UTC), datetime(2012, 3, 1, 14, 0, tzinfo=UTC)
    warm.asof = before
    assert warm.run("AAA").security is not None
    warm.asof = after
    page = warm.run("FUTURE")
    fresh = desk_at(market, "fresh")
    fresh.asof = after
    assert encode(page, "csv") == encode(fresh.run("FUTURE"), "csv")


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_colleague_in_another_time_zone_opens_the_same_page(
    market: Store, zone: str, tmp_path: Path
) -> None:
    ann, bob = desk_at(market, "ann"), desk_at(market, f"bob {zone}")
    bob.set_preference("timezone", zone)
    bob.set_preference("adjust", "none")
    bob.asof = None
    for hour in (3, 20):
        ann.asof = datetime(2010, 6, 29, hour, tzinfo=UTC)
        for line in (
            "AAA",
            "AAA GP 1Y",
            "AAA HP 1M",
            "AAA CACS",
            "W AAA BBB",
            "DATA",
            "GP AAA BBB 1Y W",
            "ECO 1Y",
            "ECST MMM1",
            "GC 2009-09-01",
        ):
            page = ann.run(line)
            assert page.lineage is not None
            ann.run("SNAP")
            opened = bob.run(f"OPEN {page.lineage.snapshot_id}")
            assert any("the same to the bit" in note.text for note in opened.notes), (line, hour)


def test_a_list_keeps_its_known_members_when_the_clock_moves(market: Store) -> None:
    desk = desk_at(market)
    desk.asof = None
    desk.run("W FUTURE AAB BBB")
    page = desk.run("ASOF 2010-06-30")
    assert {s.ticker for s in page.securities} == {"AAA", "BBB"}
    assert any("1 of the page's securities" in note.text for note in page.notes)


def test_cancelling_a_move_does_not_move(market: Store) -> None:
    desk = desk_at(market)
    desk.run("GP AAA BBB")
    with pytest.raises(AsofError, match="Cancelled"):
        desk.run("ASOF 2009-06-30", cancelled=lambda: True)
    assert desk.asof == T


def test_rec_is_named_and_dropped_by_the_next_move(market: Store) -> None:
    desk = desk_at(market)
    desk.run("AAA HP 1M")
    with pytest.raises(CommandError, match="given twice"):
        desk.run("ASOF 2010-01-29 2010-06-01")
    page = desk.run("ASOF 2010-01-29 REC=2010-06-01")
    assert desk.recorded is not None
    assert "recorded by" in encode(page, "text")
    desk.run("ASOF 2010-01-29")
    assert desk.recorded is None
