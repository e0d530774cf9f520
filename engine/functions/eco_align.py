"""ECO ALIGN: macro series side by side, by the dates that they are about or by what was known on each day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from engine.errors import CommandError, DataError
from engine.function import Args, Argument, Function, Kind
from engine.functions._macro import Macro, decimals_of, read_macro
from engine.needs import Need
from engine.page import Blank, CellSource, Column, Page, Panel, SecurityRef, Table
from engine.period import Period
from engine.quant.vintages import STEP_DAYS, next_period

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context

_DAY = 86_400.0
_MOST = 16  # series side by side
_HEAD = 8  # letters of a unit in a column's head
_STEPS = {"DAILY": "1d", "WEEKLY": "1w", "MONTHLY": "1mo", "QUARTERLY": "1q", "YEARLY": "1y"}
_ROWS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "QUARTERLY": "quarter", "YEARLY": "year"}
_EXAMPLE = "ECO ALIGN UNRATE CPIAUCSL GDPC1"
_BY_DATE = "value of the period that begins in the row's {row}, in the vintage that stood at the clock{last}"
_AGE = "the row's day - the first day of the value's period, in days"
_BY_KNOWLEDGE = "newest period that was published by the end of the row's day in New York, as it stood then"


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    """The series' vintages, at most a day old."""
    return tuple(
        Need("observations", ref, max_age_seconds=_DAY)
        for ref in context.securities[:_MOST]
        if ref.asset_class == "macro"
    )


def run(context: Context, args: Args) -> Page:
    found = _series(context)
    step = args["step"] if args["step"] != "AUTO" else _step(found, args["by"])
    known = args["by"] == "KNOWLEDGE"
    frame = _by_knowledge(context, found, args["period"], step) if known else _by_date(
        context, found, args["period"], step)  # fmt: skip
    columns = _known_columns(found) if known else _dated_columns(found, step)
    named = " ".join(macro.ref.ticker for macro in found)
    row = _ROWS[step]
    title = (
        f"what was known at the end of each {row}, newest first"
        if known
        else f"a row a {row}, newest first, all as known at the clock"
    )
    empty = (
        f"None of {named} has a value {_outside(found, known)}: {args['period']} holds none. MAX shows all."
    )
    panels = (
        Panel("aligned", title, Table(frame, columns, key=("session_date",), empty=empty), 3),
        Panel("series", "the series", _about(context, found), 1),
    )
    _tell(context, found)
    return Page(f"{named}  aligned by {'knowledge' if known else 'date'}", panels)


def _series(context: Context) -> list[Macro]:
    """The macro series of the line that have values at the clock."""
    refs = list({ref.security_id: ref for ref in context.securities}.values())
    others = [ref.label for ref in refs if ref.asset_class != "macro"]
    if not refs or others:
        what = f"{', '.join(others)} is none" if others else "none is named"
        raise DataError(
            f"ECO ALIGN takes macro series, and {what}: {_EXAMPLE}. ECO lists those that are held."
        )
    if len(refs) > _MOST:
        raise CommandError(f"ECO ALIGN takes at most {_MOST} series, not {len(refs)}.")
    read = read_macro(context, refs)
    missing = [ref.ticker for ref in refs if ref.security_id not in read]
    if not read:
        raise DataError(
            f"No value of {', '.join(missing)} is known at {context.when}. ECO lists what is held."
        )
    if missing:
        context.note(f"{', '.join(missing)} left out: no value is known at the clock.", "warning")
    found = [read[ref.security_id] for ref in refs if ref.security_id in read]
    if len({macro.ref.ticker for macro in found}) < len(found):
        raise DataError("Two of these series have one ticker: their columns could not be told apart.")
    return found


def _step(found: Sequence[Macro], by: str) -> str:
    """As often as the most frequent series has values, monthly at the most; by knowledge monthly."""
    days = min(STEP_DAYS[macro.frequency] for macro in found)
    if by == "KNOWLEDGE" or days <= STEP_DAYS["monthly"]:
        return "MONTHLY"
    return "QUARTERLY" if days <= STEP_DAYS["quarterly"] else "YEARLY"


def _by_date(context: Context, found: Sequence[Macro], period: Period, step: str) -> pl.DataFrame:
    """A row a ``step``; of each series the last period that begins in it."""
    import polars as pl

    start, end = period.bounds(max(macro.last for macro in found))
    if start is not None and period.unit in ("D", "W", "M", "Y"):
        start += timedelta(days=1)
    columns = []
    for macro in found:
        rows = [
            (day, versions[-1].value)
            for day, versions in macro.vintages.items()
            if day <= end and (start is None or day >= start)
        ]
        schema = {f"{_name(macro)}_period": pl.Date(), _name(macro): pl.Float64()}
        frame = pl.DataFrame(rows, schema=schema, orient="row").sort(f"{_name(macro)}_period")
        dated = frame.with_columns(session_date=pl.col(f"{_name(macro)}_period").dt.truncate(_STEPS[step]))
        columns.append(dated.group_by("session_date", maintain_order=True).last())
        context.check_cancelled()
    days = pl.concat([frame.select("session_date") for frame in columns]).unique().sort("session_date")
    for macro, frame in zip(found, columns, strict=True):
        later = pl.col("session_date") >= _due(macro)
        blank = (
            pl.when(later).then(pl.lit(str(Blank.NOT_YET_KNOWN))).otherwise(pl.lit(str(Blank.NEVER_EXISTED)))
        )
        days = days.join(frame, on="session_date", how="left").with_columns(
            blank.alias(f"{_name(macro)}_blank")
        )
    return days.sort("session_date", descending=True)


def _due(macro: Macro) -> date:
    """First day of the period after the last that is known: none before it is still to come."""
    return next_period(macro.periods) or macro.last + timedelta(days=1)


def _by_knowledge(context: Context, found: Sequence[Macro], period: Period, step: str) -> pl.DataFrame:
    """A row at the end of each ``step``, and at the clock's day: of each series what was known by then."""
    import polars as pl

    from engine.aligned import aligned
    from engine.functions._macro import day_of

    start, end = period.bounds(context.today)
    end = min(end, context.today)
    first = min(day_of(v[0].known_at) for macro in found for v in macro.vintages.values())
    start = first if start is None else max(start, first)
    ids = [macro.ref.security_id for macro in found]
    panel = aligned(context.reader, ids, _ends(start, end, step))
    wide = panel.select(pl.col("date").unique().sort())
    for macro in found:
        own = panel.filter(pl.col("security_id") == macro.ref.security_id).select(
            "date", pl.col("value").alias(_name(macro)), pl.col("period_date").alias(f"{_name(macro)}_period"),
            (pl.col("date") - pl.col("period_date")).dt.total_days().alias(f"{_name(macro)}_age"),
        )  # fmt: skip
        wide = wide.join(own, on="date", how="left")
    return wide.rename({"date": "session_date"}).sort("session_date", descending=True)


def _ends(start: date, end: date, step: str) -> list[date]:
    """Last days of the steps from ``start`` to ``end``, and ``end``."""
    import polars as pl

    if start > end:
        return []
    days = pl.date_range(start, end, "1d", eager=True).to_frame("day")
    ends = days.group_by(pl.col("day").dt.truncate(_STEPS[step]), maintain_order=True).agg(
        last=pl.col("day").last()
    )
    return list(ends["last"])


def _outside(found: Sequence[Macro], known: bool) -> str:
    """From when to when there are rows, for a range without one."""
    if known:
        first = min(
            version.known_at for macro in found for each in macro.vintages.values() for version in each
        )
        return f"that the store knows to have been known before {first:%Y-%m-%d}"
    return f"before {min(macro.periods[0] for macro in found)} or after {max(macro.last for macro in found)}"


def _short_unit(macro: Macro) -> str:
    """A unit that has a place in a column's head; longer ones stand with the series."""
    return macro.unit if len(macro.unit) <= _HEAD else ""


def _decimals(macro: Macro) -> int:
    values = [macro.latest(period).value for period in macro.periods]
    return decimals_of([value for value in values if value is not None])


def _name(macro: Macro) -> str:
    """What its column is called in the frame and in exports."""
    return macro.ref.ticker


def _source(macro: Macro) -> CellSource:
    key = {"security_id": macro.ref.security_id}
    return CellSource("observations", "value", {"period_date": f"{_name(macro)}_period"}, key)


def _dated_columns(found: Sequence[Macro], step: str) -> tuple[Column, ...]:
    columns = [Column("session_date", _ROWS[step], "date")]
    for macro in found:
        often = STEP_DAYS[macro.frequency] < STEP_DAYS["monthly" if step == "MONTHLY" else macro.frequency]
        last = "; of several the last" if often or step in ("QUARTERLY", "YEARLY") else ""
        formula = _BY_DATE.format(row=_ROWS[step], last=last)
        columns.append(
            Column(_name(macro), macro.ref.ticker, "number", _decimals(macro), _short_unit(macro), formula,
                   _source(macro), blank=f"{_name(macro)}_blank")
        )  # fmt: skip
    return tuple(columns)


def _known_columns(found: Sequence[Macro]) -> tuple[Column, ...]:
    columns = [Column("session_date", "day", "date")]
    for macro in found:
        columns += [
            Column(_name(macro), macro.ref.ticker, "number", _decimals(macro), _short_unit(macro), _BY_KNOWLEDGE,
                   _source(macro), default_blank=Blank.NOT_YET_KNOWN),
            Column(f"{_name(macro)}_age", f"{macro.ref.ticker} age", "integer", formula=_AGE,
                   default_blank=Blank.NOT_YET_KNOWN),
        ]  # fmt: skip
    return tuple(columns)


def _about(context: Context, found: Sequence[Macro]) -> Table:
    from engine.frames import frame_of

    rows = [_row(macro) for macro in found]
    frame = frame_of(
        rows, ticker="text", name="text", unit="text", every="text", first="date", last="date", known_at="instant",
        command="text",
    )  # fmt: skip
    columns = (
        Column("ticker", "series"), Column("every", "every"), Column("first", "first period", "date"),
        Column("last", "last period", "date"), Column("known_at", "last known at", "instant"),
        Column("name", "name", width=44), Column("unit", "unit", width=28),
    )  # fmt: skip
    return Table(frame, columns, key=("ticker",), command="command")


def _row(macro: Macro) -> dict[str, Any]:
    ref: SecurityRef = macro.ref
    return {
        "ticker": ref.ticker, "name": ref.name, "unit": macro.unit, "every": macro.frequency,
        "first": macro.periods[0], "last": macro.last, "known_at": macro.latest(macro.last).known_at,
        "command": f"ECST {ref.ticker} MACRO",
    }  # fmt: skip


def _tell(context: Context, found: Sequence[Macro]) -> None:
    behind = [macro.ref.ticker for macro in found if macro.is_behind(context.today)]
    if behind:
        context.note(
            f"{', '.join(behind)}: the store has nothing newer known by the clock; a value that is carried on "
            "says how many days old it is (BY=KNOWLEDGE).",
            "warning",
        )


FUNCTIONS = (
    Function(
        "ECO ALIGN",
        "macro series side by side, by date or by what was known when",
        run,
        arguments=(
            Argument("period", Kind.PERIOD, "range: by date back from the last period, by knowledge from the clock",
                     Period("Y", 10)),
            Argument("by", Kind.CHOICE, "which dates the rows are of: those that values are about, or days on which "
                     "they were known", "DATE", choices={"DATE": (), "KNOWLEDGE": ("KNOWN",)}),
            Argument("step", Kind.CHOICE, "a row a day, week, month, quarter or year", "AUTO",
                     choices={"AUTO": (), **dict.fromkeys(_STEPS, ())}),
            Argument("others", Kind.SECURITY, "further series", (), many=True),
        ),
        security="optional",
        needs=needs,
        examples=(
            (_EXAMPLE, "ten years, a row a month, as known at the clock"),
            (f"{_EXAMPLE} KNOWLEDGE", "what one knew of each at the end of each month, and how old it was"),
            ("ECO ALIGN GDPC1 UNRATE 5Y QUARTERLY", "a row a quarter"),
        ),
        about=(
            "By DATE a row holds, of each series, the period that begins in it, in the vintage that stood at the "
            "clock: a quarter's value stands in its first month and nowhere else, and of several periods in one row "
            "the last counts. Nothing is carried on or filled in.\n\n"
            "By KNOWLEDGE a row holds the newest period that had been published by the end of that day in New York, "
            "as it stood on that evening, carried on until the next release; AGE counts days from the first day of "
            "the value's period. A regression on these rows sees no later revision. Only vintages that the store "
            "holds can be told: a source without them makes a value known on the day of its first vintage.\n\n"
            "World Bank and IMF series stand beside FRED's under their own tickers. EXPORT writes the rows."
        ),
        order=71,
    ),
)  # fmt: skip
