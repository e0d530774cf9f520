"""One way to every source: what is missing of a series is asked of the sources in the user's order, checked,
merged and committed; what is held is not asked again.

A series stays with the source that holds it. Where that one fails the next is asked, and the outcome says so.
Each answer is one commit together with the range that it settles, so that a process killed anywhere has either
both or neither. Safe to share between threads; processes take turns at one security.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from providers import ranges
from providers.access import WebAccess
from providers.base import ProviderError
from providers.breaker import Breaker
from providers.embedded.loader import StoreCalendars
from providers.errors import Kind, SourceError
from providers.merge import RANGED, Asked, merged
from providers.outcomes import Failure, Outcome, Progress, Question, named
from providers.patience import quiet
from providers.ranges import Held, Range
from providers.source import Request, Service, Source, SourceInfo, Subject
from providers.turns import turn
from store import Batch, CommitResult, StoreError
from store.clock import utc_now
from store.errors import BadBatch
from store.vintages import known_ids, spans_of

if TYPE_CHECKING:
    from providers.choices import Choices
    from providers.http import Client
    from providers.keys import Keys
    from store import Store

QUIET = 900.0  # seconds for which a question that brought nothing is not asked again
_OWN = {"macro:WB:": "worldbank", "macro:IMF:": "imf"}  # series that only their own source has
_OF_THE_ENDED = frozenset({"listings", "lookup", "membership"})  # asked about those that left, too
FIRST_DAY = date(1900, 1, 1)  # before any daily history that is sold


class Router:
    """See the module. Seams: ``commit`` (how a batch is written), ``sources`` (who there is), ``ready`` (who can be
    asked).

    ``choices`` may be a function, where the user changes them while the router lives.
    """

    def __init__(
        self,
        store: Store,
        *,
        client: Client,
        keys: Keys,
        choices: Choices | Callable[[], Choices],
        clock: Callable[[], datetime] = utc_now,
        base_urls: Mapping[str, Mapping[str, str]] | None = None,
        offline: bool = False,
        sources: Callable[[], Mapping[str, Source]] | None = None,
        commit: Callable[[Batch], CommitResult] | None = None,
        breaker: Breaker | None = None,
        ready: Callable[[SourceInfo], str] | None = None,
        only_addressed: bool = False,
    ) -> None:
        self.store, self.offline = store, offline
        self.paused = False  # the user's own wish, while the program could ask
        self.order: tuple[str, ...] = ()  # who is asked first, before what the choices say
        self.only: tuple[str, ...] = ()  # where given, nobody else is asked
        self._client, self._keys, self._choices, self._clock = client, keys, choices, clock
        self._base_urls, self._only_addressed = base_urls or {}, only_addressed
        self._sources, self._commit = sources, commit or store.append
        self._breaker, self._ready_by = breaker or Breaker(), ready
        self._silent: dict[tuple[str, str, str, str], float] = {}
        self._spans: dict[tuple[str, int], tuple[int, tuple[Range, ...]]] = {}

    # -- asking ------------------------------------------------------------------------------------

    def ensure(
        self,
        dataset: str,
        subject: Subject,
        start: date | None = None,
        end: date | None = None,
        *,
        detail: str = "",
        refresh: bool = False,
        max_age_seconds: float | None = None,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Outcome:
        """Have what can be had of a series from ``start`` to ``end`` (None: as far as there is) in the store.

        Raises SourceError where it was cancelled, StoreError where the store cannot be written; whatever a source
        does wrong is in the outcome.
        """
        if subject.last_day is not None and dataset not in _OF_THE_ENDED:
            # who bears the ticker since is not who is asked about
            if dataset not in RANGED and dataset != "actions":
                why = f"{subject.ticker} left the market on {subject.last_day}: its ticker may be another's since"
                return Outcome(failures=(Failure("", Kind.NOT_SERVED, why, asked=False),))
            end = subject.last_day if end is None else min(end, subject.last_day)
        age = ranges.MAX_AGE if max_age_seconds is None else max_age_seconds
        question = Question(
            dataset, subject, start, end, detail, refresh, age, self._clock(), progress or quiet,
            cancelled or (lambda: False),
        )  # fmt: skip
        if not self._missing(question):
            return Outcome(from_store=True)
        if way := self.why_offline:
            failure = Failure("", Kind.NOT_SERVED, f"offline, no source is asked: {way}", asked=False)
            return Outcome(failures=(failure,), missing=tuple(self._missing(question)))
        with turn(self.store.home, subject.identity, question.cancelled):
            # again, and as of now: another may have fetched it while we waited
            question = replace(question, now=self._clock())
            missing = self._missing(question)
            return self._ask(question, missing) if missing else Outcome(from_store=True)

    def use_breaker(self, breaker: Breaker) -> None:
        """Leave failing sources alone by another rule than a screen's."""
        self._breaker = breaker

    def candidates(self, dataset: str, about: Subject, first: Sequence[str] = ()) -> list[SourceInfo]:
        """Sources that serve a data set, in the order in which they are asked."""
        own = next((name for prefix, name in _OWN.items() if about.identity.startswith(prefix)), None)
        known = {
            name: source.info
            for name, source in self._known().items()
            if own in (None, name) and (not self.only or name in self.only)
        }
        order = dict.fromkeys((*first, *self.order, *self.choices.order, *known))
        serving = (known[name] for name in order if name in known)
        return [info for info in serving if info.serves(dataset, about.asset_class)]

    def why_not(self, info: SourceInfo) -> Failure | None:
        """Why a source cannot be asked at all now."""
        if self._only_addressed and info.name not in self._base_urls:
            return Failure(info.name, Kind.NOT_SERVED, f"{info.title} has no address here", asked=False)
        if sentence := self.not_ready(info):
            return Failure(info.name, Kind.NEEDS_KEY, sentence, asked=False)
        if why := self._breaker.why_not(info.name):
            return Failure(info.name, Kind.UNREACHABLE, why)
        return None

    @property
    def why_offline(self) -> str:
        """Why nobody is asked, whoever is ready."""
        if self.offline:
            return "ASOF_OFFLINE is set"
        if self.store.address:
            return f"the store is read from {self.store.address}, and what comes could not be kept"
        return "SET offline=no ends that" if self.paused else ""

    def not_ready(self, info: SourceInfo) -> str:
        """What a source waits for from the user, and what to type."""
        if self._ready_by is not None:
            return self._ready_by(info)
        from providers.choices import ready

        return ready(info, self._keys, self.choices)

    @property
    def keys(self) -> Keys:
        return self._keys

    @property
    def client(self) -> Client:
        return self._client

    @property
    def base_urls(self) -> Mapping[str, Mapping[str, str]]:
        return self._base_urls

    @property
    def choices(self) -> Choices:
        return self._choices() if callable(self._choices) else self._choices

    def _known(self) -> Mapping[str, Source]:
        if self._sources is None:
            from providers.sources import sources

            return sources()
        return self._sources()

    # -- what is missing -------------------------------------------------------------------------------

    def _missing(self, question: Question) -> list[Range]:
        """The ranges to ask for; of data sets that are not about sessions one, where it is due."""
        held = self._held(question)
        if question.dataset not in RANGED:
            whole = (question.start or date.min, question.end or question.now.date())
            due = question.refresh or not ranges.recent_enough(
                held.records, question.start, question.end, question.now, question.max_age
            )
            return [whole] if due else []
        through, any_session = self._sessions(question)
        asked = (question.start or FIRST_DAY, min(question.end or through, through))
        if question.refresh:
            return ranges.together([asked])
        return [part for part in ranges.without([asked], held.ranges) if any_session(*part)]

    def _sessions(self, question: Question) -> tuple[date, Callable[[date, date], bool]]:
        """The last session that is over, and whether there is one in a range: a weekend is nothing to ask for.
        Where there is no calendar every day counts."""
        name = question.subject.calendar
        if not name:
            return (question.now - timedelta(days=1)).date(), lambda _start, _end: True
        sessions = self.store.reader(question.now).calendars.get(name)
        return sessions.last_closed(question.now), lambda start, end: len(sessions.between(start, end)) > 0

    def _held(self, question: Question) -> Held:
        identity = question.subject.identity
        security_id = known_ids(self.store, [identity]).get(identity)
        if security_id is None:
            return Held()
        records = self.store.fetched(question.dataset, security_id, detail=question.detail)
        spans = self._unasked(question, security_id) if question.dataset in RANGED else ()
        return Held(tuple(records), spans)

    def _unasked(self, question: Question, security_id: int) -> tuple[Range, ...]:
        """Ranges that rows from nobody whom we ask (embedded data, files) lie in."""
        table, snapshot = RANGED[question.dataset], self.store.snapshot()
        known = self._spans.get((table, security_id))
        if known is not None and known[0] == snapshot:
            return known[1]
        asked = set(self._known())
        reader = self.store.reader(question.now)
        spans = tuple(
            (f, t) for source, f, t, _ in spans_of(reader, table, security_id) if source not in asked
        )
        self._spans[table, security_id] = (snapshot, spans)
        return spans

    # -- the sources one after another ---------------------------------------------------------------

    def _ask(self, question: Question, missing: list[Range]) -> Outcome:
        outcome, held = Outcome(missing=tuple(missing)), self._held(question)
        holders = dict.fromkeys(record.source for record in reversed(held.records))
        for info in self.candidates(question.dataset, question.subject, tuple(holders)):
            service = info.serves(question.dataset, question.subject.asset_class)
            pieces = _within_reach(list(outcome.missing), service, question)
            if not pieces:
                continue
            failure = self.why_not(info) or self._asked_in_vain(info, question)
            if failure is not None:
                outcome = replace(outcome, failures=(*outcome.failures, failure))
                continue
            outcome = self._ask_one(info, question, held, pieces, outcome)
            if not outcome.missing:
                break
        return outcome

    def _asked_in_vain(self, info: SourceInfo, question: Question) -> Failure | None:
        until = self._silent.get((info.name, *question.name), 0.0)
        if question.refresh or time.monotonic() >= until:
            return None
        why = f"{info.title} had no newer {question.dataset} of {question.subject.ticker} a moment ago"
        return Failure(info.name, Kind.NOT_FOUND, why, asked=False)

    def _ask_one(
        self, info: SourceInfo, question: Question, held: Held, pieces: list[Range], outcome: Outcome
    ) -> Outcome:
        """All pieces from one source, up to its first failure."""
        fallback = bool(outcome.asked)
        for at, piece in enumerate(pieces):
            question.progress(
                at, len(pieces), f"asking {info.name} for {question.subject.ticker} {question.dataset}"
            )
            base = max((record.seq for record in held.records if record.source == info.name), default=0)
            ranged = question.dataset in RANGED
            start = piece[0] if piece[0] > FIRST_DAY else None
            asked = Asked(
                info.name, question.dataset, question.subject, start if ranged else question.start,
                piece[1] if ranged else question.end, question.detail, base=base,
            )  # fmt: skip
            started = time.perf_counter()
            try:
                batch, settled = self._answer(info, question, asked, piece, held)
                result = self._written(info, batch)
            except SourceError as error:
                fault = named(info, error)
                self._audit(asked, started, fallback, outcome=fault.kind.value, why=str(fault))
                if fault.kind is Kind.CANCELLED or question.cancelled():
                    raise
                self._breaker.failed(info.name, fault)
                tried = fault.kind is not Kind.NOT_SERVED
                failure = Failure(info.name, fault.kind, str(fault), asked=tried)
                return replace(outcome, failures=(*outcome.failures, failure))
            except StoreError as error:
                self._audit(asked, started, fallback, outcome="not written", why=str(error))
                raise
            self._breaker.answered(info.name)
            rows = 0 if result.duplicate else sum(result.rows.values())
            aside = sum(0 if q.rows is None else q.rows.height for q in batch.quarantined)
            self._audit(
                asked, started, fallback, outcome="answered", rows=rows, answer_hash=batch.answer_hash,
                seq=result.seq, quarantined=aside,
            )  # fmt: skip
            left = ranges.without(outcome.missing, [settled] if settled else [])
            if ranged and left and any(part[0] <= piece[1] and part[1] >= piece[0] for part in left):
                self._silent[(info.name, *question.name)] = time.monotonic() + QUIET
            outcome = replace(
                outcome, source=info.name, rows=outcome.rows + rows, seq=max(outcome.seq, result.seq),
                quarantined=outcome.quarantined + aside, fallback=fallback, missing=tuple(left),
            )  # fmt: skip
        return outcome

    def _answer(
        self, info: SourceInfo, question: Question, asked: Asked, piece: Range, held: Held
    ) -> tuple[Batch, Range | None]:
        """Ask, check and merge; the batch to write, and what of the range it settles."""
        calendars = StoreCalendars(self.store.reader(question.now).calendars.get)
        access = WebAccess(
            info=info, client=self._client, now=question.now, calendars=calendars,
            secrets=self._keys.secrets(info), base_urls=self._base_urls.get(info.name, {}),
            progress=question.progress, cancelled=question.cancelled, contact=self.choices.contact,
        )  # fmt: skip
        request = Request(question.dataset, question.subject, asked.start, asked.end, question.detail)
        try:
            answer = self._known()[info.name].fetch(request, access)
            settled: Range | None = piece
            if question.dataset in RANGED:
                frame = answer.frames.get(RANGED[question.dataset])
                last = ranges.last_session(frame, RANGED[question.dataset])
                if last is None and not held.ranges:
                    what = f"{question.dataset} of {question.subject.ticker}"
                    raise SourceError(
                        Kind.NOT_FOUND, f"{info.title} has no {what} from {piece[0]} to {piece[1]}"
                    )
                given = (max(piece[0], answer.start or piece[0]), min(piece[1], answer.end or piece[1]))
                settled = ranges.settled_by(given, last, question.now)
            asked = replace(asked, covered=settled)
            return merged(self.store, answer, asked, question.now, calendars), settled
        except (SourceError, StoreError):
            raise
        except ProviderError as fault:  # ours and not the source's: the limits cannot be kept
            raise SourceError(Kind.REFUSED, str(fault), source=info.name) from fault
        except Exception as fault:  # a source's code met an answer that it does not know
            name = type(fault).__name__
            raise SourceError(
                Kind.MALFORMED,
                f"{info.title} answered what cannot be read ({name}: {fault})",
                source=info.name,
            ) from fault

    def _written(self, info: SourceInfo, batch: Batch) -> CommitResult:
        """The commit of an answer. Rows that fit no table are a fault of the source, not of the store."""
        try:
            return self._commit(batch)
        except BadBatch as fault:
            why = f"{info.title} answered rows that cannot be kept ({fault}): nothing of it was written"
            raise SourceError(Kind.MALFORMED, why, source=info.name) from fault

    def _audit(
        self, asked: Asked, started: float, fallback: bool, **facts: str | int | float | bool | None
    ) -> None:
        self.store.audit.record(
            "fetch",
            source=asked.source,
            dataset=f"{asked.dataset} {asked.detail}".strip(),
            symbol=asked.subject.ticker,
            start=asked.start.isoformat() if asked.start else None,
            end=asked.end.isoformat() if asked.end else None,
            fallback=fallback,
            key_from=self._keys.origin(self._known()[asked.source].info) or None,
            seconds=round(time.perf_counter() - started, 3),
            **facts,
        )


def _within_reach(parts: Iterable[Range], service: Service | None, question: Question) -> list[Range]:
    """What of the ranges a source reaches back to."""
    if service is None:
        return []
    if service.history_days is None:
        return list(parts)
    earliest = question.now.date() - timedelta(days=service.history_days)
    if question.dataset not in RANGED:
        return [part for part in parts if part[1] >= earliest]
    return [(max(start, earliest), end) for start, end in parts if end >= earliest]
