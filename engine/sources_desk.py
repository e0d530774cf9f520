"""What KEYS works on: the keys, choices and limits of one user, as the desk's router has them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.context import Context
    from providers.choices import Choices
    from providers.keys import Keys
    from providers.limits import RateLimits
    from providers.source import Source, SourceInfo
    from store.state import UserState


@dataclass(frozen=True, slots=True)
class SourcesDesk:
    """Keys, choices and limits. Faults come out as DataError."""

    keys: Keys
    state: UserState
    limits: RateLimits
    router: Any  # None where nothing is fetched

    @property
    def choices(self) -> Choices:
        from providers.choices import read_choices

        return read_choices(self.state)

    def sources(self) -> Mapping[str, Source]:
        from providers.sources import sources

        return sources()

    def info(self, name: str) -> SourceInfo:
        source = self.sources().get(name.lower())
        if source is None:
            raise DataError(f"There is no source {name}. KEYS lists those that there are.")
        return source.info

    def ready(self, info: SourceInfo) -> str:
        """What it still needs, as a sentence; empty where it can be asked."""
        from providers.choices import ready

        return ready(info, self.keys, self.choices)

    # -- changes -------------------------------------------------------------------------------------

    def put(self, info: SourceInfo, values: Mapping[str, str], passphrase: str) -> str:
        with _told():
            return self.keys.put(info, values, passphrase=passphrase)

    def forget(self, info: SourceInfo) -> tuple[str, ...]:
        with _told():
            return self.keys.forget(info)

    def unlock(self, passphrase: str) -> None:
        with _told():
            self.keys.unlock(passphrase)

    def allow(self, info: SourceInfo, allowed: bool) -> None:
        from dataclasses import replace

        from providers.choices import write_choices

        chosen = self.choices
        names = chosen.allowed | {info.name} if allowed else chosen.allowed - {info.name}
        write_choices(self.state, replace(chosen, allowed=names))

    def set_contact(self, mail: str) -> None:
        from dataclasses import replace

        from providers.choices import write_choices

        write_choices(self.state, replace(self.choices, contact=mail))


@contextmanager
def _told() -> Iterator[None]:
    from providers.base import ProviderError

    try:
        yield
    except ProviderError as fault:
        sentence = str(fault)
        raise DataError(f"{sentence[:1].upper()}{sentence[1:]}.") from None


@contextmanager
def sources_desk(context: Context) -> Iterator[SourcesDesk]:
    """The keys that the desk's router uses; without a router those of this program."""
    from providers.keys import session_keys
    from providers.limits import RateLimits

    store, router = context.desk.store, getattr(context.desk, "router", None)
    keys = getattr(router, "keys", None) or session_keys()
    limits = RateLimits(store.home / "limits.sqlite", context.user)
    try:
        yield SourcesDesk(keys, store.state(context.user), limits, router)
    finally:
        limits.close()
