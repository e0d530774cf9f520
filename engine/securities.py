"""Securities as they were called at the clock: looked up by ticker or name, searched as one types.

A directory is plain Python over the store's ``securities`` rows known at T, so that completion answers
every key without a frame library.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
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
    """No security answers to a word: ``near`` are those that come close, ``ties`` those that all match."""

    def __init__(
        self, message: str, near: tuple[SecurityRef, ...] = (), ties: tuple[SecurityRef, ...] = ()
    ) -> None:
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
        names: list[tuple[str, int]] = []
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
            names.append((last.name.upper(), security_id))
        self._tickers = sorted(self._current)
        self._words, self._names = sorted(words), sorted(names)
        self._today = today

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Security]:
        return iter(self._by_id.values())

    def by_id(self, security_id: int) -> Security | None:
        return self._by_id.get(security_id)

    def resolve(self, text: str, market: str = "", *, quoted: bool = False) -> Resolved:
        """The security that ``text`` names at this clock: its current ticker, a former one, or, where the
        text was quoted, a name or the beginning of one.

        A bare word is never taken for the beginning of a name: ``GEN`` is not General Electric.

        Raises
        ------
        UnknownSecurity
            None does, or several do and ``market`` does not tell them apart.
        """
        key = text.strip().upper()
        found, note = self._find(key, market, quoted)
        if len(found) == 1:
            return Resolved(self._by_id[found[0]], note)
        if found:
            ties = tuple(self._by_id[i].ref for i in found[:8])
            if ties[0].ticker.upper() == key:
                raise UnknownSecurity(f"{text} is the ticker of several securities.", ties=ties)
            raise UnknownSecurity(f"{text!r} begins the names of several securities.", ties=ties)
        near = self._near(key, market)
        of = f"{market} security" if market else "security"
        if near and near[0].ticker.upper() == key:
            message = f"{near[0].label} is no {market}"
        elif quoted:
            message = f"{text!r} is neither the ticker of a {of} nor the beginning of a name"
        else:
            message = f"{text!r} is not the ticker of a {of}"
        raise UnknownSecurity(message, near)

    def knows(self, text: str, market: str = "", *, quoted: bool = False) -> bool:
        """Whether ``resolve`` answers: cheap, since nothing is looked for that comes near."""
        return len(self._find(text.strip().upper(), market, quoted)[0]) == 1

    def _find(self, key: str, market: str, quoted: bool) -> tuple[list[int], str]:
        """The securities that answer to ``key``, and what the reader should know about how."""
        current = [i for i in self._current.get(key, ()) if _serves(self._by_id[i].ref, market)]
        if current:
            return self._holders(current), ""
        former = [(day, i) for i, day in self._former.get(key, ()) if _serves(self._by_id[i].ref, market)]
        if former:
            (day, last), *others = sorted(former, reverse=True)
            ref = self._by_id[last].ref
            note = f"{key} was the ticker of {ref.name} until {day}; it is {ref.ticker} since."
            earlier = dict.fromkeys(self._by_id[i].ref.name for _, i in others if i != last)
            if earlier:
                note += f" Before, it was the ticker of {', '.join(earlier)}."
            return [last], note
        return (self._named(key, market) if quoted else []), ""

    def _holders(self, found: list[int]) -> list[int]:
        """Of the securities of one ticker in one market, those that still hold it: a ticker that a
        delisting set free may be given to another; where all are delisted, the last that held it."""
        if len(found) == 1 or len({self._by_id[i].ref.market for i in found}) > 1:
            return found
        ends = {i: self._by_id[i].current.delisting_date or date.max for i in found}
        listed = [i for i in found if ends[i] > self._today]
        return listed or [max(found, key=lambda i: (ends[i], i))]

    def unambiguous(self, ticker: str) -> bool:
        """One security, and one only, answers to ``ticker``."""
        return len(self._holders(self._current.get(ticker.upper(), []))) == 1

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

    def _named(self, key: str, market: str) -> list[int]:
        """Securities of just this name, or else those whose names begin with it."""
        exact: list[int] = []
        begun: list[int] = []
        for at in range(bisect_left(self._names, (key, -1)), len(self._names)):
            name, security_id = self._names[at]
            if not name.startswith(key):
                break
            if _serves(self._by_id[security_id].ref, market):
                (exact if name == key else begun).append(security_id)
        return exact or (begun if len(key) >= 3 else [])

    def _near(self, key: str, market: str) -> tuple[SecurityRef, ...]:
        """The same ticker in other markets, then tickers spelled alike, then names that begin so."""
        ids = list(self._current.get(key, ()))
        pool = [
            t for t in self._tickers if abs(len(t) - len(key)) <= 1 and (t[:1] == key[:1] or len(key) < 3)
        ]
        served = [t for t in pool if any(_serves(self._by_id[i].ref, market) for i in self._current[t])]
        for ticker in get_close_matches(key, served[:2000], n=3, cutoff=0.6):
            ids += [i for i in self._current[ticker] if _serves(self._by_id[i].ref, market)]
        if len(key) >= 3:
            ids += self._named(key, market)[:3]
        return tuple(self._by_id[i].ref for i in dict.fromkeys(ids))


def _serves(ref: SecurityRef, market: str) -> bool:
    """``EQUITY`` takes any country's equities, ``US EQUITY`` only that country's."""
    return not market or ref.market == market or ref.market.endswith(" " + market)


def _search_words(name: str) -> set[str]:
    """A name from each of its words on, so that ``inter`` and ``business`` both find IBM."""
    upper = name.upper()
    return {upper[at:] for at in range(len(upper)) if at == 0 or upper[at - 1] in " -./&("}
