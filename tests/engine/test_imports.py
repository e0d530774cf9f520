"""IMPORT and asof import: preview, GO, words, and what a shell sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.desk import Desk
from engine.errors import CommandError, DataError
from engine.importing import parse, words_of
from engine.page import Metrics, Table
from store import open_store
from terminal.cli import main

BARS = "Date,ticker,open,high,low,close,volume\n" + "".join(
    f"2020-03-{day:02},ACME,10,11,9,10.5,100\n" for day in (16, 17, 18, 21)
)
OPTIONS = "--table bars --map Date=session_date --source 'our desk' --adjusted none"
SPELLS = "ticker,start_date,end_date\nFB,2013-12-23,2022-06-09\nMETA,2022-06-09,\n"


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    path = tmp_path / "own prices.csv"
    path.write_text(BARS)
    return path


def test_a_preview_then_go(make_desk: Callable[..., Desk], prices: Path) -> None:
    desk = make_desk()
    before = desk.store.snapshot()
    page = desk.run(f"IMPORT '{prices}' {OPTIONS}")
    assert page.title.startswith("Preview of")
    assert desk.store.snapshot() == before
    figure = page.panels[1].figure
    assert isinstance(figure, Table)
    assert figure.frame["reason"].to_list() == ["the day is no session of the calendar XNYS"]
    written = desk.run(f"IMPORT '{prices}' {OPTIONS} GO")
    assert written.title == "Imported own prices.csv: 4 rows, 1 set aside"
    assert any("close of the session" in note.text for note in written.notes)
    assert desk.run("ACME HP MAX").panels[0].figure.frame.height == 3  # type: ignore[union-attr]
    again = desk.run(f"IMPORT '{prices}' {OPTIONS} GO")
    assert any("nothing is written twice" in note.text for note in again.notes)
    assert isinstance(again.panels[0].figure, Metrics)


def test_what_is_wrong_is_a_sentence(make_desk: Callable[..., Desk], prices: Path) -> None:
    desk = make_desk()
    with pytest.raises(DataError, match="is no file"):
        desk.run("IMPORT ./nothing.csv --table bars --source x --adjusted none")
    with pytest.raises(DataError, match="--adjusted none"):
        desk.run(f"IMPORT '{prices}' --table bars --map Date=session_date --source x")
    with pytest.raises(CommandError, match="no option --tabel"):
        desk.run(f"IMPORT '{prices}' --tabel bars")
    assert "Type a file" in desk.run("IMPORT").panels[0].figure.lines[0]  # type: ignore[union-attr]


def test_words() -> None:
    order = parse(words_of("./a.csv --map 'A b=close' --map currency=USD --percent=x,y GO"))
    assert (order.path, order.maps, order.go) == (Path("a.csv"), ("A b=close", "currency=USD"), True)
    assert order.spec.percent == ("x", "y")
    for line in ("", "a.csv b.csv", "a.csv --zone", "a.csv --zone UTC --zone UTC", "a.csv 'open"):
        with pytest.raises(CommandError):
            parse(words_of(line))


def test_from_a_shell(prices: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed = ["import", str(prices), *words_of(OPTIONS), "--home", str(home)]
    assert main([*typed, "--dry-run"]) == 0
    assert "would be written" in capsys.readouterr().out
    assert main(typed) == 0
    assert "Imported own prices.csv" in capsys.readouterr().out
    spells = tmp_path / "spells.csv"
    spells.write_text(SPELLS)
    line = ["import", str(spells), "--layout", "sp500-spells", "--home", str(home)]
    assert main([*line, "--dry-run"]) == 0
    assert main(line) == 0
    assert main(line) == 0
    store = open_store(home)
    assert store.reader(datetime(2026, 11, 20, tzinfo=UTC)).rows("membership").height == 1
    store.close()
    capsys.readouterr()
    assert main(["import", str(spells), "--layout", "other", "--home", str(home)]) == 3
    assert "no layout" in capsys.readouterr().err
    assert main(["import", "--zone"]) == 2
    assert main(["import", "--help"]) == 0
