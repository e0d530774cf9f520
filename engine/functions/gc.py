"""GC: the yield curve of the clock's day beside earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from engine.errors import CommandError, DataError
from engine.frames import TypeWord, frame_of
from engine.function import Args, Argument, Function, Kind
from engine.needs import Need
from engine.page import CellSource, Column, Curve, CurveSeries, Page, Panel, SecurityRef, Table
from engine.period import Period

if TYPE_CHECKING:
    from engine.context import Context

# Not in every store: what is asked for where the store has no curve yet.
TREASURY = SecurityRef(0, "UST", "GOVT", "US Treasury par yield curve", "government", "USD")
_REACH = 10  # days back to the curve that stood on a day
_OLD = 5  # days without a curve before the page says so
_MOST = 5
_SPREADS = (("2s10s", "2Y", "10Y"), ("3m10y", "3M", "10Y"), ("5s30s", "5Y", "30Y"))
_DEFAULT = (Period("W", 1), Period("M", 1), Period("Y", 1))


@dataclass(frozen=True, slots=True)
class DayCurve:
    """A curve of one day: rates (fractions) and years by tenor, ascending by years."""

    name: str
    day: date
    years: dict[str, float]
    rates: dict[str, float]


def _ref(context: Context) -> SecurityRef:
    """The curve asked for; where another kind of security is loaded, the Treasury's."""
    if context.securities and context.security.market == TREASURY.market:
        return context.security
    known = (s.ref for s in context.directory if s.ref.market == "GOVT" and s.ref.ticker == TREASURY.ticker)
    return next(known, TREASURY)


def needs(context: Context, args: Args) -> Sequence[Need]:
    """The curves from the earliest day compared with to the last session."""
    last = context.reader.last_session()
    try:
        wanted = [_wanted(period, last) for period in _asked(args)]
    except CommandError:
        return ()  # the run says so, and where in the line
    start = min([last, *wanted]) - timedelta(days=_REACH)
    return [Need("curve", _ref(context), start, last)]


def run(context: Context, args: Args) -> Page:
    ref = _ref(context)
    context.restate((ref,) if ref.security_id else (), args)
    now = _latest(context, ref)
    curves = [now]
    for period in _asked(args):
        wanted = _wanted(period, now.day)
        if wanted >= now.day:
            raise CommandError(
                f"The curve known at the clock is of {now.day}: compare it with an earlier day.",
                argument="compare", suggestions=("GC 1W 1M 1Y", f"GC {now.day - timedelta(days=365)}"),
            )  # fmt: skip
        curve = _on(context, ref, wanted, "" if period.unit == "DATES" else str(period))
        if curve is None:
            context.note(f"No curve of {wanted} or the {_REACH} days before it is known: it is left out.")
        elif curve.day not in [each.day for each in curves]:
            curves.append(curve)
    if (age := (context.today - now.day).days) > _OLD:
        context.stale.append((ref.ticker, f"the last curve in the store is of {now.day}, {age:,} days old."))
    figure = Curve(
        tuple(_series(ref, curve) for curve in curves), "years", "percent a year", "percent", 2, "log"
    )
    panels = (
        Panel("curve", f"{ref.name}, {now.day} and before", figure, 2),
        Panel("tenors", "rates by tenor, changes in basis points", _tenors(ref, curves), 2),
        Panel("spreads", "spreads in basis points", _spreads(curves)),
    )
    return Page(f"{ref.label}  {ref.name}  {now.day}", panels, securities=(ref,) if ref.security_id else ())


def _asked(args: Args) -> tuple[Period, ...]:
    periods = tuple(dict.fromkeys(args["compare"])) or _DEFAULT
    if len(periods) > _MOST:
        raise CommandError(f"At most {_MOST} earlier curves fit beside the latest.", argument="compare")
    return periods


def _wanted(period: Period, last: date) -> date:
    """The day that a word names: 1M is the same day a month before; a date is itself."""
    start, _ = period.bounds(last)
    if start is None:
        raise CommandError(
            "MAX names no day: compare with 1W 1M 1Y, or with a date.", argument="compare",
            suggestions=("GC 1W 1M 1Y",),
        )  # fmt: skip
    return start


def _read(context: Context, ref: SecurityRef, start: date | None, end: date, name: str) -> DayCurve | None:
    """The last curve of a range of days."""
    import polars as pl

    if not ref.security_id:
        return None
    frame = context.reader.rows("yield_curves", [ref.security_id], start, end)
    if frame.is_empty():
        return None
    day: Any = frame["session_date"].max()
    rows = frame.filter(pl.col("session_date") == day).sort("years")
    return DayCurve(
        name,
        day,
        dict(zip(rows["tenor"], rows["years"], strict=True)),
        dict(zip(rows["tenor"], rows["rate"], strict=True)),
    )


def _on(context: Context, ref: SecurityRef, day: date, name: str) -> DayCurve | None:
    return _read(context, ref, day - timedelta(days=_REACH), day, name)


def _latest(context: Context, ref: SecurityRef) -> DayCurve:
    found = _on(context, ref, context.today, "") or _read(context, ref, None, context.today, "")
    if found is None:
        when = "" if context.live else f" as of {context.show(context.asof)}"
        raise DataError(
            f"No yield curve of {ref.ticker} is known{when}. BACKFILL UST fetches the Treasury's"
            + ("." if context.live else "; ASOF NOW looks from today.")
        )
    return found


def _label(curve: DayCurve) -> str:
    return f"{curve.name} {curve.day}".strip()


def _source(ref: SecurityRef, curve: DayCurve, key: str) -> CellSource:
    constants = {"security_id": ref.security_id, "session_date": curve.day}
    return CellSource("yield_curves", "rate", {"tenor": key}, constants)


def _series(ref: SecurityRef, curve: DayCurve) -> CurveSeries:
    return CurveSeries(
        str(curve.day),
        tuple(curve.years.values()),
        tuple(curve.rates),
        tuple(curve.rates.values()),
        "rate as published, a fraction a year",
        _source(ref, curve, "label"),
    )


def _tenors(ref: SecurityRef, curves: list[DayCurve]) -> Table:
    now, earlier = curves[0], curves[1:]
    years = {tenor: x for curve in reversed(curves) for tenor, x in curve.years.items()}
    rows = []
    for tenor, x in sorted(years.items(), key=lambda pair: pair[1]):
        row: dict[str, Any] = {"tenor": tenor, "years": x, "rate": now.rates.get(tenor)}
        for place, curve in enumerate(earlier):
            row[f"rate{place}"] = curve.rates.get(tenor)
            row[f"change{place}"] = _points(now.rates.get(tenor), curve.rates.get(tenor))
        rows.append(row)
    types: dict[str, TypeWord] = {"tenor": "text", "years": "number", "rate": "number"}
    columns = [
        Column("tenor", "tenor"),
        Column("rate", str(now.day), "percent", 2, formula="as published", source=_source(ref, now, "tenor")),
    ]
    for place, curve in enumerate(earlier):
        types |= {f"rate{place}": "number", f"change{place}": "number"}
        source = _source(ref, curve, "tenor")
        columns += [
            Column(f"rate{place}", _label(curve), "percent", 2, formula="as published", source=source),
            Column(
                f"change{place}", "change", "number", 0, "bp",
                formula=f"(rate of {now.day} - rate of {curve.day}) x 10,000", source=source,
            ),
        ]  # fmt: skip
    return Table(frame_of(rows, **types), tuple(columns), key=("tenor",))


def _points(one: float | None, other: float | None) -> float | None:
    """A difference of two fractions in basis points."""
    return None if one is None or other is None else round((one - other) * 10_000, 6)


def _spreads(curves: list[DayCurve]) -> Table:
    rows = []
    for name, short, long in _SPREADS:
        row: dict[str, Any] = {"spread": name, "made": f"{long} - {short}"}
        for place, curve in enumerate(curves):
            row[f"at{place}"] = _points(curve.rates.get(long), curve.rates.get(short))
        rows.append(row)
    types: dict[str, TypeWord] = {f"at{place}": "number" for place in range(len(curves))}
    columns = [Column("spread", "spread"), Column("made", "is")]
    columns += [
        Column(
            f"at{place}", _label(curve), "number", 0, "bp",
            formula=f"(rate of the longer - rate of the shorter tenor) x 10,000, both of {curve.day}",
        )
        for place, curve in enumerate(curves)
    ]  # fmt: skip
    return Table(frame_of(rows, spread="text", made="text", **types), tuple(columns), key=("spread",))


FUNCTIONS = (
    Function(
        "GC",
        "yield curve, beside earlier ones",
        run,
        arguments=(
            Argument(
                "compare", Kind.PERIOD, "how far back, or which days, to compare with: 1W 1M 1Y, 2007-08-01", (),
                many=True,
            ),
        ),
        aliases=("CRV",),
        security="optional",
        needs=needs,
        examples=(
            ("GC", "the Treasury's par yields, a week, a month and a year before"),
            ("GC 1M 2Y", "other distances"),
            ("GC 2007-08-01 2020-03-09", "given days"),
        ),
        about=(
            "The curve is the last one known at the clock; an earlier day's is that of the day, or of the last day "
            "before it that has one. Treasury par yields are read off the market at about 15:30 New York and known "
            "by 18:00. Tenors lie on a logarithmic axis of years. 2s10s is the 10-year less the 2-year rate, 3m10y "
            "the 10-year less the 3-month: below zero the curve is inverted."
        ),
        order=74,
    ),
)  # fmt: skip
