"""What a source declares, what it is asked, and what it answers.

A source is one file in ``providers/`` with a ``SOURCE``. It maps outside answers to the store's canonical
frames and nothing else: where bytes come from, limits, keys, retries and checks are the same for all
(``access.py``, ``http.py``, ``router.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from store.batch import Quarantined

if TYPE_CHECKING:
    import polars as pl

    from providers.clocks import Calendars

# What can be asked for, and the tables that answers may fill.
DATASETS: Mapping[str, tuple[str, ...]] = {
    "lookup": ("securities", "profiles", "listings"),
    "bars": ("bars", "actions", "securities"),
    "intraday": ("bars_intraday",),
    "closes": ("closes",),
    "actions": ("actions", "mergers"),
    "options": ("option_quotes",),
    "futures": ("futures_contracts", "futures_bars"),
    "profile": ("profiles", "securities"),
    "facts": ("facts", "filings"),
    "filings": ("filings", "securities", "profiles"),
    "listings": ("listings", "securities"),
    "membership": ("membership", "securities"),
    "observations": ("observations", "securities"),
    "curve": ("yield_curves", "securities"),
    "factors": ("factor_returns", "securities"),
    "news": ("headlines", "securities"),
    "sentiment": ("sentiment",),
    "trends": ("trends",),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``calls`` within any ``seconds``, over all processes that share the key."""

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class KeyNeed:
    """The secret of a source: its parts and the environment variables they are looked for in."""

    fields: tuple[str, ...]  # ("key",) or ("id", "secret")
    variables: tuple[tuple[str, ...], ...]  # for each field the variables, first found wins
    where: str  # the page on which a key is had
    optional: bool = False  # works without, with less


@dataclass(frozen=True, slots=True)
class Service:
    """One data set that a source serves."""

    dataset: str
    asset_classes: tuple[str, ...] = ()  # empty: whatever the data set is about
    history: str = ""  # how far back, in words for a person
    history_days: int | None = None  # and in days before today; None: as far as there is
    note: str = ""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A source's declaration: what KEYS shows and the router goes by."""

    name: str  # "yahoo": typed, kept with every commit
    title: str
    base_urls: Mapping[
        str, str
    ]  # by role: {"": "https://api.example.com"}; tests put loopback in their place
    services: tuple[Service, ...]
    limits: tuple[Limit, ...]
    terms: str  # one sentence
    terms_url: str = ""
    key: KeyNeed | None = None
    consent: bool = False  # its terms want a person's yes before the first call (KEYS ALLOW name)
    contact: bool = False  # wants a mail address in the User-Agent
    experimental: bool = False
    max_bytes: int = 64 << 20  # of one answer
    carrier: str = ""  # the module whose CARRIER asks in place of our connections (carrier.py)

    def serves(self, dataset: str, asset_class: str = "") -> Service | None:
        """The service for a data set about an asset class, if there is one."""
        for service in self.services:
            fits = not service.asset_classes or not asset_class or asset_class in service.asset_classes
            if service.dataset == dataset and fits:
                return service
        return None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about, as the store calls it. ``identity`` is permanent, ``ticker`` today's."""

    identity: str  # "us-equity:AAPL", "fx:EURUSD", "crypto:BTCUSD", "macro:UNRATE", "curve:UST", "future:ES"
    ticker: str
    market: str = "US EQUITY"
    asset_class: str = "equity"
    name: str = ""
    currency: str = "USD"
    exchange: str = ""
    calendar: str = "XNYS"
    first_day: date | None = None  # since when the ticker names it, where a ticker was another's before
    last_day: date | None = None  # when it left the market: its ticker may be another's since


@dataclass(frozen=True, slots=True)
class Request:
    """One question: a data set about a subject from a day to a day (both included; None: all there is)."""

    dataset: str
    subject: Subject
    start: date | None = None
    end: date | None = None
    detail: str = ""  # intraday: the bar's interval; trends: the region; else empty


@dataclass(frozen=True, slots=True)
class Answer:
    """Canonical frames, keyed by ``identity`` instead of security_id, each row with known_at and known_basis.

    ``answer_hash`` names the bytes that came (``base.answer_hash``). ``start`` and ``end`` say what the
    answer covers where that is not what was asked. ``quarantined`` are rows that could not be mapped.
    """

    frames: Mapping[str, pl.DataFrame]
    answer_hash: str
    start: date | None = None
    end: date | None = None
    note: str = ""
    quarantined: tuple[Quarantined, ...] = ()
    positive: bool = True  # False where a price may stand at or below zero


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back over HTTP. ``url`` is fit to be shown: without secrets."""

    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)  # names in lower case
    content: bytes = field(repr=False)

    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The parsed body; SourceError (malformed) where it is not JSON, an HTML page among others."""
        import json

        from providers.errors import malformed

        try:
            return json.loads(self.content)
        except ValueError as error:
            start = self.content[:60].decode("utf-8", "replace").strip()
            what = "an HTML page" if start[:1] == "<" else f"{len(self.content):,} bytes that are no JSON"
            raise malformed(f"{self.url} answered {what}: {start!r}") from error


class Access(Protocol):
    """What a source is given for one request: the network, its key, the clock, and a way to be stopped."""

    now: datetime
    calendars: Calendars

    def get(
        self,
        path: str,
        params: Mapping[str, str | int | float] | None = None,
        *,
        role: str = "",
        headers: Mapping[str, str] | None = None,
        secret_params: Mapping[str, str] | None = None,
        secret_headers: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (200,),
    ) -> Reply:
        """GET ``path`` (from the base address of ``role``, or a whole address on one of them).

        Limits are waited for, what may pass is tried again, answers are bounded. Values of ``secret_params``
        and ``secret_headers`` never show in a log, an error or ``Reply.url``. A status outside ``accept``
        raises SourceError of the fitting kind.
        """

    def post(
        self,
        path: str,
        data: Mapping[str, str],
        *,
        role: str = "",
        headers: Mapping[str, str] | None = None,
        secret_headers: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (200,),
    ) -> Reply:
        """POST a form, for tokens."""

    def secret(self, field: str = "key") -> str:
        """A part of the source's key; SourceError (needs key) where none is set."""

    def has_secret(self, field: str = "key") -> bool: ...

    def progress(self, done: int, total: int, label: str) -> None: ...

    def check_cancelled(self) -> None: ...


class Source(Protocol):
    """One provider."""

    @property
    def info(self) -> SourceInfo: ...

    def fetch(self, request: Request, access: Access) -> Answer:
        """Ask and map. Raises SourceError; an answer without rows is an Answer with empty frames."""
