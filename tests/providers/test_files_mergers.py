"""Terms of mergers out of a file of one's own: the successor found, each bad row told, nothing written of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from providers import files
from providers.embedded.loader import StoreCalendars
from providers.files import Imported
from providers.files_read import FileError, open_file
from providers.files_spec import ImportSpec, planned
from store import Batch, Store, open_store
from store.schema import TABLES
from store.vintages import identity_of

NOW = datetime(2024, 6, 3, 20, tzinfo=UTC)
HEAD = "ticker,effective_date,successor,exchange_ratio,cash_per_share,currency,announced_date\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path / "home", clock=lambda: NOW)
    names = {"market": "US EQUITY", "asset_class": "equity", "currency": "USD", "calendar": "XNYS",
             "known_at": datetime(2010, 1, 4, tzinfo=UTC), "known_basis": "exact"}  # fmt: skip
    rows = [
        {"security_id": made.identify([f"us-equity:{who}"])[f"us-equity:{who}"], "identity": f"us-equity:{who}",
         "valid_from": since, "ticker": ticker, "name": ticker, **names}
        for who, since, ticker in (("OLD", date(2000, 1, 3), "OLD"), ("BUY-2012", date(2000, 1, 3), "BUY"),
                                   ("BUY-2012", date(2012, 1, 3), "BUYQ"), ("BUY", date(2012, 1, 3), "BUY"))
    ]  # fmt: skip
    made.append(Batch("a test", "names", "1", {"securities": pl.DataFrame(rows)}))
    yield made
    made.close()


def imported(store: Store, tmp_path: Path, lines: str, head: str = HEAD, dry: bool = False) -> Imported:
    path = tmp_path / "mergers.csv"
    path.write_text(head + lines)
    file = open_file(path)
    spec = planned(ImportSpec("mergers", "our desk"), (), file)
    done = files.preview if dry else files.run
    return done(store, file, spec, StoreCalendars(store.reader(NOW).calendars.get), NOW)


def rows_of(store: Store) -> list[dict[str, object]]:
    return store.reader(NOW).rows("mergers").sort("effective_date").to_dicts()


def test_the_successor_is_who_had_the_ticker_on_that_day(store: Store, tmp_path: Path) -> None:
    lines = (
        "OLD,2011-06-01,BUY,0.5,1.25,USD,2011-02-01\n"  # the bearer of the ticker before 2012
        "OLD,2013-06-03,BUY,0.5,,,\n"
        "OLD,2014-06-02,us-equity:BUY-2012,2,,,\n"
        "OLD,2015-06-01,NEW,1,,,\n"
        "OLD,2016-06-01,,,5.37,USD,\n"
        "GONE,2016-06-01,,,0,,\n"
    )
    assert imported(store, tmp_path, lines, dry=True).rows["mergers"] == 6
    assert not rows_of(store)
    done = imported(store, tmp_path, lines)
    assert (done.rows["mergers"], done.aside) == (6, {})
    found = rows_of(store)
    who = [
        None if row["successor_id"] is None else identity_of(store, int(str(row["successor_id"])))
        for row in found
    ]
    assert who == ["us-equity:BUY-2012", "us-equity:BUY", "us-equity:BUY-2012", "us-equity:NEW", None, None]
    assert (found[0]["exchange_ratio"], found[0]["cash_per_share"], found[0]["currency"]) == (
        0.5,
        1.25,
        "USD",
    )
    # announced: at the end of that day in New York; else on the morning it took effect
    assert found[0]["known_at"] == datetime(2011, 2, 2, 4, 59, 59, 999999, tzinfo=UTC)
    assert found[1]["known_at"] == datetime(2013, 6, 3, 13, 30, tzinfo=UTC)
    assert imported(store, tmp_path, lines).repeated == 1


def test_each_bad_row_is_told_and_none_of_it_written(store: Store, tmp_path: Path) -> None:
    bad = {
        "OLD,2011-06-01,BUY,-0.5,,,": "an exchange ratio below zero",
        "OLD,2011-06-02,BUY,1,-2,USD,": "cash a share below zero",
        "OLD,2011-06-03,BUY,,,,": "a merger needs an exchange ratio, cash a share, or both",
        "OLD,2011-06-06,BUY,0,,,": "an exchange ratio without cash is above zero",
        "OLD,2011-06-07,,0.5,,,": "an exchange ratio needs the successor whose shares they are",
        "OLD,2011-06-08,,,3,,": "cash a share needs a currency",
        "OLD,2011-06-09,OLD,0.5,,,": "the successor is the security itself",
        "OLD,2011-06-10,BUY,half,,,": "exchange_ratio",
        "OLD,,BUY,0.5,,,": "effective_date",
    }  # fmt: skip
    done = imported(store, tmp_path, "\n".join(bad) + "\nOLD,2011-07-01,BUY,0.5,,,\n")
    assert done.rows["mergers"] == 1
    assert len(done.aside) == len(bad)
    for reason in bad.values():
        assert any(reason in told for told in done.aside), reason
    assert [row["effective_date"] for row in rows_of(store)] == [date(2011, 7, 1)]


def test_a_file_without_the_day_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="mergers needs effective_date"):
        imported(store, tmp_path, "OLD,BUY,0.5\n", "ticker,successor,exchange_ratio\n")


def test_a_store_of_before_mergers_reads_as_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that was written, and compacted by a release that knew no such table."""
    rows = pl.DataFrame(
        {"security_id": [7], "listing_date": [date(2000, 1, 3)], "exchange": ["XNYS"], "successor": ["us-equity:NEW"],
         "known_at": [datetime(2010, 1, 4, tzinfo=UTC)], "known_basis": ["exact"]}
    )  # fmt: skip
    with monkeypatch.context() as before:
        before.delitem(TABLES, "mergers")
        old = open_store(tmp_path / "old", clock=lambda: NOW)
        old.append(Batch("a test", "listings", "1", {"listings": rows}))
        old.compact("listings", force=True)
        reader = old.reader(NOW)
        held = reader.rows("listings")
        digest = reader.reads[-1].hash
        old.close()
    store = open_store(tmp_path / "old", clock=lambda: NOW)
    reader = store.reader(NOW)
    assert reader.rows("listings").equals(held)
    assert reader.reads[-1].hash == digest
    assert reader.rows("mergers").is_empty()
    assert reader.vintages("mergers", (7,)).is_empty()
    assert imported(store, tmp_path, "OLD,2011-06-01,BUY,0.5,,,\n").rows["mergers"] == 1
    assert len(rows_of(store)) == 1
    store.close()
