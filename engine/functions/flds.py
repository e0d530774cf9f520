"""FLDS: the catalogue of indicators with their latest values, and each of them in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError
from engine.function import Args, Argument, Function, Kind
from engine.functions._arguments import ADJUST, PERIOD, SERIES
from engine.functions._flds_names import GROUPS, INDICATOR, SETTINGS
from engine.needs import Need, price_need
from engine.page import Page, Panel

if TYPE_CHECKING:
    from engine.context import Context

_DAYS = {"D": 1.5, "W": 7.5, "M": 31.0}  # calendar days a bar
_LONGEST = 130  # bars before the range that most of the catalogue is warm after


def run(context: Context, args: Args) -> Page:
    if args["indicator"] is None or args["indicator"] in GROUPS:
        return _list(context, args)
    if not context.securities:
        raise CommandError(
            f"{args['indicator']} is computed of a security, and none is loaded.",
            suggestions=(f"AAPL FLDS {args['indicator']}", "FLDS"),
        )
    from engine.functions._flds_data import see
    from engine.functions._flds_one import panels
    from engine.quant.indicators import indicator

    seen = see(context, args)
    entry = indicator(args["indicator"])
    ref = seen.history.ref
    return Page(f"{ref.label}  {ref.name}  {entry.title}", panels(seen, entry, args), security=ref)


def _list(context: Context, args: Args) -> Page:
    from engine.functions._flds_data import given, see
    from engine.functions._flds_list import table
    from engine.quant.indicators import CATALOGUE, search

    for name in given(args):
        raise CommandError(
            f"{name.upper()} is a setting of one indicator: say which.", argument=name,
            suggestions=("FLDS RSI", "FLDS"),
        )  # fmt: skip
    group = GROUPS.get(args["indicator"] or "")
    found = search(args["find"]) if args["find"] else tuple(CATALOGUE.values())
    entries = [each for each in found if group in (None, each.group)]
    try:
        seen = see(context, args) if context.securities else None
    except DataError as fault:
        seen = None
        context.note(f"{fault} The catalogue stands without values.", "warning")
    what = group or "all indicators"
    title = f"{what}: {len(entries)} of {len(CATALOGUE)}; a number shows that one"
    if seen is not None:
        title = (
            f"{what} on {seen.last}, default settings: {len(entries)} of {len(CATALOGUE)}; a number shows one"
        )
    if not context.securities:
        context.note("No security is loaded: AAPL FLDS shows the latest values too.")
    panel = Panel("indicators", title, table(context, entries, seen, args))
    if seen is None:
        return Page("Indicators", (panel,))
    ref = seen.history.ref
    return Page(f"{ref.label}  {ref.name}  indicators", (panel,), security=ref)


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    """The range, and before it what the indicator warms up on, with its seed's weight under a thousandth."""
    if not context.securities:
        return ()
    before = _LONGEST
    if args["indicator"] is not None and args["indicator"] not in GROUPS:
        from engine.functions._flds_data import settings_of
        from engine.quant.indicators import indicator

        entry = indicator(args["indicator"])
        try:
            before = entry.warm_up(**settings_of(entry, args)) * (4 if entry.seeded else 1)
        except CommandError:
            return ()
    days = 31 + round(min(before, 20_000) * _DAYS[args["interval"]])
    return price_need(context, context.security, args["period"], days)


FUNCTIONS = (
    Function(
        "FLDS",
        "technical indicators: the catalogue with latest values, and each in full",
        run,
        arguments=(
            PERIOD,
            Argument(
                "interval", Kind.CHOICE, "one bar a day, week or month", "D",
                choices={"D": ("DAILY",), "W": ("WEEKLY",), "M": ("MONTHLY",)},
            ),
            ADJUST,
            SERIES,
            INDICATOR,
            Argument("find", Kind.TEXT, "words in names, titles, groups and authors", None, named_only=True),
            *SETTINGS,
        ),
        aliases=("TECH",),
        security="optional",
        examples=(
            ("AAPL FLDS", "every indicator with its latest value"),
            ("AAPL FLDS RSI TIMEPERIOD=21 1Y", "the relative strength index of 21 sessions"),
            ("FLDS MOMENTUM", "a group of the catalogue"),
            ("IBM FLDS YANG_ZHANG 5Y", "volatility from open, high, low and close"),
            ("AAPL FLDS MACD W 5Y", "of weekly bars"),
            ("FLDS FIND=wilder", "by author"),
        ),
        about="""The catalogue holds all of TA-Lib and what it lacks: volatilities from the day's range (Parkinson,
Garman-Klass, Rogers-Satchell, Yang-Zhang), the volume weighted average price since a date, Ichimoku's lines as
they were known on each day.

Values are computed over all bars known at the clock, adjusted as of it, and the range shows a part of them, so that
a short range starts warmed up. The value of a bar uses that bar and earlier ones only; the first bars have none
(warm-up). A bar without one of the inputs is left out, and the next continues from the last known.

Exponential and Wilder's averages start from a simple mean and forget it by and by, cumulated lines never: values
depend on where the store's history begins, which the page names. Two stores with different beginnings differ.

A ticker that is also an indicator's name (MA, ADX) goes with its market: MA US EQUITY FLDS. MAX alone is the range;
INDICATOR=MAX is the highest value. What the page does not do: signals, or advice on any of them.""",
        order=12,
        needs=needs,
    ),
)  # fmt: skip
