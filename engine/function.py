"""The declaration of a function: written once, used by completion, HELP, the parser and every front end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from engine.context import Context
    from engine.needs import Need
    from engine.page import Page, SecurityRef


class Kind(StrEnum):
    """What words an argument takes."""

    CHOICE = "choice"  # one of ``choices`` (each may have synonyms)
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"  # 2020-03-16, 20200316, 16MAR2020, TODAY
    INSTANT = "instant"  # a date, a date and time, or NOW
    PERIOD = "period"  # 1M 6M YTD 1Y 5Y 10Y MAX, or two dates
    SECURITY = "security"
    OVERLAY = "overlay"  # 50SMA 200EMA BB20
    FUNCTION = "function"  # a mnemonic
    WORD = "word"  # one word of the function's own
    TEXT = "text"  # quoted, or the rest of the line


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. Positional words are matched by what they look like, in the order declared;
    ``NAME=value`` always names one."""

    name: str
    kind: Kind
    help: str
    default: Any = None
    choices: Mapping[str, tuple[str, ...]] | None = None  # canonical word -> synonyms, for CHOICE
    minimum: float | None = None
    maximum: float | None = None
    many: bool = False  # takes every further word of its kind; its value is a tuple
    required: bool = False
    named_only: bool = False  # given as NAME=value and never by its look
    percent: bool = False  # a number counted in per cent: 8 and 8% are alike
    preference: str | None = None  # the preference that gives its default, shown by SET


Args: TypeAlias = Mapping[str, Any]
Run: TypeAlias = Callable[["Context", Args], "Page"]
Unnamed: TypeAlias = Callable[["Context", "SecurityRef | None"], "SecurityRef | None"]
Needs: TypeAlias = Callable[["Context", Args], "Sequence[Need]"]
Begins: TypeAlias = Callable[[str], bool]
PhraseWords: TypeAlias = Callable[[str], Iterator[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Function:
    """A mnemonic, what it takes, and what it does."""

    mnemonic: str
    title: str  # one line of help
    run: Run
    arguments: tuple[Argument, ...] = ()
    aliases: tuple[str, ...] = ()
    security: Literal["none", "optional", "required"] = "none"
    asset_classes: frozenset[str] | None = None  # None: all
    examples: tuple[tuple[str, str], ...] = ()  # (command, what it shows)
    about: str = ""  # paragraphs of method for HELP
    on_page: bool = False  # works on the page on screen (WHY, LEAK, EXPORT)
    changes: bool = False  # changes the desk or writes (ASOF, SET, SNAP); never re-run by OPEN or DIFF
    order: int = 100  # place in HELP
    raw: str = ""  # the argument that takes the rest of the line as it stands, quotes and all
    unnamed: Unnamed | None = None  # which security it is about where none is typed, given the loaded one
    needs: Needs | None = None  # what it wants fetched, where sources are set up, before it reads the store
    # an argument whose text may stand in the line without quotes, and whether a word begins it (engine.phrase)
    phrase: tuple[str, Begins] | None = None
    phrase_words: PhraseWords | None = None  # its words that go on from a beginning, for completion
    # an argument and its value that prove when what the page says was decided, and the panels that LEAK takes then
    proof: tuple[str, str, tuple[str, ...]] | None = None
