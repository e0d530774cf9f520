"""Sessions of exchanges, and the arrays kept of them."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from store import Store, StoreError
from store.clock import from_micros
from store.sessions import Calendars
from tests.store.rows import at


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    Calendars(folder).get("XNYS")
    return folder


def test_new_york_reaches_back_and_knows_its_holidays(cache: Path) -> None:
    sessions = Calendars(cache).get("XNYS")
    assert sessions.days[0] <= np.datetime64("1950-01-05")
    week = sessions.between(date(2001, 9, 7), date(2001, 9, 18))
    assert week.tolist() == [date(2001, 9, 7), date(2001, 9, 10), date(2001, 9, 17), date(2001, 9, 18)]
    assert date(2024, 7, 4) not in sessions.by_day


def test_early_closes_are_early(cache: Path) -> None:
    sessions = Calendars(cache).get("XNYS")
    place = sessions.by_day[date(2024, 7, 3)]
    assert from_micros(int(sessions.closes[place])) == at("2024-07-03T17:00")
    assert from_micros(int(sessions.opens[place])) == at("2024-07-03T13:30")
    winter = sessions.by_day[date(2024, 1, 3)]
    assert from_micros(int(sessions.closes[winter])) == at("2024-01-03T21:00")


def test_the_last_session_is_over_at_its_close(cache: Path) -> None:
    sessions = Calendars(cache).get("XNYS")
    assert sessions.last_closed(at("2024-07-03T16:59")) == date(2024, 7, 2)
    assert sessions.last_closed(at("2024-07-03T17:00")) == date(2024, 7, 3)
    assert sessions.last_closed(at("2024-07-04T20:00")) == date(2024, 7, 3)
    with pytest.raises(StoreError, match="no session"):
        sessions.last_closed(at("1940-01-01"))


def test_kept_sessions_need_no_pandas(cache: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from store.sessions import Calendars;"
        "Calendars(Path(sys.argv[1])).get('XNYS'); print('pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(cache)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_torn_file_is_made_again(tmp_path: Path, cache: Path) -> None:
    whole = (cache / "sessions-XNYS.npz").read_bytes()
    (tmp_path / "sessions-XNYS.npz").write_bytes(whole[: len(whole) // 2])
    assert len(Calendars(tmp_path).get("XNYS").days) == len(Calendars(cache).get("XNYS").days)


def test_calendars_with_bounds_and_strange_names(tmp_path: Path) -> None:
    calendars = Calendars(tmp_path)
    assert len(calendars.get("24/7").between(date(2024, 1, 1), date(2024, 1, 7))) == 7
    assert [path.name for path in tmp_path.iterdir()] == ["sessions-24%2F7.npz"]
    assert calendars.get("XHKG").days[0] > np.datetime64("1950-01-01")
    for name in ("../XNYS", "", "XNYS.npz", "NOWHERE"):
        with pytest.raises(StoreError, match="no exchange calendar"):
            calendars.get(name)


def test_a_reader_knows_its_last_session(store: Store) -> None:
    reader = store.reader(at("2008-09-15"))
    assert reader.last_session() == date(2008, 9, 15)
    assert reader.sessions(date(2008, 9, 12), date(2008, 9, 16)).astype(str).tolist() == [
        "2008-09-12",
        "2008-09-15",
        "2008-09-16",
    ]
