"""A user's own CSV and Parquet: mapped, checked, dated by a rule that is told, written once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from providers import files
from providers.embedded.loader import StoreCalendars
from providers.files_read import FileError, open_file, pieces
from providers.files_spec import ImportSpec, planned
from store import Batch, Store, open_store

NOW = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
BARS = """Date,Symbol,Open,High,Low,Close,Volume
2026-11-17,ACME,10.0,10.5,9.8,10.2,"1,200,000"
2026-11-18,ACME,10.2,10.9,10.1,10.8,900000
2026-11-19,ACME,10.8,11.0,10.4,10.5,850000
"""
MAPS = ("Date=session_date", "Symbol=ticker")
DESK = ImportSpec("bars", "our desk", adjusted="none", thousands=",")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "home", clock=lambda: NOW)
    yield opened
    opened.close()


def given(folder: Path, text: str | bytes, name: str = "own.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def imported(
    store: Store, path: Path, spec: ImportSpec, maps: tuple[str, ...] = (), dry: bool = False
) -> files.Imported:
    file = open_file(path)
    calendars = StoreCalendars(store.reader(NOW).calendars.get)
    act = files.preview if dry else files.run
    return act(store, file, planned(spec, maps, file), calendars, NOW)


def test_bars_of_another_look(store: Store, tmp_path: Path) -> None:
    done = imported(store, given(tmp_path, BARS), DESK, MAPS)
    assert done.rows == {"bars": 3, "securities": 1}
    bars = store.reader(NOW).rows("bars")
    assert bars["session_date"].to_list() == [date(2026, 11, 17), date(2026, 11, 18), date(2026, 11, 19)]
    assert bars["volume"].to_list() == [1_200_000, 900_000, 850_000]
    assert bars["known_at"][0] == datetime(2026, 11, 17, 21, tzinfo=UTC)
    assert store.reader(NOW).securities()["identity"].to_list() == ["us-equity:ACME"]
    assert [event.event for event in store.audit.events() if event.event == "import"] == ["import"]


def test_again_it_writes_nothing(store: Store, tmp_path: Path) -> None:
    path = given(tmp_path, BARS)
    imported(store, path, DESK, MAPS)
    before = store.snapshot()
    again = imported(store, path, DESK, MAPS)
    assert (again.rows, again.repeated, store.snapshot()) == ({}, 1, before)


def test_a_preview_writes_nothing_and_says_the_same(store: Store, tmp_path: Path) -> None:
    text = (
        BARS + "2026-11-20,ACME,10.5,10.6,10.9,10.7,1\n2026-11-21,ACME,1,1,1,1,1\nyesterday,ACME,1,1,1,x,1\n"
    )
    told = imported(store, given(tmp_path, text), DESK, MAPS, dry=True)
    assert store.snapshot() == 0
    assert told.rows["bars"] == 3
    assert sum(told.aside.values()) == 3
    reasons = " | ".join(told.aside)
    assert "high below" in reasons or "low above" in reasons
    assert "no session of the calendar XNYS" in reasons
    assert "session_date is no date" in reasons
    assert told.first is not None
    assert told.first.height == 3


def test_a_session_still_running_waits(store: Store, tmp_path: Path) -> None:
    text = BARS + "2026-11-23,ACME,10,11,9,10,1\n"
    told = imported(store, given(tmp_path, text), DESK, MAPS, dry=True)
    assert told.aside == {"it could not be known yet at the import": 1}


def test_known_at_of_the_file_is_never_earlier_than_the_close(store: Store, tmp_path: Path) -> None:
    text = "session_date,ticker,open,high,low,close,seen\n" + "".join(
        f"2026-11-{day},ACME,10,11,9,10,{seen}\n"
        for day, seen in (
            (17, "2026-11-17T12:00:00Z"), (18, "2026-11-18T23:00:00Z"), (19, "2027-01-01T00:00:00Z"),
        )
    )  # fmt: skip
    done = imported(store, given(tmp_path, text), replace(DESK, known_at="seen"))
    bars = store.reader(NOW).rows("bars")
    assert bars["known_at"].to_list() == [datetime(2026, 11, 18, 23, tzinfo=UTC)]
    assert any("known before the close" in reason for reason in done.aside)
    assert any("later than now" in reason for reason in done.aside)


def test_what_has_no_clock_is_known_at_the_import(store: Store, tmp_path: Path) -> None:
    text = "ticker,period_date,value\nHOUSE,2026-09-01,4.5%\nHOUSE,2026-10-01,4.75%\n"
    spec = ImportSpec("observations", "our desk", percent=("value",), market="MACRO")
    imported(store, given(tmp_path, text), spec)
    rows = store.reader(NOW).rows("observations")
    assert rows["value"].to_list() == [0.045, 0.0475]
    assert set(rows["known_at"]) == {NOW}
    assert rows["known_basis"].str.contains("time of the import").all()
    assert store.reader(NOW).securities()["identity"].to_list() == ["macro:HOUSE"]


def test_roots_of_futures_are_futures_whichever_file_comes_first(store: Store, tmp_path: Path) -> None:
    """Terms of contracts first, then bars of days before the first delivery month: the root is a future on all."""
    spec = ImportSpec("futures_contracts", "our desk", market="COMDTY")
    terms = "ticker,delivery_month,contract,last_trade_date,multiplier\n"
    imported(
        store,
        given(tmp_path, f"{terms}XX,2021-03-01,XXH1,2021-03-19,50\nYY,2021-03-01,YYH1,2021-03-19,5\n"),
        spec,
    )
    bars = "ticker,session_date,contract,open,high,low,close\n"
    rows = "".join(f"{root},2021-01-0{day},{root}H1,10,11,9,10\n" for root in ("XX", "YY") for day in (4, 5))
    imported(store, given(tmp_path, bars + rows, "bars.csv"), replace(spec, table="futures_bars"))
    named = store.reader(NOW).securities()
    assert set(named["identity"]) == {"future:XX", "future:YY"}
    assert set(named["asset_class"]) == {"future"}
    assert set(named["market"]) == {"COMDTY"}


def test_percent_is_no_fraction_unless_asked(store: Store, tmp_path: Path) -> None:
    text = "ticker,period_date,value\nHOUSE,2026-09-01,4.5%\n"
    told = imported(store, given(tmp_path, text), ImportSpec("observations", "d", market="MACRO"), dry=True)
    assert told.aside == {"value is no number": 1}


def test_a_zone_is_asked_for_and_never_guessed(store: Store, tmp_path: Path) -> None:
    head = "ticker,session_date,headline_id,published_at,title\n"
    path = given(tmp_path, head + "IBM,2026-11-18,1,2026-11-18 09:30,News\n")
    with pytest.raises(FileError, match="--zone"):
        imported(store, path, ImportSpec("headlines", "our desk"))
    imported(store, path, ImportSpec("headlines", "our desk", zone="America/New_York"))
    rows = store.reader(NOW).rows("headlines")
    assert rows["known_at"].to_list() == [datetime(2026, 11, 18, 14, 30, tzinfo=UTC)]


@pytest.mark.parametrize("own", [True, False])
def test_prices_adjusted_for_splits_are_undone(own: bool, store: Store, tmp_path: Path) -> None:
    head = "session_date,ticker,open,high,low,close,volume" + (",split_ratio\n" if own else "\n")
    rows = [("2026-11-17", 10.0, ""), ("2026-11-18", 10.2, "2"), ("2026-11-19", 10.1, "")]
    text = head + "".join(
        f"{day},ACME,{p},{p},{p},{p},2000" + (f",{ratio}\n" if own else "\n") for day, p, ratio in rows
    )
    spec = replace(DESK, adjusted="splits")
    if not own:
        told = imported(store, given(tmp_path, text), spec, dry=True)
        assert [reason[:24] for reason in told.aside] == ["adjusted for splits, and"]
        (number,) = store.identify(["us-equity:ACME"]).values()
        split = {
            "security_id": number, "kind": "split", "ex_date": date(2026, 11, 18), "ratio": 2.0,
            "known_at": datetime(2026, 11, 2, tzinfo=UTC), "known_basis": "exact",
        }  # fmt: skip
        naming = {
            "security_id": number, "valid_from": date(2026, 1, 2), "ticker": "ACME", "name": "Acme",
            "market": "US EQUITY", "asset_class": "equity", "identity": "us-equity:ACME",
            "known_at": datetime(2026, 1, 2, tzinfo=UTC),
            "known_basis": "exact",
        }  # fmt: skip
        frames = {"actions": pl.DataFrame([split]), "securities": pl.DataFrame([naming])}
        store.append(Batch("test", "splits", "1", frames))
    imported(store, given(tmp_path, text), spec)
    traded = store.reader(NOW).rows("bars")
    assert traded["close"].to_list() == [20.0, 10.2, 10.1]
    assert traded["volume"].to_list() == [1_000, 2_000, 2_000]
    adjusted = store.reader(NOW).bars(None)
    assert adjusted["close"].to_list() == pytest.approx([10.0, 10.2, 10.1])


def test_bars_must_say_how_they_were_adjusted(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="--adjusted none"):
        imported(store, given(tmp_path, BARS), replace(DESK, adjusted=""), MAPS)


def test_a_ticker_is_the_security_that_had_it_on_the_day(store: Store, tmp_path: Path) -> None:
    def naming(number: int, identity: str, day: date, ticker: str) -> dict[str, object]:
        return {
            "security_id": number, "valid_from": day, "ticker": ticker, "name": ticker, "market": "US EQUITY",
            "asset_class": "equity", "identity": identity, "known_at": datetime(2022, 6, 9, 14, tzinfo=UTC),
            "known_basis": "exact",
        }  # fmt: skip

    fund, face = store.identify(["us-equity:METV", "us-equity:FB"]).values()
    rows = [
        naming(fund, "us-equity:METV", date(2021, 6, 30), "META"),
        naming(fund, "us-equity:METV", date(2022, 1, 31), "METV"),
        naming(face, "us-equity:FB", date(2012, 5, 18), "FB"),
        naming(face, "us-equity:FB", date(2022, 6, 9), "META"),
    ]
    store.append(Batch("test", "names", "1", {"securities": pl.DataFrame(rows)}))
    text = "session_date,ticker,open,high,low,close\n" + "".join(
        f"{day},META,10,10,10,10\n" for day in ("2021-09-01", "2023-09-01")
    )
    imported(store, given(tmp_path, text), DESK)
    assert store.reader(NOW).rows("bars")["security_id"].to_list() == [fund, face]
    named = "session_date,identity,open,high,low,close\n2023-09-05,us-equity:METV,9,9,9,9\n"
    imported(store, given(tmp_path, named, "b.csv"), DESK)
    assert store.reader(NOW).rows("bars", fund).height == 2


def test_parquet_keeps_its_types(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "own.parquet"
    pl.DataFrame(
        {
            "session_date": [date(2026, 11, 17), date(2026, 11, 18)], "ticker": ["ACME", "ACME"],
            "open": [1, 2], "high": [1.5, 2.5], "low": [1.0, 2.0], "close": [1.2, 2.2], "other": ["x", "y"],
        }
    ).write_parquet(path)  # fmt: skip
    done = imported(store, path, DESK)
    assert done.rows["bars"] == 2
    assert store.reader(NOW).rows("bars")["open"].to_list() == [1.0, 2.0]


def test_pieces_are_commits_of_their_own(store: Store, tmp_path: Path) -> None:
    file = open_file(given(tmp_path, BARS))
    assert [piece.height for piece in pieces(file, ("Close",), 2)] == [2, 1]
    asked = iter((False, True))
    calendars = StoreCalendars(store.reader(NOW).calendars.get)
    spec = planned(DESK, MAPS, file)
    assert not files.run(store, file, spec, calendars, NOW, cancelled=lambda: next(asked)).stopped
    assert files.run(store, file, spec, calendars, NOW, cancelled=lambda: True).stopped


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "no text"),
        ("a.csv.gz", b"\x1f\x8b\x08\x00rest", "gzip"),
        ("a.xlsx", b"PK\x03\x04rest", "zip"),
        ("a.parquet", b"PAR1 and then nothing", "damaged"),
        ("a.csv", b"session_date,ticker,open,high,low,close\n" + b"x" * (2 << 20), "longer than a megabyte"),
        ("a.csv", "session_date,ticker,open,high,low,close\n2026-11-17,\xe9".encode("latin-1"), "UTF-8"),
        ("a.csv", b"session_date,ticker,open,high,low,close\n2026-11-17,ACME,1\n", "3 cells"),
        ("a.csv", b"close,close\n1,2\n", "twice"),
        ("a.csv", b"close,open\n1,2\n", "needs"),
    ],
    ids=("empty", "picture", "gzip", "sheet", "damaged", "long", "latin", "ragged", "twice", "short"),
)
def test_what_is_no_table_is_refused(
    name: str, content: bytes, words: str, store: Store, tmp_path: Path
) -> None:
    with pytest.raises(FileError, match=words):
        imported(store, given(tmp_path, content, name), DESK)
    assert store.snapshot() == 0


@pytest.mark.parametrize(
    ("spec", "maps", "words"),
    [
        (replace(DESK, table="barz"), (), "no table"),
        (replace(DESK, source=" "), (), "--source"),
        (DESK, ("Nothing=close",), "maps nothing"),
        (replace(DESK, zone="Mars"), MAPS, "no time zone"),
        (replace(DESK, known_at="seen"), MAPS, "no column 'seen'"),
        (replace(DESK, market="MOON"), MAPS, "no market"),
        (replace(DESK, percent=("value",)), MAPS, "--percent"),
    ],
)
def test_what_must_be_said_is_asked_for(
    spec: ImportSpec, maps: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    with pytest.raises(FileError, match=words):
        planned(spec, maps, open_file(given(tmp_path, BARS)))


def test_dates_and_numbers_of_another_country(store: Store, tmp_path: Path) -> None:
    text = "Tag;Kurs\n17.11.2026;1.234,5\n18.11.2026;1.240,25\n"
    spec = ImportSpec(
        "closes", "our desk", date_format="%d.%m.%Y", thousands=".", decimal=",", market="INDEX"
    )
    maps = ("Tag=session_date", "Kurs=close", "ticker=OWN", "basis=close")
    imported(store, given(tmp_path, text), spec, maps)
    assert store.reader(NOW).rows("closes")["close"].to_list() == [1234.5, 1240.25]
