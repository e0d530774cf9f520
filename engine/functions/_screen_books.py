"""Fundamental fields of a universe: all facts in one read, each company's books worked out once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from engine.page import SecurityRef

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context
    from engine.quant.fundamentals.ratios import Reading
    from engine.quant.fundamentals.shares import Splits

Readings: TypeAlias = Mapping[str, "Reading"]
# What fields look back to: the newest statement may be 500 days old, growth compares with two years before it.
DAYS = 1_300
_COLUMNS = ("value", "form", "fiscal_year")
_MOST = 1_500
# Readings by what they were made from (the rows themselves, not the clock): a screen that is edited is quick.
_made: OrderedDict[tuple[object, ...], Readings] = OrderedDict()


def fundamentals(
    context: Context, refs: Sequence[SecurityRef], closes: Sequence[float | None]
) -> dict[int, Readings]:
    """Every fundamental field of each company of which facts are known at the clock, by security."""
    import polars as pl

    from engine.quant.fundamentals.lines import CONCEPTS
    from engine.quant.fundamentals.shares import Splits

    ids = tuple(ref.security_id for ref in refs)
    context.progress(0, len(refs), "reading facts")
    rows = context.reader.rows(
        "facts", ids, context.today - timedelta(days=DAYS), context.today, columns=_COLUMNS
    )
    rows = rows.filter(pl.col("concept").is_in(sorted(CONCEPTS)))
    companies = {
        int(str(key[0])): part for key, part in rows.partition_by("security_id", as_dict=True).items()
    }
    actions = context.reader.actions(ids, kinds=("split",), upcoming=False).filter(pl.col("ratio") > 0)
    splits: dict[int, list[tuple[object, float]]] = {}
    for security, day, ratio in actions.select("security_id", "ex_date", "ratio").iter_rows():
        splits.setdefault(security, []).append((day, ratio))
    found: dict[int, Readings] = {}
    for at, (ref, close) in enumerate(zip(refs, closes, strict=True)):
        if at % 10 == 0:
            context.check_cancelled()
            context.progress(at, len(refs), f"statements of {ref.ticker}")
        if ref.security_id in companies:
            own = Splits.of(splits.get(ref.security_id, ()))  # type: ignore[arg-type]
            found[ref.security_id] = _company(context, ref, companies[ref.security_id], own, close)
    return found


def _company(
    context: Context, ref: SecurityRef, facts: pl.DataFrame, splits: Splits, close: float | None
) -> Readings:
    import polars as pl

    from engine.quant.fundamentals.figures import Figures
    from engine.quant.fundamentals.told import read_books
    from engine.quant.screener import FIELDS, company_fields

    hashes = facts.hash_rows()
    key = (
        ref.security_id,
        facts.height,
        hashes.sum(),
        hashes.min(),
        hashes.max(),
        splits.events,
        close,
        context.today,
        ref.currency,
    )
    if key not in _made:
        names = [name for name, each in FIELDS.items() if "facts" in each.needs]
        accepted = facts.with_columns(pl.lit(None, pl.Datetime("us", "UTC")).alias("accepted_at"))
        figures = Figures(read_books(accepted, splits))
        _made[key] = company_fields(names, figures, close, context.today, ref.currency)
        while len(_made) > _MOST:
            _made.popitem(last=False)
    return _made[key]
