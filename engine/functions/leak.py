"""LEAK: every read behind the page on screen, and proof that none of it was known later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.frames import frame_of
from engine.function import Args, Function
from engine.page import Column, Metric, Metrics, Page, Panel, Table, Text

if TYPE_CHECKING:
    from engine.context import Context
    from engine.page import Lineage


def run(context: Context, args: Args) -> Page:
    page = context.page
    assert page is not None  # noqa: S101 - the desk runs on_page functions only with a page
    assert page.lineage is not None  # noqa: S101 - the desk gives every page its lineage
    lineage = page.lineage
    rows = []
    for read in lineage.reads:
        newest = read.newest_known_at
        late = newest is not None and newest > read.asof
        estimated = any(basis != "exact" for basis in read.bases)
        rows.append(
            {
                "table": read.table,
                "securities": "all" if not read.ids else _tickers(context, read.ids),
                "start": read.start,
                "end": read.end,
                "rows": read.rows,
                "asof": read.asof,
                "newest": newest,
                "verdict": "LATER THAN THE CLOCK" if late else "estimated dates" if estimated else "clean",
                "tone": "down" if late else "muted" if estimated else "",
                "basis": "; ".join(read.bases),
                "source": ", ".join(read.sources),
                "hash": read.hash[:16],
                "milliseconds": read.seconds * 1000,
            }
        )
    frame = frame_of(
        rows,
        table="text",
        securities="text",
        start="date",
        end="date",
        rows="integer",
        asof="instant",
        newest="instant",
        verdict="text",
        tone="text",
        basis="text",
        source="text",
        hash="text",
        milliseconds="number",
    )
    leaks = sum(row["tone"] == "down" for row in rows)
    guesses = sum(row["tone"] == "muted" for row in rows)
    proved = _proved(context, page, lineage)
    known = [read.newest_known_at for read in lineage.reads if read.newest_known_at is not None]
    items = (
        Metric("page", page.title),
        Metric("reads later than the clock", leaks, "integer", note="a leak" if leaks else "none: no leak"),
        *_decisions(proved),
        Metric("reads with estimated dates", guesses, "integer"),
        Metric("reads", frame.height, "integer"),
        Metric("rows read", sum(read.rows for read in lineage.reads), "integer"),
        Metric("clock", lineage.asof, "instant"),
        Metric("newest row known at", max(known, default=None), "instant"),
        Metric("snapshot of the store", lineage.snapshot, "text"),
        Metric("page id", lineage.snapshot_id),
        Metric("command", lineage.command),
    )
    columns = (
        Column("table", "table"),
        Column("securities", "securities", width=24),
        Column("rows", "rows", "integer"),
        *(
            (Column("asof", "read as of", "instant"),)
            if len({read.asof for read in lineage.reads}) > 1
            else ()
        ),
        Column("newest", "newest known at", "instant"),
        Column("verdict", "verdict"),
        Column("start", "from", "date"),
        Column("end", "to", "date"),
        Column("hash", "content hash"),
        Column("milliseconds", "ms", "number", 1),
        Column("source", "source"),
        Column("basis", "basis of known at", width=60),
    )
    if guesses:
        context.note(
            "Estimated: the source does not say when the row became known; the rule stands in the basis."
        )
    panels = (
        Panel("verdict", "verdict", Metrics(items)),
        Panel(
            "reads",
            "every read, in order",
            Table(frame, columns, emphasis="tone", empty="This page read nothing from the store."),
            2,
        ),
    )
    return Page(f"Leak check of {page.title}", (*panels, *proved))


def _proved(context: Context, page: Page, lineage: Lineage) -> tuple[Panel, ...]:
    """What the page's function proves of its decisions, on the page's own snapshot and clock."""
    function = context.desk.functions.get(page.function)
    if function is None or function.proof is None:
        return ()
    argument, value, wanted = function.proof
    command = context.desk.parse(lineage.command)
    made = context.desk.run_at(
        replace(command, args={**command.args, argument: value}), context,
        asof=lineage.asof, snapshot=lineage.snapshot, recorded=lineage.recorded, live=lineage.live,
    )  # fmt: skip
    return tuple(panel for panel in made.panels if panel.name in wanted)


def _decisions(proved: tuple[Panel, ...]) -> tuple[Metric, ...]:
    """The verdict on the page's decisions, beside that on its reads."""
    figure = next((panel.figure for panel in proved if panel.name == "proof"), None)
    if isinstance(figure, Text):
        return (Metric("decisions", "not proved by trial", note="the panel of the proof says why"),)
    if not isinstance(figure, Metrics):
        return ()
    told = {item.label: item for item in figure.items}
    tried, found = told["sessions tried"].value, told["decisions up to them"]
    sessions = f"{tried:,} session{'s' * (tried != 1)}" if isinstance(tried, int) else "sessions"
    note = f"with all that came after {sessions} altered, then cut off" + (
        f"; {found.note}" if found.note else ""
    )
    return (Metric("decisions", found.value, note=note, formula=found.formula),)


def _tickers(context: Context, ids: tuple[int, ...]) -> str:
    known = [context.directory.by_id(i) for i in ids[:6]]
    names = [s.ref.ticker if s else str(i) for s, i in zip(known, ids, strict=False)]
    return ", ".join(names) + (f" and {len(ids) - 6} more" if len(ids) > 6 else "")


FUNCTIONS = (
    Function(
        "LEAK",
        "every read behind this page, and whether any row was known later than the clock",
        run,
        on_page=True,
        examples=(("LEAK", "after AAPL GP"),),
        about=(
            "Functions reach data only through a reader that is pinned to the clock and records each read. LEAK "
            "shows the record: which table, which keys, how many rows, the newest moment at which any of them "
            "became known, the rule where that moment is estimated, and a hash over the rows' content. Of a backtest "
            "it proves the decisions too, by trial: all that came after some sessions is altered, and cut off, and "
            "what was decided up to them compared bit for bit."
        ),
        order=58,
    ),
)
