"""ECO: what was released lately, what is expected next, and the latest figure of every macro series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.frames import frame_of
from engine.function import Args, Argument, Function, Kind
from engine.functions._macro import Macro, day_of, decimals_of, read_macro
from engine.page import Blank, Column, Page, Panel, SecurityRef, Table
from engine.period import Period
from engine.quant.vintages import next_period, next_release, standing

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context

_RECENT = timedelta(days=4 * 366)  # what a rhythm is told from; older series are read whole
_AHEAD = timedelta(days=45)
_WRITTEN = 24  # newest periods that tell how many decimals a series is written with
_TOPICS: Mapping[str, tuple[str, ...]] = {
    "INFLATION": ("inflation", "price index", "prices"),
    "PRICES": ("price",),
    "JOBS": ("employ", "payroll", "job", "labor", "labour"),
    "LABOR": ("employ", "payroll", "job", "labor", "labour"),
    "GROWTH": ("gross domestic", "gdp"),
    "GDP": ("gross domestic", "gdp"),
    "HOUSING": ("hous", "permit", "home"),
    "RATES": ("yield", "rate, ", "treasury bill", "interest"),
    "MONEY": ("money", "m1", "m2"),
    "TRADE": ("export", "import", "trade"),
}
_HERE = ("US", "USA", "UNITED STATES")


def run(context: Context, args: Args) -> Page:
    words = tuple(word.upper() for word in args["words"])
    every = [s.ref for s in context.directory if s.ref.asset_class == "macro"]
    asked = [ref for ref in every if _answers(ref, words)]
    found = _read(context, asked)
    start, end = args["period"].bounds(context.today)
    releases = []
    for macro in found:
        told = _releases(macro, start, end)
        # a month of a daily series' values would bury the others; asked for by name, it has them all
        daily = macro.frequency == "daily" and not words
        releases += [max(told, key=lambda row: row["known_at"])] if daily and told else told
    releases.sort(key=lambda row: (row["known_at"], row["ticker"]), reverse=True)
    latest = [_latest(macro) for macro in found]
    ahead = [row for row in latest if row["expected"] and row["expected"] <= context.today + _AHEAD]
    ahead = [row for row in ahead if row["expected"] >= context.today]
    behind = sum(macro.is_behind(context.today) for macro in found)
    if behind:
        context.note(
            f"{behind} of {len(found)} series end long before the clock: the store has nothing newer of them known "
            "by then."
        )
    about = f" about {' '.join(words)}" if words else ""
    panels = (
        Panel("released", f"released in {_range(args['period'], start, end)}, newest first",
              _released_table(releases, about), 2),
        Panel("expected", "expected in the next 45 days: estimates by each series' own rhythm",
              _expected_table(sorted(ahead, key=lambda row: (row["expected"], row["ticker"])))),
        Panel("latest", f"latest figures, {len(latest)} series{about}: type a number for its vintages",
              _latest_table(latest, _none(context, every, about)), 3),
    )  # fmt: skip
    return Page(f"Economic releases{about}", panels)


def _range(period: Period, start: date | None, end: date) -> str:
    if period.unit in ("DATES", "MAX"):
        return f"{start or 'all years'} to {end}"
    return f"{period} to {end}"


def _none(context: Context, every: Sequence[SecurityRef], about: str) -> str:
    if every and about:
        return f"None of {len(every)} series is{about}. ECO alone lists all; topics: {', '.join(_TOPICS)}."
    if context.live:
        return "The store holds no macro series. BACKFILL UNRATE CPIAUCSL GDP fetches some."
    return "No macro series is known at this clock. ASOF NOW looks from today."


def _answers(ref: SecurityRef, words: Iterable[str]) -> bool:
    """Whether every word names the series' country or topic, or stands in its ticker or name."""
    text = f"{ref.ticker} {ref.name}".lower()
    foreign = ":" in ref.name and ("." in ref.ticker or "/" in ref.ticker)
    for word in words:
        here = word in _HERE and (not foreign or "united states" in text or ref.ticker.endswith(".USA"))
        topical = any(part in text for part in _TOPICS.get(word, ()))
        if not (here or topical or (word not in _HERE and word.lower() in text)):
            return False
    return True


def _read(context: Context, refs: Sequence[SecurityRef]) -> list[Macro]:
    """The last years of each series; series that ended before, whole."""
    if not refs:
        return []
    recent = read_macro(context, refs, context.today - _RECENT)
    context.check_cancelled()
    ended = [ref for ref in refs if ref.security_id not in recent]
    found = {**recent, **(read_macro(context, ended) if ended else {})}
    return [found[ref.security_id] for ref in refs if ref.security_id in found]


def _releases(macro: Macro, start: date | None, end: date) -> list[dict[str, Any]]:
    """A row a day on which a series told something: its newest period then, and how many it revised."""
    days: dict[date, list[tuple[date, datetime, bool]]] = {}
    for period, versions in macro.vintages.items():
        for place, version in enumerate(versions):
            day = day_of(version.known_at)
            if (start is None or day >= start) and day <= end:
                days.setdefault(day, []).append((period, version.known_at, place == 0))
    rows = []
    for told in days.values():
        fresh = [each for each in told if each[2]]
        period, known_at, _ = max(fresh or told)
        rows.append(
            _figure(macro, period, known_at)
            | {"what": "new" if fresh else "revision", "revised": len(told) - len(fresh)}
        )
    return rows


def _figure(macro: Macro, period: date, at: datetime) -> dict[str, Any]:
    """A value as it stood at an instant, beside the one of the period before, as it stood then."""
    stood = standing(macro.vintages[period], at)
    place = macro.periods.index(period)
    before = standing(macro.vintages[macro.periods[place - 1]], at) if place else None
    value, previous = stood.value if stood else None, before.value if before else None
    change = None if value is None or previous is None else value - previous
    return {
        "security_id": macro.ref.security_id,
        "ticker": macro.ref.ticker,
        "name": macro.ref.name,
        "unit": macro.unit,
        "period_date": period,
        "previous_date": macro.periods[place - 1] if place else None,
        "value": value,
        "previous": previous,
        "change": change,
        "known_at": at,
        "command": f"ECST {macro.ref.ticker} MACRO",
        "tone": "up" if change and change > 0 else "down" if change and change < 0 else "",
        "decimals": _decimals(macro),
    }


def _decimals(macro: Macro) -> int:
    """As many as the newest values are written with; two at most where they are large."""
    newest = [macro.latest(period).value for period in macro.periods[-_WRITTEN:]]
    values = [value for value in newest if value is not None]
    large = max(map(abs, values), default=0.0) >= 10
    return min(decimals_of(values), 2 if large else 4)


def _latest(macro: Macro) -> dict[str, Any]:
    period = macro.last
    version = macro.latest(period)
    return _figure(macro, period, version.known_at) | {
        "frequency": macro.frequency,
        "expected": next_release(macro.vintages),
        "next_period": next_period(macro.periods),
        "versions": len(macro.vintages[period]),
    }


def _frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    return frame_of(
        rows, security_id="integer", ticker="text", name="text", unit="text", period_date="date",
        previous_date="date", value="number", previous="number", change="number", known_at="instant",
        command="text", tone="text", what="text", revised="integer", frequency="text", expected="date",
        next_period="date", decimals="integer",
    )  # fmt: skip


def _columns() -> dict[str, Column]:
    from engine.page import CellSource

    def source(key: str) -> CellSource:
        return CellSource("observations", "value", {"security_id": "security_id", "period_date": key})

    return {
        "ticker": Column("ticker", "series"),
        "name": Column("name", "name", width=44, least=24),
        "unit": Column("unit", "unit", width=28),
        "period": Column("period_date", "period", "date"),
        "value": Column("value", "value", "number", formula="value as published",
                        source=source("period_date"), decimals_from="decimals"),
        "previous": Column("previous", "previous", "number", source=source("previous_date"),
                           formula="value of the period before, as it stood at the same instant",
                           decimals_from="decimals"),
        "change": Column("change", "change", "number", formula="value - previous", decimals_from="decimals"),
        "known": Column("known_at", "known at", "instant"),
    }  # fmt: skip


def _released_table(rows: Sequence[Mapping[str, Any]], about: str) -> Table:
    columns = _columns()
    shown = (  # what was told before what it is called: a narrow window shows the first columns
        columns["ticker"], columns["period"], columns["value"], columns["previous"], columns["change"],
        columns["known"], columns["name"], Column("what", "is"),
        Column("revised", "revised", "integer", formula="earlier periods that the release told anew"),
        columns["unit"],
    )  # fmt: skip
    empty = f"No release{about} became known in this range. ECO 1Y looks further back, ECO MAX at everything."
    return Table(
        _frame(rows), shown, key=("known_at", "ticker"), command="command", emphasis="tone", empty=empty
    )


def _expected_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    columns = _columns()
    shown = (
        Column("expected", "expected", "date", formula="the next period's first day + the median delay of the last "
               "twelve first releases"),
        columns["ticker"], Column("next_period", "for period", "date"),
        Column("value", "last value", "number", formula="value as published", source=columns["value"].source,
               decimals_from="decimals"),
        columns["period"], columns["name"], columns["unit"],
    )  # fmt: skip
    empty = "No series has three first releases in the store and a next one due in this time."
    return Table(_frame(rows), shown, key=("ticker",), command="command", empty=empty)


def _latest_table(rows: Sequence[Mapping[str, Any]], empty: str) -> Table:
    columns = _columns()
    shown = (
        columns["ticker"], columns["period"], columns["value"], columns["previous"], columns["change"],
        columns["name"], columns["unit"], Column("frequency", "every"), columns["known"],
        Column("expected", "next expected", "date", default_blank=Blank.NOT_YET_KNOWN,
               formula="an estimate: the next period's first day + the median delay of the last twelve first "
               "releases; a day before the clock means that it is late, or the store behind"),
    )  # fmt: skip
    ordered = sorted(rows, key=lambda row: (row["known_at"], row["ticker"]), reverse=True)
    return Table(_frame(ordered), shown, key=("ticker",), command="command", emphasis="tone", empty=empty)


FUNCTIONS = (
    Function(
        "ECO",
        "economic releases: lately, expected, latest figures",
        run,
        arguments=(
            Argument(
                "period",
                Kind.PERIOD,
                "how far back releases are listed, counted from the clock",
                Period("M", 1),
            ),
            Argument(
                "words", Kind.WORD, "country or topic: US, INFLATION, JOBS, HOUSING, or words of a name", (),
                many=True,
            ),
        ),
        examples=(
            ("ECO", "a month of releases up to the clock, and what is due"),
            ("ECO INFLATION 3M", "one topic"),
            ("ECO US HOUSING 1Y", "country and topic"),
        ),
        about=(
            "Each release shows its newest period as it stood at that instant, beside the period before as it stood "
            "then; REVISED counts earlier periods that the release told anew. Of a daily series only the newest "
            "release is listed, unless words ask for it. What is expected is an estimate from "
            "the series' own past rhythm (the median delay of its last twelve first releases), no agency's calendar. "
            "Choose a row for the series' vintages (ECST)."
        ),
        order=70,
    ),
)  # fmt: skip
