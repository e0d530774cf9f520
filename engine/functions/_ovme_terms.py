"""OVME's strike and expiry: where none is typed, and what may be typed."""

from __future__ import annotations

from datetime import date, timedelta

from engine.errors import CommandError
from engine.function import Args

MOST_DAYS = 36_500  # that an option may run
_MONTHS = timedelta(days=91)


def rounded(spot: float) -> float:
    """At the money, as a strike would be written."""
    return (
        round(spot, 4)
        if 1.0 <= abs(spot) < 20
        else round(spot, 2)
        if abs(spot) >= 20
        else float(f"{spot:.4g}")
    )


def expiry_of(day: date, args: Args) -> date:
    """As typed, or the third Friday nearest to three months ahead.

    Raises
    ------
    CommandError
        It is past, further than a century ahead, or typed twice.
    """
    if args["expiry"] is not None and args["days"] is not None:
        raise CommandError("EXPIRY= and DAYS= say the same thing: give one of them.", argument="days")
    if args["days"] is not None:
        found: date = day + timedelta(days=args["days"])
    else:
        found = args["expiry"] or _third_friday(day)
    if found <= day:
        raise CommandError(
            f"The option expired on {found}, and is priced on {day}.", argument="expiry",
            suggestions=(f"EXPIRY={_third_friday(day)}",),
        )  # fmt: skip
    if (found - day).days > MOST_DAYS:
        raise CommandError(
            f"An option runs for {MOST_DAYS:,} days at most; {found} is {(found - day).days:,} days after {day}.",
            argument="expiry", suggestions=(f"EXPIRY={_third_friday(day)}",),
        )  # fmt: skip
    return found


def _third_friday(day: date) -> date:
    """The third Friday of a month that is nearest to three months ahead."""
    target = day + _MONTHS
    firsts = [(target.replace(day=1) + timedelta(days=31 * step)).replace(day=1) for step in (-1, 0, 1)]
    fridays = [first + timedelta(days=(4 - first.weekday()) % 7 + 14) for first in firsts]
    return min(fridays, key=lambda friday: abs((friday - target).days))
