"""A function's needs fetched before it reads: asked of the router, and what came of it told in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.errors import Cancelled
from engine.page import Note
from store.errors import StoreError
from store.vintages import spans_of

if TYPE_CHECKING:
    from engine.context import Context
    from engine.needs import Need
    from providers.outcomes import Outcome
    from providers.router import Router
    from store.reader import AsOfReader

# Tables of which one security's rows make one series.
_SERIES = ("bars", "closes", "bars_intraday", "futures_bars")


@dataclass(frozen=True, slots=True)
class Fetching:
    """What fetching came to: notes for the page, why nothing came for an empty one, and the newest commit."""

    notes: tuple[Note, ...] = ()
    why: str = ""
    newest: int = 0


def fetch(context: Context, needs: Sequence[Need], router: Router, *, refresh: bool = False) -> Fetching:
    """Ask for each need what is missing of it. What fails is told and loses no page; only Esc ends it."""
    from providers.errors import SourceError
    from providers.subjects import subject_of, well_known

    obey(router, context.preferences)
    told = _Told()
    now = context.desk.clock()
    for need in dict.fromkeys(needs):
        # a function may ask for what the store does not know yet (the Treasury's curve)
        subject = subject_of(context.desk.store, need.security.security_id, now) or well_known(
            need.security.ticker
        )
        if subject is None:
            continue
        try:
            outcome = router.ensure(
                need.dataset, subject, need.start, need.end, detail=need.detail, refresh=refresh,
                max_age_seconds=need.max_age_seconds, progress=context.progress, cancelled=context.cancelled,
            )  # fmt: skip
        except SourceError as fault:
            raise Cancelled("Cancelled: what was fetched until then is kept.") from fault
        except StoreError as fault:  # it cannot be written: a full disk, a read-only mount
            told.stopped(need, fault)
            break
        told.add(need, outcome)
    return told.told()


def obey(router: Router, preferences: Mapping[str, str]) -> None:
    """The user's settings hold for what is asked next."""
    router.paused = preferences.get("offline") == "yes"
    order = preferences.get("sources", "auto")
    router.order = () if order == "auto" else tuple(order.split(","))


@dataclass(slots=True)
class _Told:
    """Outcomes gathered: the same reason for many securities is one sentence."""

    reasons: dict[str, list[str]] = field(default_factory=dict)
    hopeless: dict[str, None] = field(default_factory=dict)
    newest: int = 0

    def add(self, need: Need, outcome: Outcome) -> None:
        self.newest = max(self.newest, outcome.seq)
        for failure in outcome.asked:
            then = f"answered by {outcome.source}" if outcome.source else "shown is what the store holds"
            reason = f"{failure.message.rstrip('.')}; {then}."
            self.reasons.setdefault(reason, []).append(need.security.ticker)
        for failure in outcome.failures if not outcome.source else ():
            self.hopeless[f"{failure.message.rstrip('.')}."] = None

    def stopped(self, need: Need, fault: StoreError) -> None:
        """The store took nothing: the rest would fare no better, and each may wait for long."""
        sentence = f"{str(fault).rstrip('.')}."
        self.reasons[f"nothing could be fetched, shown is what the store holds: {sentence}"] = [
            need.security.ticker
        ]
        self.hopeless[sentence] = None

    def told(self) -> Fetching:
        notes = tuple(
            Note(f"{', '.join(dict.fromkeys(tickers))}: {reason}", "warning", passing=True)
            for reason, tickers in self.reasons.items()
        )
        why = " ".join(self.hopeless)
        return Fetching(notes, f"Nothing could be fetched: {why}" if why else "", self.newest)


def tell_mixed(context: Context) -> None:
    """Where one security's series on the page is made of several sources, say which and from when."""
    for read in tuple(context.reader.reads):
        if read.table in _SERIES and len(read.ids) == 1 and len(read.sources) > 1:
            security = context.directory.by_id(read.ids[0])
            if security is not None:
                said = mixed(context.reader, read.table, read.ids[0])
                context.note(f"{security.ref.ticker} {read.table.replace('_', ' ')}: {said}.")


def mixed(reader: AsOfReader, table: str, security_id: int) -> str:
    """``one to 2013-03-01, then two``; ranges where sources overlap."""
    spans = spans_of(reader, table, security_id)
    apart = all(before[2] < after[1] for before, after in pairwise(spans))
    if not apart:
        return "from several sources, " + ", ".join(f"{s} ({first} to {last})" for s, first, last, _ in spans)
    parts = [f"{source} to {last}" for source, _, last, _ in spans[:-1]]
    return ", then ".join([*parts, spans[-1][0]])
