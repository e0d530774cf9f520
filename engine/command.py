"""The grammar of the command bar: one line in, a typed command out. Pure: no store, no clock.

    AAPL GP 5Y    GP AAPL 5Y    AAPL US EQUITY GP    AAPL    GP    ? GP    12

A word that is both a mnemonic and a ticker is the mnemonic where it comes first, unless a market word
follows it (``W US EQUITY``). Words that an argument recognises by their look (5Y, LOG, 50SMA) are that
argument; what is left over is securities. ``NAME=value`` always names an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from engine.errors import CommandError
from engine.function import Argument, Function, Kind
from engine.named import names_told, of_another
from engine.phrase import with_phrase
from engine.raw_line import raw_text
from engine.registry import Registry
from engine.values import MARKETS, OutOfRange, expected, join, looks_like_ticker, match, write
from engine.words import Word, quote, split_words

_COUNTRIES = ("US",)
DEFAULT_FUNCTION = "DES"


@dataclass(frozen=True, slots=True)
class SecurityWord:
    """A security as typed: not yet looked up."""

    text: str
    market: str = ""  # "EQUITY" or "US EQUITY" or ""
    quoted: bool = False  # in quotes, where the beginning of a name will do
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    def __str__(self) -> str:
        market_word = self.text.upper() in (*MARKETS, *_COUNTRIES)
        plain = looks_like_ticker(self.text) and not self.quoted and not market_word
        return f"{self.text if plain else quote(self.text, always=True)} {self.market}".rstrip()


@dataclass(frozen=True, slots=True)
class Command:
    """A parsed line. ``args`` holds only what was typed; the desk adds defaults."""

    function: Function
    securities: tuple[SecurityWord, ...] = ()
    args: Mapping[str, Any] = field(default_factory=dict)
    line: str = field(default="", compare=False)
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict, compare=False)  # words by argument
    bare: bool = field(default=False, compare=False)  # no function was typed: the default one runs

    def canonical(self) -> str:
        """One line with every argument named, which parses to an equal command."""
        parts = [self.function.mnemonic, *map(str, self.securities)]
        for argument in self.function.arguments:
            if argument.name not in self.args or self.args[argument.name] is None:
                continue
            value = self.args[argument.name]
            values = value if argument.many else (value,)
            parts += [f"{argument.name.upper()}={quote(write(each))}" for each in values]
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Choice:
    """A number typed alone: the row (1 to 89) or the screen action (90s) to choose."""

    number: int
    line: str = field(default="", compare=False)


def parse(line: str, functions: Registry) -> Command | Choice:
    """The command that ``line`` says.

    Raises
    ------
    CommandError
        With the word at fault and the nearest valid lines: each of them parses, and none is ``line``.
    """
    try:
        return _parse(line, functions)
    except CommandError as fault:
        fault.suggestions = fitting(line, fault.suggestions, lambda each: parses(each, functions) is not None)
        raise


def parses(line: str, functions: Registry) -> Command | Choice | None:
    """The command that ``line`` says, or None where it says none."""
    try:
        return _parse(line, functions, helping=False)
    except CommandError:
        return None


def fitting(
    line: str, candidates: Iterable[str], fits: Callable[[str], bool], most: int = 4
) -> tuple[str, ...]:
    """The candidates, each once, that differ from ``line`` by more than case and blanks, and that ``fits``
    accepts: at most ``most`` of them, in their order."""
    seen, taken = {_folded(line)}, list[str]()
    for candidate in candidates:
        whole = candidate.strip()
        if len(taken) == most or _folded(whole) in seen:
            continue
        seen.add(_folded(whole))
        if fits(whole):
            taken.append(whole)
    return tuple(taken)


def _folded(line: str) -> str:
    return " ".join(line.upper().split())


def _parse(line: str, functions: Registry, *, helping: bool = True) -> Command | Choice:
    if raw := raw_text(line, functions):
        function, text, at = raw
        return Command(function, (), {function.raw: text}, line, {function.raw: (at, at + len(text))})
    words = _unglue(split_words(line))
    if not words:
        raise CommandError(
            "Nothing typed. Type a security (AAPL), a function (HELP), or both (AAPL GP).", line
        )
    if len(words) == 1 and not words[0].quoted and words[0].text.isascii() and words[0].text.isdigit():
        number = int(words[0].text[:6])
        if not 1 <= number <= 99:
            raise CommandError(
                "A number typed alone chooses a row: 1 to 89, or a screen action: 90 to 99.",
                line, words[0].start, words[0].end,
            )  # fmt: skip
        return Choice(number, line)
    function, rest = _find_function(words, functions, line)
    binder = _Binder(function, functions, line, helping)
    if len(rest) == len(words):
        return binder.bind_default(rest)
    return binder.bind(with_phrase(function, rest, line))


def _unglue(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """``?GP`` is ``? GP``."""
    if words and not words[0].quoted and words[0].text.startswith("?") and len(words[0].text) > 1:
        first = words[0]
        return (
            Word("?", first.start, first.start + 1),
            Word(first.text[1:], first.start + 1, first.end),
            *words[1:],
        )
    return words


def _market(words: tuple[Word, ...], at: int) -> tuple[str, int]:
    """The market words at ``at`` and how many there are."""
    if at < len(words) and not words[at].quoted:
        if words[at].upper in MARKETS:
            return words[at].upper, 1
        two = at + 1 < len(words) and not words[at + 1].quoted and words[at + 1].upper in MARKETS
        if two and words[at].upper in _COUNTRIES:
            return f"{words[at].upper} {words[at + 1].upper}", 2
    return "", 0


def _find_function(
    words: tuple[Word, ...], functions: Registry, line: str
) -> tuple[Function, tuple[Word, ...]]:
    for at, word in enumerate(words):
        if word.quoted or "=" in word.text or _market(words, at + 1)[1]:
            continue
        if at + 1 < len(words) and not words[at + 1].quoted:
            pair = functions.get(f"{word.upper} {words[at + 1].upper}")
            if pair is not None:
                return pair, (*words[:at], *words[at + 2 :])
        function = functions.get(word.text)
        if function is not None:
            return function, (*words[:at], *words[at + 1 :])
    default = functions.get(DEFAULT_FUNCTION)
    first = words[0]
    if default is None or not (first.quoted or looks_like_ticker(first.text)):
        near = _near_functions(first.text, functions)
        raise CommandError(
            f"{first.text!r} is neither a function nor a security.", line, first.start, first.end, near
        )
    return default, words


def _near_functions(text: str, functions: Registry, cutoff: float = 0.5) -> tuple[str, ...]:
    return tuple(get_close_matches(text.upper(), functions.names(), n=3, cutoff=cutoff))


class _MarketError(CommandError):
    """A market word that is misspelt or out of place: no mnemonic would mend it."""


class _Binder:
    """Gives each word to the argument that takes it."""

    def __init__(self, function: Function, functions: Registry, line: str, helping: bool) -> None:
        self.function, self.functions, self.line = function, functions, line
        self.helping = helping  # look for what was meant; not where only the fault is asked for
        self.args: dict[str, Any] = {}
        self.typed: dict[str, Word] = {}
        self.securities: list[SecurityWord] = []

    def bind(self, words: tuple[Word, ...]) -> Command:
        at = 0
        while at < len(words):
            word = words[at]
            if not word.quoted and self._named(word):
                at += 1
                continue
            market, count = _market(words, at + 1)
            if count and not word.quoted and word.upper in (*MARKETS, *_COUNTRIES):
                raise self._loose_market(word, ())
            if count and (word.quoted or looks_like_ticker(word.text)):
                self._security(word, market, words[at + count].end)
                at += 1 + count
                continue
            if self._positional(word, words[at:]):
                if self._rest_taken:
                    break
                at += 1
                continue
            if not word.quoted and of_another(word.text, self.functions):
                raise self._unknown(word)
            if (word.quoted and word.text.strip()) or looks_like_ticker(word.text):
                if not word.quoted and word.upper in (*MARKETS, *_COUNTRIES):
                    raise self._loose_market(word, words[at + 1 : at + 2])
                self._security(word, "", word.end)
                at += 1
                continue
            raise self._unknown(word)
        for argument in self.function.arguments:
            if argument.required and argument.name not in self.args:
                raise CommandError(
                    f"{self.function.mnemonic} needs {argument.name}: {expected(argument)}.",
                    self.line, len(self.line), len(self.line) + 1, self._examples(),
                )  # fmt: skip
        spans = {name: (word.start, word.end) for name, word in self.typed.items()}
        return Command(self.function, tuple(self.securities), self.args, self.line, spans)

    def bind_default(self, words: tuple[Word, ...]) -> Command:
        """A line without a mnemonic describes its security; what it cannot take points to a mnemonic."""
        try:
            return replace(self.bind(words), bare=True)
        except _MarketError:
            raise
        except CommandError as fault:
            if not self.helping:
                raise
            bad = next((w for w in words if w.start == fault.start), words[-1])
            lines = [
                self.line[: word.start] + near + self.line[word.end :]
                for word in (bad, words[0])
                for near in _near_functions(word.text, self.functions, 0.65)
            ]
            if not lines:
                rest = self.line[words[0].end :].strip()
                lines = [f"{words[0].text} {name} {rest}" for name in ("GP", "HP")]
            valid = [line for line in dict.fromkeys(lines) if self._names_a_function(line)]
            message = f"{bad.text!r} is neither a function nor something {self.function.mnemonic} takes."
            raise CommandError(message, self.line, bad.start, bad.end, tuple(valid[:3])) from fault

    def _names_a_function(self, line: str) -> bool:
        found = parses(line, self.functions)
        return isinstance(found, Command) and not found.bare

    _rest_taken = False

    def _security(self, word: Word, market: str, end: int) -> None:
        limit = {"none": 0, "optional": 1, "required": 1}[self.function.security]
        if any(a.kind is Kind.SECURITY for a in self.function.arguments):
            limit = 500
        if len(self.securities) >= limit:
            raise self._unknown(word)
        self.securities.append(SecurityWord(word.text, market, word.quoted, word.start, end))

    def _loose_market(self, word: Word, following: tuple[Word, ...]) -> CommandError:
        """A word of a market that does not stand, whole, after a security."""
        if following and word.upper in _COUNTRIES and not following[0].quoted:
            bad = following[0]
            near = get_close_matches(bad.upper, MARKETS, n=2, cutoff=0.6)
            if near:
                lines = tuple(self.line[: bad.start] + market + self.line[bad.end :] for market in near)
                message = f"{bad.text!r} is no market: there are {', '.join(MARKETS)}."
                return _MarketError(message, self.line, bad.start, bad.end, lines)
        message = (
            f"{word.upper} is {'part of ' * (word.upper in _COUNTRIES)}a market, which follows a security: "
        )
        message += "AAPL US EQUITY. A ticker or name of this spelling goes in quotes."
        whole = self.line[: word.start] + f"{word.text} EQUITY" + self.line[word.end :]
        lines = (whole,) if word.upper in _COUNTRIES and self.securities else ()
        return _MarketError(message, self.line, word.start, word.end, lines + self._examples())

    def _named(self, word: Word) -> bool:
        name, equals, text = word.text.partition("=")
        argument = next((a for a in self.function.arguments if a.name == name.lower()), None)
        if not equals or argument is None or argument.kind is Kind.SECURITY:
            return False
        try:
            value = match(argument, text, named=True)
        except ValueError as fault:
            raise self._wrong(word, str(fault), fault, f"{name}=") from fault
        if value is None:
            raise self._wrong(word, f"{argument.name} takes {expected(argument)}, not {text!r}")
        self._put(argument, (value,) if argument.many else value, word)
        return True

    def _positional(self, word: Word, rest: tuple[Word, ...]) -> bool:
        twice: Argument | None = None
        wrong: ValueError | None = None  # of the kind, but out of range: another argument may take it
        for argument in self.function.arguments:
            if argument.kind is Kind.SECURITY or argument.named_only:
                continue
            if wrong and argument.kind in (Kind.TEXT, Kind.WORD):
                continue
            if argument.kind is Kind.TEXT:
                if argument.name in self.args:
                    continue
                if word.quoted:
                    self._put(argument, word.text, word)
                else:
                    self._put(argument, self.line[word.start : rest[-1].end], word)
                    self._rest_taken = True
                return True
            try:
                value = match(argument, word.text, quoted=word.quoted)
            except ValueError as fault:
                wrong = wrong or fault
                continue
            if value is None:
                continue
            if argument.name in self.args and not argument.many:
                try:
                    both = self._join(argument, self.args[argument.name], value)
                except ValueError as fault:
                    raise self._wrong(word, str(fault)) from fault
                if both is None:
                    twice = twice or argument
                    continue
                self.args[argument.name] = both
                return True
            self._put(argument, (value,) if argument.many else value, word)
            return True
        if wrong is not None:
            raise self._wrong(word, str(wrong), wrong) from wrong
        if twice is not None:
            raise self._twice(twice, word)
        return False

    def _join(self, argument: Argument, old: Any, new: Any) -> Any | None:
        if argument.kind is Kind.FUNCTION:  # HELP ASOF DIFF
            both = f"{old} {new}"
            return both if self.functions.get(both) is not None else None
        return join(argument, old, new)

    def _put(self, argument: Argument, value: Any, word: Word) -> None:
        if argument.name in self.args:
            if not argument.many:
                raise self._wrong(word, f"{argument.name} is given twice")
            value = (*self.args[argument.name], *value)
        self.args[argument.name] = value
        self.typed[argument.name] = word

    def _wrong(
        self, word: Word, message: str, fault: ValueError | None = None, name: str = ""
    ) -> CommandError:
        """An error at ``word``; a number out of range offers the nearest one within."""
        sentence = message[:1].upper() + message[1:] + "."
        lines = self._examples()
        if isinstance(fault, OutOfRange):
            lines = (self.line[: word.start] + name + fault.nearest + self.line[word.end :], *lines[:1])
        return CommandError(sentence, self.line, word.start, word.end, lines)

    def _unknown(self, word: Word) -> CommandError:
        options = [option for a in self.function.arguments for option in (a.choices or {})]
        near = get_close_matches(word.upper, options, n=3, cutoff=0.5) if self.helping else []
        fixed = tuple(self.line[: word.start] + option + self.line[word.end :] for option in near)
        fixed = fitting(self.line, fixed, lambda each: parses(each, self.functions) is not None)
        return CommandError(
            f"{self.function.mnemonic} does not take {word.text!r}{names_told(self.function, word.text)}.",
            self.line, word.start, word.end, fixed or self._examples(),
        )  # fmt: skip

    def _twice(self, argument: Argument, word: Word) -> CommandError:
        first = self.typed[argument.name]
        lines = [
            self.line[: each.start].rstrip() + " " + self.line[each.end :].lstrip() for each in (word, first)
        ]
        if word.text.isalpha() and any(a.kind is Kind.SECURITY for a in self.function.arguments):
            lines.append(f"{self.line[: word.end]} US EQUITY{self.line[word.end :]}")
        message = f"{argument.name} is given twice: {first.text} and {word.text}."
        return CommandError(message, self.line, word.start, word.end, tuple(lines))

    def _examples(self) -> tuple[str, ...]:
        return tuple(example for example, _ in self.function.examples[:2])
