"""W: a watchlist, at the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import CommandError, DataError
from engine.frames import frame_of
from engine.function import Args, Argument, Function, Kind
from engine.history import YEAR_RETURN, read_history
from engine.page import Blank, CellSource, Column, Page, Panel, SecurityRef, Table

if TYPE_CHECKING:
    from engine.context import Context

_KIND = "watchlist"
_MOST = 500


def run(context: Context, args: Args) -> Page:
    name = (args["list"] or "main").strip().lower()
    if len(name) > 40:
        raise CommandError("A watchlist's name has at most 40 characters.")
    refs = _edited(context, args, name)
    if refs:
        context.restate(refs, {"list": name})
    rows = _rows(context, refs)
    title = f"{len(refs)} securities: type a number for its chart" if refs else "empty"
    return Page(f"Watchlist {name}", (Panel("watchlist", title, _table(rows, name)),))


def _edited(context: Context, args: Args, name: str) -> tuple[SecurityRef, ...]:
    """The securities to show, after the change that was asked for."""
    action, typed = args["change"], context.securities
    if action is None and typed:
        return typed  # a list typed out, or a kept page shown again: nothing is changed
    state = context.desk.state
    kept: list[int] = list((state.get(_KIND, name) or {}).get("ids", []))
    if action is not None:
        if not typed:
            raise CommandError(f"W {action} needs securities.", suggestions=(f"W {action} AAPL MSFT",))
        ids = [ref.security_id for ref in typed]
        kept = [i for i in kept if i not in ids] + (ids if action == "ADD" else [])
        if len(kept) > _MOST:
            raise CommandError(f"A watchlist holds at most {_MOST} securities.")
        state.put(_KIND, name, {"ids": kept})
        context.note(f"Watchlist {name} holds {len(kept)} securities now.")
    known = [context.directory.by_id(i) for i in kept]
    absent = sum(security is None for security in known)
    if absent:
        context.note(f"{absent} of the list's securities are not known as of {context.show(context.asof)}.")
    return tuple(security.ref for security in known if security is not None)


def _rows(context: Context, refs: tuple[SecurityRef, ...]) -> list[dict[str, Any]]:
    from engine.period import Period

    rows: list[dict[str, Any]] = []
    notes = list(context.notes)
    for at, ref in enumerate(refs):
        context.check_cancelled()
        context.progress(at, len(refs), ref.ticker)
        row: dict[str, Any] = {
            "security_id": ref.security_id, "ticker": ref.ticker, "market": ref.market, "name": ref.name,
            "command": f"{ref.ticker} {ref.market} GP",
        }  # fmt: skip
        rows.append(row)
        try:
            history = read_history(context, ref, "splits")
        except DataError:
            row["blank"] = Blank.NOT_YET_KNOWN
            continue
        frame, year = history.frame, history.within(Period("Y", 1))
        last = float(frame["close"][-1])
        row |= {"last": last, "session_date": history.last, "table": history.shape, "basis": history.basis}
        row["unit"] = "rebased" if history.basis == "adjusted" else history.unit
        row["age"] = (context.today - history.last).days
        if frame.height > 1 and history.shape != "observations":
            row["change"] = last / float(frame["close"][-2]) - 1
            row["year"] = history.year_return()
            high, low = ("high", "low") if history.shape == "bars" else ("close", "close")
            row["high"], row["low"] = float(year[high].max()), float(year[low].min())  # type: ignore[arg-type]
        if history.shape == "bars" and frame["volume"][-1] is not None:
            row["volume"] = float(frame["volume"][-1])
        tone = row.get("change") or 0.0
        row["tone"] = "up" if tone > 0 else "down" if tone < 0 else ""
    context.stale.clear()
    context.notes[:] = notes  # a note a security would drown the page: the column "age" says it
    return rows


def _table(rows: list[dict[str, Any]], name: str) -> Table:
    frame = frame_of(
        rows,
        security_id="integer",
        ticker="text",
        market="text",
        name="text",
        command="text",
        last="number",
        session_date="date",
        age="integer",
        change="number",
        year="number",
        high="number",
        low="number",
        volume="number",
        unit="text",
        tone="text",
        blank="text",
    )
    keys = {"security_id": "security_id", "session_date": "session_date"}
    formula = "close, adjusted for splits known by then"
    columns = (
        Column("ticker", "ticker"),
        Column("name", "name", width=28),
        Column(
            "last",
            "last",
            "price",
            formula=formula,
            source=CellSource("bars", "close", keys),
            blank="blank",
        ),
        Column(
            "change", "change", "change", formula="close / close of the session before - 1", blank="blank"
        ),
        Column(
            "year",
            "1 year",
            "change",
            formula=YEAR_RETURN,
            blank="blank",
        ),
        Column("low", "52w low", "price", formula=formula, blank="blank"),
        Column("high", "52w high", "price", formula=formula, blank="blank"),
        Column("volume", "volume", "integer", formula="volume as traded / split factor"),
        Column("session_date", "session", "date", blank="blank"),
        Column("age", "days old", "integer", formula="the clock's date - session", blank="blank"),
        Column("unit", "unit"),
        Column("market", "market"),
    )
    empty = f"Watchlist {name} is empty. Type W ADD AAPL MSFT SPX EURUSD."
    return Table(frame, columns, key=("security_id",), command="command", emphasis="tone", empty=empty)


FUNCTIONS = (
    Function(
        "W",
        "watchlist",
        run,
        arguments=(
            Argument("change", Kind.CHOICE, "add to the list, or delete from it", None,
                     choices={"ADD": ("+",), "DEL": ("DELETE", "REMOVE", "-")}),
            Argument("securities", Kind.SECURITY, "securities to show, add or delete", (), many=True),
            Argument("list", Kind.WORD, "which list, as LIST=name", "main", named_only=True),
        ),
        aliases=("MON", "WATCH"),
        examples=(
            ("W", "your list at the clock"),
            ("W ADD AAPL MSFT IBM", "add three"),
            ("W DEL MSFT", "take one off"),
            ("W AAPL EURUSD", "a list typed out, nothing kept"),
        ),
        about="A list keeps permanent ids: a security stays on it through a change of its ticker.",
        order=50,
    ),
)  # fmt: skip
