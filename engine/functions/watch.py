"""W: a watchlist, at the clock."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from engine.errors import CommandError, DataError
from engine.frames import frame_of
from engine.function import Args, Argument, Function, Kind
from engine.history import YEAR_RETURN, read_history
from engine.needs import Need, price_need
from engine.page import Blank, CellSource, Column, Page, Panel, SecurityRef, Table

if TYPE_CHECKING:
    from engine.context import Context
    from engine.securities import Security
    from store.state import UserState

_KIND = "watchlist"
_MOST = 500
_LAST = (
    "bars: the close, adjusted for splits known by then; closes: as published, or where its vendor adjusted "
    "it later, rebased to 100 at the first; observations: the latest vintage published by then"
)


def run(context: Context, args: Args) -> Page:
    name = (args["list"] or "main").strip().lower()
    if len(name) > 40:
        raise CommandError("A watchlist's name has at most 40 characters.", argument="list")
    typed = tuple(dict.fromkeys(ref.security_id for ref in context.securities))
    if args["ids"] is not None:
        ids, rows = _listed(args["ids"]), _Rows(context)
        # where the clock moves, the desk hands a page's own members along
        if args["change"] is not None or not set(typed) <= set(ids):
            raise CommandError("IDS= names a whole list: nothing goes with it.", argument="ids")
    elif args["change"] is not None:
        ids, rows = _changed(context, args["change"], typed, name)
    else:
        ids, rows = typed or _kept(context.desk.state.get(_KIND, name)), _Rows(context)
    shown = rows.of(ids)
    known = tuple(security.ref for each in ids if (security := context.directory.by_id(each)) is not None)
    # by their ids and whole: a member not known at this clock comes back where the clock moves on, and
    # nobody who opens the page is shown a list of their own instead
    context.restate((), {"list": name, "ids": ",".join(map(str, ids))})
    if absent := len(ids) - len(known):
        are = "is" if absent == 1 else "are"
        context.note(
            f"{absent} of the page's securities {are} not known at this clock.",
            "info" if known else "warning",
        )
    count = "1 security" if len(known) == 1 else f"{len(known)} securities"
    title = f"{count}: type a number for its chart" if known else "empty"
    empty = (
        "None of the list's securities is known at this clock. ASOF NOW shows all."
        if ids
        else f"Watchlist {name} is empty. Type W ADD AAPL MSFT SPX EURUSD."
    )
    panel = Panel("watchlist", title, _table(shown, empty))
    return Page(f"Watchlist {name}", (panel,), securities=known)


def _kept(body: dict[str, Any] | None) -> tuple[int, ...]:
    return tuple(dict.fromkeys((body or {}).get("ids", ())))[:_MOST]


def _listed(text: str) -> tuple[int, ...]:
    """The ids of a list written out."""
    try:
        ids = tuple(dict.fromkeys(int(word) for word in text.split(",") if word))
    except ValueError as fault:
        raise CommandError(
            "IDS= takes permanent ids, as a list's page writes them.", argument="ids"
        ) from fault
    if len(ids) > _MOST:
        raise CommandError(f"A watchlist holds at most {_MOST} securities.", argument="ids")
    return ids


def _changed(
    context: Context, action: str, typed: tuple[int, ...], name: str
) -> tuple[tuple[int, ...], _Rows]:
    """The list after the change, and its rows. It is written when all rows are read, so that what fails or
    is cancelled has changed nothing; and again from the start where another desk changed it meanwhile."""
    if not typed:
        raise CommandError(f"W {action} needs securities.", suggestions=(f"W {action} AAPL MSFT",))
    state, rows = context.desk.state, _Rows(context)
    while True:
        before = _kept(state.get(_KIND, name))
        after = tuple(each for each in before if each not in typed) + (typed if action == "ADD" else ())
        if len(after) > _MOST:
            raise CommandError(f"A watchlist holds at most {_MOST} securities.")
        rows.of(after)
        context.check_cancelled()
        if _written(state, name, before, after):
            context.note(f"Watchlist {name} holds {len(after)} securities now.", passing=True)
            return after, rows


def _written(state: UserState, name: str, before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """Write the list unless it is no longer what it was before."""

    def change(body: dict[str, Any] | None) -> dict[str, Any] | None:
        return {**(body or {}), "ids": list(after)} if _kept(body) == before else None

    return _kept(state.update(_KIND, name, change)) == after


class _Rows:
    """Rows of securities at the clock, each read once."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.read: dict[int, dict[str, Any]] = {}

    def of(self, ids: tuple[int, ...]) -> list[dict[str, Any]]:
        """The rows of those that are known at the clock, in order."""
        context = self.context
        found = (context.directory.by_id(each) for each in ids)
        refs = [security.ref for security in found if security is not None]
        notes = list(context.notes)
        for at, ref in enumerate(refs):
            if ref.security_id not in self.read:
                context.check_cancelled()
                context.progress(at, len(refs), ref.ticker)
                self.read[ref.security_id] = _row(context, ref)
        context.stale.clear()
        context.notes[:] = notes  # a note a security would drown the page: the column "age" says it
        return [self.read[ref.security_id] for ref in refs]


def _row(context: Context, ref: SecurityRef) -> dict[str, Any]:
    from engine.period import Period

    row: dict[str, Any] = {
        "security_id": ref.security_id, "ticker": ref.ticker, "market": ref.market, "name": ref.name,
        "command": f"{ref.ticker} {ref.market} GP",
    }  # fmt: skip
    try:
        history = read_history(context, ref, "splits")
    except DataError:
        return row | {"blank": Blank.NOT_YET_KNOWN}
    frame, year = history.frame, history.within(Period("Y", 1))
    last = float(frame["close"][-1])
    row |= {"last": last, "session_date": history.last, "table": history.shape, "basis": history.basis}
    row["unit"] = "rebased" if history.basis == "adjusted" else history.unit
    row["age"] = (context.today - history.last).days
    if frame.height > 1 and history.shape != "observations":
        before = float(frame["close"][-2])
        row["change"] = last / before - 1 if before > 0 and not history.rate else None
        row["year"] = history.year_return()
        high, low = ("high", "low") if history.shape == "bars" else ("close", "close")
        row["high"], row["low"] = float(year[high].max()), float(year[low].min())  # type: ignore[arg-type]
    if history.shape == "bars":
        row |= {name: frame[name][-1] for name in ("volume", "split_factor", "dividend_factor")}
    tone = row.get("change") or 0.0
    row["tone"] = "up" if tone > 0 else "down" if tone < 0 else ""
    return row


def _table(rows: list[dict[str, Any]], empty: str) -> Table:
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
        table="text",
        basis="text",
        split_factor="number",
        dividend_factor="number",
    )
    keys = {"security_id": "security_id", "session_date": "session_date"}
    extreme = (
        "bars: {} of the year to the last session, adjusted for splits known by then; else of the closes"
    )
    columns = (
        Column("ticker", "ticker"),
        Column("name", "name", width=28),
        Column(
            "last",
            "last",
            "price",
            formula=_LAST,
            source=CellSource("", "close", keys, table_from="table"),
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
        Column("low", "52w low", "price", formula=extreme.format("lowest low"), blank="blank"),
        Column("high", "52w high", "price", formula=extreme.format("highest high"), blank="blank"),
        Column("volume", "volume", "integer", formula="volume as traded / split factor"),
        Column("session_date", "session", "date", blank="blank"),
        Column("age", "days old", "integer", formula="the clock's date - session", blank="blank"),
        Column("unit", "unit"),
        Column("market", "market"),
    )
    return Table(frame, columns, key=("security_id",), command="command", emphasis="tone", empty=empty)


_FETCHED = 25  # securities of a list that one page asks sources about


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    """A year of prices of those that lag behind their last session, as many as a page may wait for."""
    from engine.period import Period

    name = (args["list"] or "main").strip().lower()
    typed = tuple(ref.security_id for ref in context.securities)
    if args["ids"] is not None:
        typed = _listed(args["ids"])
    ids = typed if typed and args["change"] != "DEL" else _kept(context.desk.state.get(_KIND, name))
    found = (context.directory.by_id(each) for each in ids)
    stale = (security.ref for security in found if security is not None and _lags(context, security))
    return tuple(
        need
        for ref in islice(stale, _FETCHED)
        for need in price_need(context, ref, Period("Y", 1), before=31)
    )


def _lags(context: Context, security: Security) -> bool:
    """Whether the last session over at the clock is not among its bars."""
    calendar = security.current.calendar
    if not calendar:
        return True
    last = context.reader.last_session(calendar)
    return context.reader.rows("bars", security.ref.security_id, last, last, columns=()).is_empty()


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
            Argument("ids", Kind.WORD, "a list by permanent ids, as its page is kept", named_only=True),
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
        needs=needs,
    ),
)  # fmt: skip
