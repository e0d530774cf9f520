"""``asof backfill`` and ``asof update``: fetching in bulk from a shell, a cron, or beside the terminal."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from store.objects.address import place_of
from terminal.exits import Exit, UsageError, say

if TYPE_CHECKING:
    from providers.backfill import Report
    from providers.backfill_plan import Order
    from providers.router import Router
    from store import Store

HELP = """\
asof backfill - fetch years of many securities

  asof backfill --universe sp500 --years 10       an index's members, those that left in the years too
  asof backfill --universe AAPL,MSFT,NVDA         tickers; a file of tickers: --universe ./mine.txt
  asof backfill --macro us-core                   macro series (also a file of them): FRED, World Bank, IMF
  asof backfill --resume ID                       take a stopped or killed backfill up again: nothing is asked twice
  asof update                                     what is new of everything fetched before
  asof update --universe sp500                    of these alone

options
  --years N          how far back (10)
  --since DATE       instead of --years
  --datasets a,b     bars, actions, facts, filings, profile, news, intraday:1m ... (bars)
  --sources a,b      ask only these, in this order
  --jobs N           requests at a time (4); the sources' own limits hold over all programs of this machine
  --refresh          ask again for what is held
  --home DIR         the folder of the data

It stops at Ctrl-C or `JOBS STOP id`, and what it fetched stays. JOBS shows what runs and what came of it.
exit codes: 0 all of it   3 some of it failed (named on stderr)   130 stopped
"""

_VALUES = ("universe", "macro", "years", "since", "datasets", "sources", "jobs", "resume", "home", "tag")


@dataclass(frozen=True, slots=True)
class BackfillOptions:
    """What was asked for on the command line."""

    update: bool = False
    universe: str = ""
    macro: str = ""
    years: int = 10
    since: date | None = None
    datasets: tuple[str, ...] = ("bars",)
    sources: tuple[str, ...] = ()
    jobs: int = 4
    refresh: bool = False
    resume: str = ""
    tag: str = ""  # by which the terminal that started this knows its job
    home: Path | str | None = None
    help: bool = False


def parse(words: Sequence[str]) -> BackfillOptions:
    """Raises UsageError with a sentence."""
    values: dict[str, str] = {}
    flags: set[str] = set()
    rest = iter(words[1:])
    for word in rest:
        name, equals, value = word.removeprefix("--").partition("=")
        if word in ("--help", "-h", "--refresh"):
            flags.add("refresh" if word == "--refresh" else "help")
        elif word.startswith("--") and name in _VALUES:
            value = value if equals else next(rest, "")
            if not value:
                raise UsageError(f"--{name} needs a value")
            values[name] = value
        else:
            raise UsageError(f"asof {words[0]} takes no {word}; asof {words[0]} --help lists what it takes")
    update = words[0] == "update"
    named = [name for name in ("universe", "macro", "resume") if name in values]
    if len(named) > 1:
        raise UsageError(f"--{named[0]} and --{named[1]} exclude each other")
    if not update and not named and "help" not in flags:
        raise UsageError("asof backfill needs --universe, --macro or --resume; asof backfill --help explains")
    return BackfillOptions(
        update=update,
        universe=values.get("universe", ""),
        macro=values.get("macro", ""),
        years=_number(values.get("years", "10"), "years", 100),
        since=_day(values["since"]) if "since" in values else None,
        datasets=_datasets(values.get("datasets", "bars")),
        sources=tuple(values["sources"].lower().split(",")) if "sources" in values else (),
        jobs=_number(values.get("jobs", "4"), "jobs", 32),
        refresh="refresh" in flags,
        resume=values.get("resume", ""),
        tag=values.get("tag", ""),
        home=place_of(values["home"]) if "home" in values else None,
        help="help" in flags,
    )


def _number(text: str, name: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= most):
        raise UsageError(f"--{name} takes a number from 1 to {most}, not {text}")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise UsageError(f"--since takes a date such as 2015-01-02, not {text}") from fault


def _datasets(text: str) -> tuple[str, ...]:
    from providers.source import DATASETS

    names = tuple(dict.fromkeys(name for name in text.lower().split(",") if name))
    unknown = [name for name in names if name.partition(":")[0] not in DATASETS]
    if unknown or not names:
        raise UsageError(f"--datasets takes {', '.join(DATASETS)}, not {', '.join(unknown) or text}")
    return names


def run(words: Sequence[str]) -> int:
    """Do it, and answer the exit code."""
    options = parse(words)
    if options.help:
        sys.stdout.write(HELP)
        return Exit.OK
    from engine.errors import DataError
    from providers.base import ProviderError
    from providers.embedded import embedded_loaded, load_embedded
    from store import open_store
    from terminal.backend import user_name
    from terminal.progress import Meter

    store = open_store(options.home)
    if not embedded_loaded(store):  # who is called what, and which index is meant
        with Meter(f"first run: loading the embedded data into {store.home}", always=True) as meter:
            load_embedded(store, meter)
    try:
        order = _order(store, user_name(), options)
        return _work(store, user_name(), options, order)
    except ProviderError as fault:
        raise DataError(str(fault)) from fault


def _order(store: Store, user: str, options: BackfillOptions) -> Order:
    """What is to be fetched, from words, from an earlier job, or from what was fetched before."""
    from engine.bulk import macro_order, universe_order, update_order
    from providers.backfill_plan import documents

    if options.resume:
        order, _ = documents(store, options.resume)
        if order is None:
            raise UsageError(f"there is no backfill {options.resume}; asof JOBS lists them")
        return order
    if options.update:
        return update_order(store, user, options.universe)
    if options.macro:
        return macro_order(options.macro, options.sources, options.refresh)
    return universe_order(
        store, user, options.universe, options.datasets, years=options.years, since=options.since,
        sources=options.sources, refresh=options.refresh,
    )  # fmt: skip


def _work(store: Store, user: str, options: BackfillOptions, order: Order) -> int:
    from engine.documents import read_preferences
    from engine.errors import DataError
    from engine.fetching import obey
    from engine.version import VERSION
    from providers.backfill import Backfill
    from providers.readiness import unready
    from providers.routing import open_router
    from terminal.progress import Meter

    def obeyed(router: Router) -> None:
        obey(router, read_preferences(store.state(user))[0])

    router = open_router(store, user, version=VERSION)
    obeyed(router)
    if why := unready(router, order.tasks):
        raise DataError(why)
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        with Meter(order.title, always=True) as meter:
            report = Backfill(store, user, threads=options.jobs, version=VERSION, obey=obeyed).run(
                order, stop.is_set, meter, resume=options.resume, tag=options.tag
            )
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return _told(report)


def _told(report: Report) -> int:
    """The report on the standard output, failures on stderr."""
    from engine.sanitize import clean

    for line in report.lines():
        sys.stdout.write(f"{clean(line)}\n")
    for failure in report.failures[:50]:
        say(f"{failure.ticker} {failure.dataset}: {failure.why}")
    if len(report.failures) > 50:
        say(f'and {len(report.failures) - 50} more: asof "JOBS {report.job}"')
    if report.state == "stopped":
        say(f"stopped; asof backfill --resume {report.job} goes on")
        return Exit.INTERRUPTED
    return Exit.NO_DATA if report.failures else Exit.OK
