"""ASOF DIFF: the page on screen at two clocks."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from engine.diff import Difference, differences
from engine.errors import CommandError, DataError
from engine.format import format_cell
from engine.function import Args, Argument, Function, Kind
from engine.functions.clock import instant
from engine.page import Column, Metric, Metrics, Page, Panel, Table

if TYPE_CHECKING:
    from datetime import datetime

    from engine.command import Command
    from engine.context import Context

_MEANING = {
    "restated": "the source row has a later version",
    "revised": "a later vintage says otherwise",
    "re-adjusted": "as traded the same; another split or dividend is effective",
    "changed": "computed from rows known since, or of another row",
    "newly known": "not there at the earlier clock",
    "no longer shown": "out of the page's range, or withdrawn",
}


def run(context: Context, args: Args) -> Page:
    desk = context.desk
    page = desk.subject()
    if page is None or page.lineage is None:
        raise CommandError(
            "ASOF DIFF compares the page on screen, and there is none yet.", suggestions=("AAPL HP MAX",)
        )
    now = desk.clock()
    first = instant(context, args["from"], "from") or now
    second = context.asof if args["to"] is None else instant(context, args["to"], "to") or now
    early, late = sorted((first, second))
    command = desk.parse(page.lineage.command)
    context.progress(0, 3, context.show(early))
    before, absence = _page_at(context, command, page, early)
    context.check_cancelled()
    context.progress(1, 3, context.show(late))
    after, later_absence = _page_at(context, command, page, late)
    if after is None:
        raise DataError(f"The page shows nothing at the later clock either: {later_absence}")
    if absence:
        context.note(f"At the earlier clock: {absence}", "warning")
    context.check_cancelled()
    context.made_of = (after,) if before is None else (before, after)
    context.progress(2, 3, "comparing")
    found = list(differences(before or Page(after.title, ()), after))
    return _compared(context, after, found, early, late)


def _page_at(context: Context, command: Command, page: Page, asof: datetime) -> tuple[Page | None, str]:
    """The page at one clock, or None and why there is none."""
    snapshot = page.lineage.snapshot if page.lineage else None
    try:
        made = context.desk.run_at(
            command,
            context,
            asof=asof,
            snapshot=snapshot,
            recorded=context.desk.recorded,
            securities=page.securities,
        )
    except DataError as fault:
        return None, str(fault)
    return made, ""


def _compared(
    context: Context, after: Page, found: list[Difference], early: datetime, late: datetime
) -> Page:
    import polars as pl

    counts = Counter(difference.mark for difference in found)
    items = [
        Metric("page", after.title),
        Metric("earlier clock", context.show(early)),
        Metric("later clock", context.show(late)),
        *(
            Metric(mark, counts[mark], "integer", note=meaning)  # type: ignore[index]
            for mark, meaning in _MEANING.items()
        ),
    ]
    many, labels = len({d.panel for d in found}) > 1, _labels(after)
    frame = pl.DataFrame(
        {
            "panel": [d.panel for d in found],
            "row": [d.row for d in found],
            "column": [labels.get((d.panel, d.column), d.column) for d in found],
            "before": [format_cell(d.before, d.kind, d.decimals) for d in found],
            "after": [format_cell(d.after, d.kind, d.decimals) for d in found],
            "mark": [d.mark for d in found],
        },
        schema=dict.fromkeys(("panel", "row", "column", "before", "after", "mark"), pl.String),
    )
    columns = (
        *((Column("panel", "panel"),) if many else ()),
        Column("row", "row"),
        Column("column", "column"),
        Column("before", f"at {early.astimezone(context.zone):%Y-%m-%d}"),
        Column("after", f"at {late.astimezone(context.zone):%Y-%m-%d}"),
        Column("mark", "what happened", "mark"),
    )
    empty = "Nothing on this page differs between the two clocks."
    title = f"{len(found):,} differences"
    panels = (
        Panel("counts", "between the clocks", Metrics(tuple(items))),
        Panel("differences", title, Table(frame, columns, key=("panel", "row", "column"), empty=empty), 3),
    )
    return Page(f"{after.title}  at two clocks", panels, security=after.security, securities=after.securities)


def _labels(page: Page) -> dict[tuple[str, str], str]:
    """What the page's tables call their columns, where that names one of them alone."""
    found: dict[tuple[str, str], str] = {}
    for panel in page.panels:
        if isinstance(panel.figure, Table):
            called = [column.label for column in panel.figure.columns]
            found |= {
                (panel.name, column.name): column.label
                for column in panel.figure.columns
                if column.label and called.count(column.label) == 1
            }
    return found


FUNCTIONS = (
    Function(
        "ASOF DIFF",
        "the page on screen at two clocks: what was restated, revised, newly known",
        run,
        arguments=(
            Argument("from", Kind.INSTANT, "one clock", required=True),
            Argument("to", Kind.INSTANT, "the other; the desk's clock where none is typed"),
        ),
        aliases=("DIFF",),
        changes=True,
        examples=(("ASOF DIFF 2005-02-25 2005-02-28", "after AAPL HP 1M: a split becomes effective"),),
        about=(
            "The page's command runs at both clocks on the same snapshot of the store. Rows are matched by their "
            "key, not their place. The desk's clock does not move; the result itself is of the later of the two, and "
            "LEAK judges each read against the clock it was made at."
        ),
        order=56,
    ),
)
