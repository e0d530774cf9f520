"""What FA's pages stand on: a company's figures as of the clock, and what to say where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import DataError
from engine.quant.fundamentals.figures import Figures
from engine.quant.fundamentals.shares import Splits
from engine.quant.fundamentals.told import read_books

if TYPE_CHECKING:
    from engine.context import Context

MILLION = 1e6
_COLUMNS = ("value", "form", "fiscal_year", "filed_date")
_OLD_DAYS = 200  # a year-end's figures are filed within 90 days and the next quarter's within 45


def read_figures(context: Context) -> Figures:
    """The company's figures by the facts and splits known at the clock.

    Raises
    ------
    DataError
        No fact is known at the clock; with what to do.
    """
    import polars as pl

    ref = context.security
    facts = context.reader.rows("facts", [ref.security_id], columns=_COLUMNS)
    if facts.is_empty():
        raise nothing(context, "fundamentals")
    filed = context.reader.rows("filings", [ref.security_id], columns=("accepted_at",))
    accepted = filed.select("accession", "accepted_at").unique("accession", keep="last")
    facts = facts.join(accepted, on="accession", how="left")
    actions = context.reader.actions([ref.security_id], kinds=("split",), upcoming=False)
    actions = actions.filter(pl.col("ratio") > 0)
    splits = Splits.of(zip(actions["ex_date"].to_list(), actions["ratio"].to_list(), strict=True))
    figures = Figures(read_books(facts, splits))
    if not figures.ends("quarter") and not figures.ends("year"):
        raise DataError(
            f"The facts of {ref.label} known{_when(context)} tell no quarter and no year of an income or a cash "
            "flow statement under a concept known here. FA FILINGS lists what was filed; SQL reads the table facts."
        )
    _tell_implied(context, figures)
    _tell_age(context, figures)
    return figures


def nothing(context: Context, what: str) -> DataError:
    """No row of ``what`` is known: what to type."""
    ref = context.security
    if context.live:
        ahead = (
            "They come from SEC EDGAR, which asks who calls: type KEYS CONTACT you@firm.com, then this line again. "
            "asof import reads files of your own."
        )
    else:
        ahead = "ASOF NOW looks from today; LEAK and DATA show what the store holds at this clock."
    return DataError(f"No {what} of {ref.label} are known{_when(context)}. {ahead}")


def _when(context: Context) -> str:
    return "" if context.live else f" as of {context.show(context.asof)}"


def _tell_implied(context: Context, figures: Figures) -> None:
    """Splits that filings show and the store's actions lack."""
    found = figures.books.implied
    if not found:
        return
    told = ", ".join(f"{each.ratio:g} for 1 by {each.day} (filing {each.accession})" for each in found)
    context.note(
        f"{context.security.ticker}: filings tell earlier shares anew, as after splits that the store's actions do "
        f"not hold: {told}. What was filed before is shown in new shares.",
        "warning",
    )


def _tell_age(context: Context, figures: Figures) -> None:
    newest = max((*figures.ends("quarter")[:1], *figures.ends("year")[:1]))
    age = (context.today - newest).days
    if age > _OLD_DAYS:
        context.note(
            f"{context.security.ticker}: the newest statement known is of the period to {newest}, {age:,} days "
            "before the clock.",
            "warning",
        )


_DATED = ("facts", "bars", "actions", "profiles", "yield_curves", "observations")


def tell_estimated(context: Context) -> None:
    """Say of which data the day of becoming known is a rule's and not the source's."""
    found = {
        read.table
        for read in context.reader.reads
        if read.table in _DATED and any(basis != "exact" for basis in read.bases)
    }
    if found:
        context.note(
            f"When it became known is estimated, by a rule that LEAK tells, for rows of: {', '.join(sorted(found))}."
        )
