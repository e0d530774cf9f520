"""Securities as they were called at the clock: looked up by ticker or name, searched as one types.

A directory is plain Python over the store's ``securities`` rows known at T, so that completion answers
every key without a frame library.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from engine.page import SecurityRef


@dataclass(frozen=True, slots=True)
class Naming:
    """What a security was called from a date on."""

    valid_from: date
    ticker: str
    name: str
    market: str
    asset_class: str
    exchange: str = ""
    currency: str = ""
    unit: str = ""
    calendar: str = ""
    listing_date: date | None = None
    delisting_date: date | None = None
    delisting_reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Security:
    """A permanent id and all its namings known at the clock, oldest first."""

    ref: SecurityRef
    namings: tuple[Naming, ...]

    @property
    def current(self) -> Naming:
        return self.namings[-1]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A security found, and what the reader should know about how."""

    security: Security
    note: str = ""


class UnknownSecurity(LookupError):
    """No security answers to a word: ``near`` are tickers that come close, ``ties`` those that all match."""

    def __init__(self, message: str, near: tuple[str, ...] = (), ties: tuple[SecurityRef, ...] = ()) -> None:
        super().__init__(message)
        self.near, self.ties = near, ties


class Directory:
    """Every security known at one clock."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], today: date) -> None:
        """``rows``: dicts of the store's ``securities`` table; ``today``: the clock's date."""
        namings: dict[int, list[Naming]] = {}
        fields = Naming.__slots__
        for row in rows:
            if row["valid_from"] <= today:
                known = {name: row[name] for name in fields if row.get(name) is not None}
                namings.setdefault(row["security_id"], []).append(Naming(**known))
        self._by_id: dict[int, Security] = {}
        self._current: dict[str, list[int]] = {}
        self._former: dict[str, list[tuple[int, date]]] = {}
        words: list[tuple[str, int]] = []
        for security_id, history in namings.items():
            history.sort(key=lambda naming: naming.valid_from)
            last = history[-1]
            ref = SecurityRef(
                security_id,
                last.ticker,
                last.market,
                last.name,
                last.asset_class,
                last.currency,
                last.exchange,
            )
            self._by_id[security_id] = Security(ref, tuple(history))
            self._current.setdefault(last.ticker.upper(), []).append(security_id)
            for earlier, later in pairwise(history):
                if earlier.ticker != later.ticker:
                    self._former.setdefault(earlier.ticker.upper(), []).append(
                        (security_id, later.valid_from)
                    )
            words += [(word, security_id) for word in _search_words(last.name)]
        words.sort()
        self._tickers = sorted(self._current)
        self._words = words

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterable[Security]:
        return iter(self._by_id.values())

    def by_id(self, security_id: int) -> Security | None:
        return self._by_id.get(security_id)

    def resolve(self, text: str, market: str = "") -> Resolved:
        """The security that ``text`` names at this clock: current ticker, former ticker, or name.

        Raises
        ------
        UnknownSecurity
            None does, or several do and ``market`` does not tell them apart.
        """
        key = text.strip().upper()
        found = [i for i in self._current.get(key, ()) if _serves(self._by_id[i].ref, market)]
        if len(found) == 1:
            return Resolved(self._by_id[found[0]])
        if len(found) > 1:
            ties = tuple(self._by_id[i].ref for i in found)
            choices = ", ".join(ref.label for ref in ties)
            raise UnknownSecurity(f"{text} is the ticker of several securities: {choices}.", ties=ties)
        former = [(i, day) for i, day in self._former.get(key, ()) if _serves(self._by_id[i].ref, market)]
        if former:
            security_id, day = max(former, key=lambda pair: pair[1])
            security = self._by_id[security_id]
            note = (
                f"{key} was the ticker of {security.ref.name} until {day}; it is {security.ref.ticker} since."
            )
            return Resolved(security, note)
        named = self._by_name(key, market)
        if len(named) == 1:
            return Resolved(self._by_id[named[0]])
        if len(named) > 1:
            ties = tuple(self._by_id[i].ref for i in named[:8])
            raise UnknownSecurity(f"{text!r} begins the names of several securities.", ties=ties)
        raise UnknownSecurity(f"{text!r} is not the ticker or name of a security", near=self._near(key))

    def unambiguous(self, ticker: str) -> bool:
        """One security, and one only, answers to ``ticker``."""
        return len(self._current.get(ticker.upper(), ())) == 1

    def search(self, text: str, limit: int = 8) -> list[SecurityRef]:
        """Securities whose ticker, or a word of whose name, begins with ``text``: tickers first."""
        key = text.strip().upper()
        found: dict[int, None] = {}
        for at in range(bisect_left(self._tickers, key), len(self._tickers)):
            if not self._tickers[at].startswith(key) or len(found) >= limit:
                break
            found.update(dict.fromkeys(self._current[self._tickers[at]]))
        for at in range(bisect_left(self._words, (key, -1)), len(self._words)):
            word, security_id = self._words[at]
            if not word.startswith(key) or len(found) >= limit or not key:
                break
            found[security_id] = None
        return [self._by_id[i].ref for i in found][:limit]

    def _by_name(self, key: str, market: str) -> list[int]:
        if len(key) < 3:
            return []
        matches = [
            i for i, security in self._by_id.items()
            if security.ref.name.upper().startswith(key) and _serves(security.ref, market)
        ]  # fmt: skip
        exact = [i for i in matches if self._by_id[i].ref.name.upper() == key]
        return exact or matches

    def _near(self, key: str) -> tuple[str, ...]:
        pool = [
            t for t in self._tickers if abs(len(t) - len(key)) <= 1 and (t[:1] == key[:1] or len(key) < 3)
        ]
        return tuple(get_close_matches(key, pool[:2000], n=3, cutoff=0.6))


def _serves(ref: SecurityRef, market: str) -> bool:
    """``EQUITY`` takes any country's equities, ``US EQUITY`` only that country's."""
    return not market or ref.market == market or ref.market.endswith(" " + market)


def _search_words(name: str) -> set[str]:
    """A name from each of its words on, so that ``inter`` and ``business`` both find IBM."""
    upper = name.upper()
    return {upper[at:] for at in range(len(upper)) if at == 0 or upper[at - 1] in " -./&("}
