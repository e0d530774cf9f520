"""GP of a future: how its contracts are joined, and where one is left for the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.errors import CommandError
from engine.function import Args, Argument, Kind
from engine.page import Event
from engine.rolled import Join, Rolling, Rule, rolls

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context

_RULES: dict[str, Rule] = {"CALENDAR": "calendar", "VOLUME": "volume", "INTEREST": "open_interest"}
ROLLS = (
    Argument("roll", Kind.CHOICE, "futures: left by the calendar (unless said), or when the next contract has more "
             "volume or open interest", None, choices={"CALENDAR": (), "VOLUME": (), "INTEREST": ("OI",)},
             named_only=True),
    Argument("rolldays", Kind.INTEGER, "futures: sessions before its end at which a contract is left, 5 unless said",
             None, minimum=0, maximum=60, named_only=True),
    Argument("join", Kind.CHOICE, "futures: joined at rolls by ratio (unless said) or by difference; ADJUST=NONE "
             "draws contracts as traded", None, choices={"RATIO": (), "DIFFERENCE": ()}, named_only=True),
)  # fmt: skip


def rolling_of(context: Context, args: Args) -> Rolling | None:
    """How contracts are joined: what the line says, the defaults where it says nothing.

    Raises
    ------
    CommandError
        It says so of no future.
    """
    said = [each.name for each in ROLLS if args[each.name] is not None]
    if not said:
        return None
    if not any(ref.asset_class == "future" for ref in context.securities):
        raise CommandError(f"{said[0].upper()}= is for futures only.", argument=said[0])
    days = 5 if args["rolldays"] is None else int(args["rolldays"])
    return Rolling(_RULES[args["roll"] or "CALENDAR"], days, cast("Join", (args["join"] or "RATIO").lower()))


def roll_events(shown: pl.DataFrame) -> tuple[Event, ...]:
    """The sessions from which another contract is held."""
    return tuple(Event(day, "roll", f"roll from {old} to {new}") for day, old, new in rolls(shown))
