"""One analyst's desk: the clock, the loaded security, the page on screen. It knows no widget."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.actions import chosen_line
from engine.assumed import told
from engine.clock import end_of_day, parse_instant, utc_now
from engine.command import Choice, Command, SecurityWord, parse
from engine.context import Context, no_progress
from engine.directories import Directories
from engine.documents import HISTORY_KEPT, keep_lines, keep_preference, read_lines, read_preferences
from engine.errors import AsofError, CommandError, DataError
from engine.fetching import tell_mixed
from engine.history import tell_stale
from engine.lineage import lineage_of, record_of
from engine.page import Page, SecurityRef
from engine.registry import Registry, registry
from engine.secret_lines import REFUSED, holds_secret
from engine.securities import Directory
from engine.seen import SeenPages
from engine.settle import pointing, settle
from engine.standing import Standing

if TYPE_CHECKING:
    from engine.completion import Completion
    from engine.rendering import Renderer
    from providers.router import Router
    from store import Store

Progress = Callable[[int, int, str], None]


class Desk:
    """Runs command lines against one store. ``run`` may be called from any thread, one at a time.

    Parameters
    ----------
    store : the point-in-time store
    user : whose preferences, watchlists and history these are
    clock : the present, handed in so that tests can hold it
    router : the way to the sources; without one nothing is fetched
    program : the words that start ``asof`` again, for work that outlives the desk
    renderers : by format, what writes pages as files that the engine cannot write itself
    """

    def __init__(
        self,
        store: Store,
        user: str,
        *,
        clock: Callable[[], datetime] = utc_now,
        router: Router | None = None,
        program: tuple[str, ...] = (),
        renderers: Mapping[str, Renderer] | None = None,
    ) -> None:
        self.store, self.user, self.clock, self.router = store, user, clock, router
        self.program, self.renderers = program, renderers or {}
        self.refresh = False  # ask the sources again for every page, also for what is held
        self.state = store.state(user)
        self.asof: datetime | None = None
        self.recorded: datetime | None = None
        self.security: SecurityRef | None = None
        self.page: Page | None = None
        self.recent: list[SecurityRef] = []
        self.history = self._kept_history = read_lines(self.state)
        self.preferences, self.unread = read_preferences(self.state)
        for sentence in self.unread:
            from engine.log import log

            log(store.home, user, "setting passed over", "warning", why=sentence)
        self._running = threading.Lock()
        self._seen = SeenPages(store)
        self._subject: Page | None = None
        self._directories = Directories()
        self._names: Directory | None = None  # at the desk's own clock, for completion

    # -- the clock ---------------------------------------------------------------------------------

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.preferences["timezone"])

    @property
    def functions(self) -> Registry:
        return registry()

    def instant(self, text: str) -> datetime | None:
        """The instant that a typed word means at this desk; None is NOW.

        Raises ValueError with a sentence where it means none, or the future.
        """
        word, now = text.strip().upper(), self.clock()
        if word in ("NOW", "LIVE"):
            return None
        if word in ("TODAY", "YESTERDAY"):
            today = now.astimezone(self.zone).date()
            if word == "TODAY":
                return None
            return end_of_day(type(today).fromordinal(today.toordinal() - 1), self.zone)
        instant = parse_instant(text, self.zone)
        if instant is None:
            raise ValueError(f"{text!r} is not a date, a date and time, or NOW")
        if instant > now:
            if instant.astimezone(self.zone).date() == now.astimezone(self.zone).date():
                return None
            raise ValueError(f"{text} lies in the future: the clock goes no later than now")
        return instant

    # -- running -----------------------------------------------------------------------------------

    def run(
        self,
        line: str | Command,
        *,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
        asked: bool = True,
    ) -> Page:
        """Run one line and answer its page, which becomes the page on screen. Where nobody ``asked`` (a page that
        is shown anew by itself) it goes neither into the history nor, unless it fails, into the log.

        Raises
        ------
        AsofError
            CommandError (the line), DataError (the store), Cancelled; the desk is then as it was.
        """
        from store.errors import StoreError

        with self._running:
            text, started = line if isinstance(line, str) else line.canonical(), time.perf_counter()
            if holds_secret(text):  # before anything could log it
                raise CommandError(REFUSED)
            try:
                command = self.parse(line) if isinstance(line, str) else line
                page = self._run(command, progress or no_progress, cancelled or (lambda: False))
            except StoreError as fault:
                self._log(text, started, "error", failure=type(fault).__name__, why=str(fault))
                raise DataError(str(fault)) from fault
            except BaseException as fault:
                level = "warning" if isinstance(fault, AsofError) else "error"
                self._log(text, started, level, failure=type(fault).__name__, why=str(fault))
                raise
            if page.lineage is not None and command.function.changes:
                self.directory()  # the clock may have moved: completion offers the names of the new one
            if asked:
                self._log(text, started, "info")
                if isinstance(line, str) and line.strip():
                    self.remember(line.strip())
            return page

    def _log(self, line: str, started: float, level: str, **more: str) -> None:
        from engine.log import log

        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        clock = self.asof.isoformat() if self.asof else "NOW"
        event = "ran" if level == "info" else "failed"
        told = {"command": line, "milliseconds": milliseconds, "asof": clock, **more}
        log(self.store.home, self.user, event, level, **told)

    def parse(self, line: str) -> Command:
        """The command of a line; a number typed alone becomes the row's or the screen's command."""
        parsed = parse(line, self.functions)
        if isinstance(parsed, Choice):
            chosen = parse(chosen_line(parsed, self.page), self.functions)
            if isinstance(chosen, Choice):
                raise CommandError("That row leads nowhere.", line, 0, len(line))
            return chosen
        return parsed

    def _run(self, command: Command, progress: Progress, cancelled: Callable[[], bool]) -> Page:
        function = command.function
        shown = self.page.lineage if function.on_page and self.page is not None else None
        if function.on_page and shown is None:
            raise CommandError(
                f"{function.mnemonic} works on the page on screen, and there is none yet.",
                command.line, 0, len(command.line), ("AAPL GP",),
            )  # fmt: skip
        if shown is not None:
            context = self.context(shown.asof, shown.snapshot, shown.recorded, live=shown.live)
        else:
            context = self.context(self.asof, None, self.recorded)
            self._names = context.directory
        context.progress, context.cancelled, context.page = progress, cancelled, self.page
        return self._finish(*self._fetched(command, context, pinned=shown is not None))

    def run_at(
        self,
        command: Command,
        like: Context,
        *,
        asof: datetime | None,
        snapshot: int | None = None,
        recorded: datetime | None = None,
        live: bool | None = None,
        securities: tuple[SecurityRef, ...] = (),
    ) -> Page:
        """Run ``command`` at another clock without moving the desk: for ASOF, ASOF DIFF and OPEN.

        ``securities`` are followed by their permanent ids, whatever they were called at that clock.
        """
        context = self.context(asof, snapshot, recorded, live=live)
        context.progress, context.cancelled, context.page = like.progress, like.cancelled, self.page
        if securities and command.securities:
            command = replace(command, securities=self._renamed(securities, context))
        return self._finish(*self._fetched(command, context, pinned=snapshot is not None), keep=False)

    def _renamed(self, securities: tuple[SecurityRef, ...], context: Context) -> tuple[SecurityWord, ...]:
        """What the securities were called at the context's clock; those not known then are left out."""
        known = [context.directory.by_id(ref.security_id) for ref in securities]
        words = tuple(SecurityWord(s.ref.ticker, s.ref.market) for s in known if s is not None)
        if not words:
            one = len(securities) == 1
            which = (
                f"{securities[0].ticker} was not known" if one else "None of the page's securities was known"
            )
            raise DataError(f"{which} as of {context.when}, under this name or another.")
        if len(words) < len(securities):
            left_out = len(securities) - len(words)
            context.note(
                f"{left_out} of the page's securities were not known as of {context.when}.", passing=True
            )
        return words

    def subject(self) -> Page | None:
        """The page that ASOF moves: the one on screen, or the last before it that shows data."""
        return self.page if self.page is not None and self._is_subject(self.page) else self._subject

    def _is_subject(self, page: Page) -> bool:
        function = self.functions.get(page.function)
        return function is not None and not (function.on_page or function.changes)

    def context(
        self, asof: datetime | None, snapshot: int | None, recorded: datetime | None, live: bool | None = None
    ) -> Context:
        """A run's view of the store, pinned to one instant and one snapshot."""
        reader = self.store.reader(
            asof or self.clock(), snapshot=snapshot, recorded=recorded, hot=self.store.hot
        )
        return Context(
            reader=reader, directory=self._directories.at(reader), zone=self.zone,
            live=asof is None if live is None else live,
            preferences=dict(self.preferences), user=self.user, desk=self,
        )  # fmt: skip

    def _settled(self, command: Command, context: Context) -> Command:
        return settle(command, context, self.security, self.functions)

    def _fetched(self, command: Command, context: Context, *, pinned: bool) -> tuple[Context, Command]:
        """The command made whole, after what it needs is fetched; where something came, at the store as it is
        then. A page of a snapshot, or of what was recorded by a day, is never fetched for."""
        settled = self._settled(command, context)
        asked = settled.args.get("refresh") is not None or self.refresh
        if settled.args.get("refresh") is not None:
            settled = replace(settled, args={**settled.args, "refresh": None})
        needs = command.function.needs
        if needs is None or self.router is None or pinned or context.reader.recorded is not None:
            return context, settled
        from engine.fetching import fetch

        try:
            wanted = needs(context, settled.args)
        except CommandError as fault:
            raise pointing(fault, settled) from fault
        fetching = fetch(context, wanted, self.router, refresh=asked)
        if fetching.newest > context.reader.snapshot:
            then, moved = context, context.live
            context = self.context(None if moved else then.asof, None, None, live=moved)
            context.progress, context.cancelled, context.page = then.progress, then.cancelled, then.page
            settled = replace(self._settled(command, context), args=settled.args)
        context.notes += fetching.notes
        context.unfetched = fetching.why
        return context, settled

    def _finish(self, context: Context, command: Command, *, keep: bool = True) -> Page:
        function, started = command.function, time.perf_counter()
        try:
            page = function.run(context, command.args)
        except CommandError as fault:
            raise pointing(fault, command) from fault
        except DataError as fault:
            if not context.unfetched:
                raise
            raise DataError(f"{fault} {context.unfetched}") from fault
        page = told(page, function, command.args)
        tell_stale(context)
        tell_mixed(context)
        if context.made_by is not None:
            context.securities, args = context.made_by
            words = tuple(SecurityWord(ref.ticker, ref.market) for ref in context.securities)
            command = replace(command, securities=words, args=args)
        if page.lineage is None:  # ASOF and OPEN answer pages that another run made
            about = context.securities[0] if context.securities and function.security != "none" else None
            page = replace(
                page,
                function=function.mnemonic,
                security=page.security or about,
                securities=page.securities or context.securities,
                notes=(*page.notes, *(n for n in context.notes if n not in page.notes)),
                lineage=lineage_of(context, command, self.store.id, time.perf_counter() - started),
            )
        if keep:
            self.show(page)
            self.remember_page(page)
        return page

    def remember_page(self, page: Page) -> None:
        """Remember the page's id, so that OPEN finds it: of every page that a reader has seen."""
        if page.lineage is not None and self._is_subject(page):
            self._seen.add(record_of(page, page.lineage, self.user, self.clock()))

    def drain(self) -> None:
        """Write the ids of pages that still wait to be."""
        self._seen.drain()

    def close(self) -> None:
        """Write what is still queued."""
        from engine.log import close_logs

        self.drain()
        close_logs()

    def show(self, page: Page) -> None:
        """``page`` is on screen now: by a run, or because the reader went back to it."""
        self.page = page
        if self._is_subject(page):
            self._subject = page
        for ref in reversed(page.securities[1:]):
            self._touch(ref)
        if page.security is not None:
            self.load(page.security)

    def load(self, ref: SecurityRef) -> None:
        """Make ``ref`` the security that functions without one are about."""
        self.security = ref
        self._touch(ref)

    def _touch(self, ref: SecurityRef) -> None:
        self.recent = [ref, *(r for r in self.recent if r.security_id != ref.security_id)][:30]

    # -- what completion and the front ends ask -------------------------------------------------------

    def directory(self) -> Directory:
        """Securities as of the desk's clock."""
        reader = self.store.reader(self.asof or self.clock(), recorded=self.recorded, hot=self.store.hot)
        self._names = self._directories.at(reader)
        return self._names

    def complete(self, line: str, cursor: int, limit: int = 8) -> list[Completion]:
        """What could be typed next; plain Python over what is already in memory."""
        return self.standing().complete(line, cursor, limit)

    def standing(self) -> Standing:
        """The desk as it stands, for other threads: to be taken on the one that runs its lines."""
        names, loaded = self._names, self.security
        known = names.by_id(loaded.security_id) if names is not None and loaded is not None else None
        return Standing(
            asof=self.asof,
            security=known.ref if known is not None else loaded if names is None else None,
            zone=self.zone,
            preferences=dict(self.preferences),
            functions=self.functions,
            names=names,
            recent=tuple(self.recent),
            history=tuple(self.history),
            working=self._working(),
        )

    def _working(self) -> str:
        """How many of the user's jobs run now."""
        count = sum(job.state == "running" for job in self.store.jobs.list(20, self.user))
        return "" if not count else "1 job running" if count == 1 else f"{count} jobs running"

    # -- what is kept ----------------------------------------------------------------------------------

    def remember(self, line: str) -> None:
        """Put a line into the history, newest last, each line once."""
        self.history = [*(old for old in self.history if old != line), line][-HISTORY_KEPT:]

    def save_history(self) -> None:
        self.history = self._kept_history = keep_lines(self.state, self._kept_history, self.history)

    def set_preference(self, name: str, text: str) -> str:
        """Check and keep one preference; raises ValueError with a sentence."""
        value = keep_preference(self.state, name, text)
        self.preferences, self.unread = read_preferences(self.state)
        return value
