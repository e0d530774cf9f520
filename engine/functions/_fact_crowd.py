"""A universe for FACT's cross-sections: its securities, their levels, and who belonged when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, cast

from engine.errors import CommandError
from engine.function import Args
from engine.page import SecurityRef
from engine.period import Period
from engine.returns import returns_of
from engine.universe import find

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.context import Context

LEAST, MOST = 5, 600
_FRESH = 5  # sessions for which a level still stands


@dataclass(frozen=True, slots=True)
class Crowd:
    """``levels`` (n, k) of total returns, each standing for at most five sessions; ``priced`` (n, k) flags own ones;
    ``member`` (n, k) who belonged on each row."""

    title: str
    refs: tuple[SecurityRef, ...]
    dates: NDArray[np.datetime64]
    levels: NDArray[np.float64]
    member: NDArray[np.bool_]

    @property
    def last(self) -> date:
        return cast(date, self.dates[-1].astype(object))


def crowd(context: Context, args: Args, period: Period, *, history: bool) -> Crowd:
    """The universe that the line names. With ``history`` an index's earlier members are among them, each while it
    belonged, the later-dead included.

    Raises
    ------
    CommandError, DataError
        Too few or too many securities, or no price of them.
    """
    import numpy as np

    title, refs, index = _named(context, args, history)
    if not LEAST <= len(refs) <= MOST:
        raise CommandError(
            f"A cross-section takes {LEAST} to {MOST} securities; {title} has {len(refs)}. Type more tickers, or "
            "UNIVERSE= with an index (SP500), a watchlist, or a file of tickers.", argument="universe",
        )  # fmt: skip
    before = len(context.notes)
    found = returns_of(context, refs, period, join="outer", least=2)
    _shorten(context, before)
    own = np.isfinite(found.levels[1:])
    levels = _standing(found.levels)[1:]
    member = np.isfinite(levels)
    if index is not None:
        member &= _belonged(context, index, found.refs, found.dates)
    kept = tuple(ref.ticker for at, ref in enumerate(found.refs) if not own[-_FRESH:, at].any())
    if kept and not history:
        context.note(
            f"No price in the five sessions to {found.last}: {', '.join(kept[:8])}"
            + (f" and {len(kept) - 8} more" if len(kept) > 8 else "")
            + ". Left out of the day's universe.",
            "warning",
        )
    return Crowd(title, found.refs, found.dates, levels, member)


def _named(context: Context, args: Args, history: bool) -> tuple[str, tuple[SecurityRef, ...], int | None]:
    if not args["universe"]:
        refs = tuple({ref.security_id: ref for ref in context.securities}.values())
        return "the securities typed", refs, None
    found = find(args["universe"], context.reader, context.directory, context.desk.state)
    ids = list(found.ids)
    if history and found.index_id is not None:
        ever = context.reader.rows("membership", found.index_id)["member_id"].unique(maintain_order=True)
        ids = list(dict.fromkeys([*ids, *ever.to_list()]))
    known = [context.directory.by_id(each) for each in ids]
    refs = tuple(security.ref for security in known if security is not None)
    if found.unknown:
        context.note(f"Not known at this clock: {', '.join(found.unknown[:8])}.", "warning")
    if found.index_id is None and len(refs) <= MOST:  # a list is its securities, whoever opens the page
        context.restate(refs, {**args, "universe": None})
    return found.title, refs, found.index_id


def _shorten(context: Context, before: int) -> None:
    """One sentence where each of many histories told its own."""
    new = context.notes[before:]
    alike = [note for note in new if "rebased to 100" in note.text]
    if len(alike) > 2:
        context.notes[before:] = [note for note in new if note not in alike]
        context.note(
            f"Of {len(alike)} securities the source has closes only, adjusted by its vendor at a later date: only "
            "their ratios were known then."
        )


def _standing(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Levels carried on for a few rows where one is missing, and no further."""
    import numpy as np

    own = np.isfinite(levels)
    rows = np.arange(len(levels))[:, None]
    last = np.maximum.accumulate(np.where(own, rows, -1), axis=0)
    fresh = (last >= 0) & (rows - last < _FRESH)
    return np.where(fresh, np.take_along_axis(levels, np.maximum(last, 0), axis=0), np.nan)


def _belonged(
    context: Context, index: int, refs: tuple[SecurityRef, ...], dates: NDArray[np.datetime64]
) -> NDArray[np.bool_]:
    """Stays in an index as known at the clock: from the first day to before the end."""
    import numpy as np

    place = {ref.security_id: at for at, ref in enumerate(refs)}
    found = np.zeros((len(dates), len(refs)), dtype=bool)
    for row in context.reader.rows("membership", index).iter_rows(named=True):
        if (at := place.get(row["member_id"])) is not None:
            stay = dates >= np.datetime64(row["start_date"])
            if row["end_date"] is not None:
                stay &= dates < np.datetime64(row["end_date"])
            found[:, at] |= stay
    return found
