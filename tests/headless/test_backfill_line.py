"""``asof backfill`` and ``asof update`` as a shell sees them: options, exit codes, sources on this machine alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from providers.choices import Choices, write_choices
from store import Store, open_store
from terminal.backend import user_name
from terminal.backfilling import parse
from terminal.exits import UsageError
from tests.providers.sources.loopback import Asked, Loopback, Said, serving

ROOT = Path(__file__).parents[2]


def run(
    home: Path, *words: str, server: Loopback | None = None, source: str = "binance"
) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"ASOF_HOME": str(home), "ASOF_OFFLINE": "1"}
    if server is not None:
        environ |= {"ASOF_OFFLINE": "0", "ASOF_SOURCE_URLS": f"{source}={server.url}"}
    command = [sys.executable, "-m", "terminal.cli", *words]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=environ, timeout=120
    )


def test_options_that_make_no_sense_are_told() -> None:
    for words, told in (
        (["backfill"], "needs --universe"),
        (["backfill", "--universe"], "needs a value"),
        (["backfill", "--universe", "A", "--macro", "B"], "exclude each other"),
        (["backfill", "--universe", "A", "--years", "0"], "from 1 to 100"),
        (["backfill", "--universe", "A", "--datasets", "bars,gossip"], "gossip"),
        (["backfill", "--universe", "A", "--since", "soon"], "2015-01-02"),
        (["update", "AAPL"], "takes no AAPL"),
    ):
        with pytest.raises(UsageError, match=told):
            parse(words)
    options = parse(["backfill", "--universe=A,B", "--datasets", "bars,intraday:5m", "--jobs", "8"])
    assert (options.universe, options.datasets, options.jobs) == ("A,B", ("bars", "intraday:5m"), 8)


def test_what_cannot_be_fetched_is_named_and_the_exit_code_tells(home: Path) -> None:
    write_choices(open_store(home).state(user_name()), Choices(frozenset({"yahoo"})))
    with serving(lambda _: Said(b"{}", 404)) as server:
        done = run(home, "backfill", "--universe", "NVDA", server=server, source="yahoo")
    assert done.returncode == 3
    assert "NVDA bars: Yahoo Finance" in done.stderr
    assert "1 of 1" in done.stdout
    done = run(home, "backfill", "--resume", "nothing")
    assert done.returncode == 2
    assert "no backfill nothing" in done.stderr
    jobs = json.loads(run(home, "JOBS", "--json").stdout)
    assert "NVDA" in json.dumps(jobs)


def test_where_nobody_can_be_asked_that_is_said_at_once(home: Path) -> None:
    done = run(home, "backfill", "--universe", "NVDA")
    assert done.returncode == 3
    assert "No source is asked while offline: ASOF_OFFLINE is set." in done.stderr
    done = run(home, "BACKFILL NVDA", "--text")
    assert "No source is asked while offline: ASOF_OFFLINE is set." in done.stderr
    with serving(lambda _: Said(b"{}", 404)) as server:
        done = run(home, "backfill", "--universe", "NVDA", server=server, source="yahoo")
        assert done.returncode == 3
        assert "Type KEYS ALLOW YAHOO, KEYS SET" in done.stderr
        run(home, "SET offline=yes", server=server, source="yahoo")
        done = run(home, "backfill", "--universe", "NVDA", server=server, source="yahoo")
        assert "SET offline=no ends that" in done.stderr
        assert not server.asked
    assert open_store(home).jobs.list() == []


def test_addresses_of_other_machines_are_refused(home: Path) -> None:
    environ = os.environ | {"ASOF_HOME": str(home), "ASOF_SOURCE_URLS": "binance=http://203.0.113.7"}
    command = [sys.executable, "-m", "terminal.cli", "backfill", "--universe", "NVDA"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=environ, timeout=60
    )
    assert done.returncode == 3
    assert "only addresses of this machine" in done.stderr


def candles(asked: Asked) -> Said:
    """Binance's daily candles for every day asked about, as documented."""
    low = int(asked.query.get("startTime", 0))
    high = int(asked.query.get("endTime", 9_999_999_999_999))
    rows, day = [], datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=12)
    while day <= datetime.now(UTC):
        start = int(day.timestamp() * 1000)
        if low <= start <= high:
            rows.append([start, "1.0", "2.0", "0.5", "1.5", "10", start + 86_399_999, "15", 3, "5", "7", "0"])
        day += timedelta(days=1)
    return Said(json.dumps(rows).encode())


def crypto(home: Path) -> Store:
    import polars as pl

    from store import Batch

    store = open_store(home)
    number = store.identify(["crypto:BTCUSD"])["crypto:BTCUSD"]
    known = datetime(2012, 1, 1, tzinfo=UTC)
    row = {
        "security_id": number, "valid_from": date(2012, 1, 1), "ticker": "BTCUSD", "name": "Bitcoin",
        "market": "CRYPTO",
        "asset_class": "crypto", "currency": "USD", "calendar": "24/7", "identity": "crypto:BTCUSD",
        "known_at": known, "known_basis": "exact",
    }  # fmt: skip
    store.append(Batch("test", "names", "1", {"securities": pl.DataFrame([row])}))
    return store


def test_a_backfill_a_page_and_an_update(home: Path) -> None:
    store = crypto(home)
    since = str((datetime.now(UTC) - timedelta(days=11)).date())
    with serving(candles) as server:
        done = run(home, "backfill", "--universe", "BTCUSD", "--since", since, server=server)
        assert (done.returncode, done.stderr.count("failed")) == (0, 0), done.stderr
        assert "coverage: " in done.stdout
        assert (
            store.reader(datetime.now(UTC))
            .rows("bars", store.identify(["crypto:BTCUSD"])["crypto:BTCUSD"])
            .height
            >= 10
        )
        asked = len(server.asked)
        again = run(home, "update", server=server)
        assert again.returncode == 0, again.stderr
        page = run(home, "BTCUSD HP 5D", "--text", server=server)
        assert "1.5" in page.stdout
        assert len(server.asked) - asked <= 2
    assert store.verify_audit() == []


def test_a_large_backfill_from_a_page_runs_in_a_process_of_its_own(home: Path, tmp_path: Path) -> None:
    store = open_store(home)
    (tmp_path / "mine.txt").write_text("AAPL\nMSFT\nIBM\nGE\nKO\n")
    named = os.path.relpath(tmp_path / "mine.txt", ROOT)  # from where it is typed; it is read from elsewhere
    write_choices(store.state(user_name()), Choices(frozenset({"yahoo"})))
    with serving(lambda _: Said(b"{}", 404)) as server:
        page = json.loads(run(home, f"BACKFILL {named} 1Y", "--json", server=server, source="yahoo").stdout)
        job = page["title"].split()[1]
        deadline = time.monotonic() + 60
        while store.jobs.get(job).state == "running" and time.monotonic() < deadline:  # type: ignore[union-attr]
            time.sleep(0.05)
    found = store.jobs.get(job)
    assert found is not None
    assert (found.state, found.total, found.facts["failed"]) == ("done", 5, 5)
