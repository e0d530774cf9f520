"""From words to a book of rules: clause by clause, each parted from the next by ; or a new line."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, cast

from engine.backtest.rules.book import CALENDARS, Distance, Ranking, Rules, Size, SizeKind
from engine.backtest.rules.errors import RuleError
from engine.backtest.rules.grammar import ExpressionReader
from engine.backtest.rules.optimised import AIMS, OF_OPT, OPTIMISERS, WINDOW
from engine.backtest.rules.tree import And, Cross, Line, Name, Node, Not, Number, walk
from engine.backtest.rules.vocabulary import CLAUSES, nearest, tokens
from engine.quant.expressions import Token
from engine.quant.expressions.cursor import told

# of each way to size: least and most numbers, the defaults of those that may be left out
_SIZES: dict[SizeKind, tuple[int, tuple[float, ...]]] = {
    "equal": (0, ()), "weight": (1, ()), "volatility_target": (1, (63.0, 1.0)), "shares": (1, ()),
}  # fmt: skip
_SIZES |= {
    cast(SizeKind, kind): (int(aim.goal), (float(WINDOW), 1.0) if aim.bounded else (float(WINDOW),))
    for kind, aim in AIMS.items()
}
# which of the numbers is bars
_BARS: dict[str, int] = {"volatility_target": 1} | {kind: int(aim.goal) for kind, aim in AIMS.items()}
_MOST_SESSIONS = 10_000


def read(text: str, *, panels: Collection[str] = (), universes: Collection[str] | None = None) -> Rules:
    """The rules that ``text`` says, with what it leaves unsaid filled in (see ``parse``)."""
    return _Reader(text, tokens(text), panels, universes).whole()


class _Reader(ExpressionReader):
    def __init__(
        self, text: str, words: tuple[Token, ...], panels: Collection[str], universes: Collection[str] | None
    ) -> None:
        super().__init__(words, panels)
        self.text, self.universes = text, universes
        self.said: dict[str, Any] = {}
        self.places: dict[str, Token] = {}

    def whole(self) -> Rules:
        while self.takes(";"):
            pass
        while self.next.kind != "end":
            self.clause()
            self.parted()
        return self.filled()

    def parted(self) -> None:
        """The end, a ; or a new line stands before the next clause."""
        if self.next.kind == "end":
            return
        line = "\n" in self.text[self.words[self.at - 1].end : self.next.start]
        if not self.takes(";") and not line:
            near = (";",) if self.ahead(*CLAUSES) else (";", "and", "or")
            raise self.fault(self.next, f"A clause should end before {told(self.next)}: part them by ;", near)
        while self.takes(";"):
            pass

    def clause(self) -> None:
        token = self.take()
        readers: dict[str, Callable[[Token], None]] = {
            "long": self.leg, "short": self.leg, "top": self.ranked, "bottom": self.ranked,
            "exit": self.way_out, "cover": self.way_out, "size": self.size, "stop": self.distance,
            "trail": self.distance, "take": self.distance, "hold": self.sessions, "delay": self.sessions,
            "rebalance": self.calendar,
        }  # fmt: skip
        reader = readers.get(token.text) if token.kind == "keyword" else None
        if reader is None:
            near = nearest(token.text, CLAUSES) or ("long", "exit")
            raise self.fault(
                token, f"A clause begins with {', '.join(CLAUSES)}; {told(token)} is none of them.", near
            )
        reader(token)

    def say(self, name: str, token: Token, value: object) -> None:
        if name in self.said:
            raise self.fault(
                token, f"{token.text} is said twice: join conditions with and, or leave one out."
            )
        self.said[name], self.places[name] = value, token

    # clauses ------------------------------------------------------------------------------------------------

    def leg(self, token: Token) -> None:
        if self.ahead("top", "bottom"):
            side = self.take()
            self.say("longs" if token.text == "long" else "shorts", side, self.ranking(side))
            return
        self.expect("when", f"{token.text} is followed by when, top or bottom")
        self.say(token.text, token, self.condition())

    def way_out(self, token: Token) -> None:
        self.expect("when", f"{token.text} is followed by when")
        self.say(token.text, token, self.condition())

    def ranked(self, token: Token) -> None:
        """top without a side is held long, bottom is sold short."""
        self.say("longs" if token.text == "top" else "shorts", token, self.ranking(token))

    def ranking(self, side: Token) -> Ranking:
        count = self.take()
        share = count.percent and 0 < count.value <= 1
        whole = not count.percent and 1 <= count.value <= 100_000 and count.value == int(count.value)
        if count.kind != "number" or not (share or whole):
            raise self.fault(
                count, f"{side.text} takes a whole number or a share: {side.text} 20, {side.text} 10%."
            )
        self.expect("by", f"{side.text} {count.text} by what: {side.text} {count.text} by mom_12_1")
        of = self.number()
        if not any(isinstance(each, Name | Line) for each in walk(of)):
            raise RuleError("A constant ranks nothing: by mom_12_1, by rsi(14).", *of.at)
        end, universe = of.at[1], ""
        if self.takes("in"):
            token = self.take()
            universe, end = self.universe(token), token.end
        amount = float(count.text[:-1]) if count.percent else count.value
        return Ranking(cast(Any, side.text), amount, count.percent, of, universe, (side.start, end))

    def universe(self, token: Token) -> str:
        if token.kind != "name":
            raise self.fault(
                token, f"in is followed by a universe, such as sp500, not {told(token)}.", ("sp500",)
            )
        if self.universes is not None and token.text not in self.universes:
            near = nearest(token.text, self.universes) or tuple(self.universes)[:3]
            raise self.fault(
                token, f"{token.text} is no universe. There are: {', '.join(self.universes)}.", near
            )
        return token.text

    def size(self, token: Token) -> None:
        kind = self.take()
        word = cast(SizeKind, OF_OPT.get(kind.text, kind.text))
        if kind.kind != "name" or word not in _SIZES:
            near = nearest(kind.text, (*_SIZES, *OF_OPT)) or tuple(_SIZES)
            raise self.fault(
                kind,
                "size takes equal, weight(5%), volatility_target(10%), shares(100) or an optimiser (risk_parity).",
                near,
            )
        need, defaults = _SIZES[word]
        given = self.numbers() if self.takes("(") else []
        bounded = word in AIMS and AIMS[word].bounded
        most = need + len(defaults) + bounded  # the least weight is left out where it is none
        if not need <= len(given) <= most or any(not each.value > 0 for each in given):
            takes = f"{need} to {most} numbers" if defaults else f"{need} number{'s' * (need != 1)}"
            raise self.fault(kind, f"{kind.text} takes {takes} above 0 in parentheses.", (f"{kind.text}(",))
        values = (*(each.value for each in given), *defaults[max(len(given) - need, 0) :])
        bars = values[_BARS[word]] if word in _BARS else 2.0
        if not (2 <= bars <= _MOST_SESSIONS and bars == int(bars)):
            which = "second" if _BARS[word] else "first"
            raise self.fault(given[_BARS[word]], f"The {which} number is bars, whole and from 2 to 10,000.")
        if bounded:
            self.bounds(kind, given[need + 1 :])
        self.say("size", token, Size(word, values))

    def bounds(self, kind: Token, given: list[Token]) -> None:
        """The largest and the least weight of a name within its side."""
        if given and given[0].value > 1:
            raise self.fault(given[0], f"The largest weight of {kind.text} is a share of its side: 20%.")
        if len(given) > 1 and given[1].value > given[0].value:
            raise self.fault(
                given[1], f"The least weight of {kind.text} is a share of its side below the largest."
            )

    def numbers(self) -> list[Token]:
        found: list[Token] = []
        while not self.ahead(")"):
            token = self.take()
            if token.kind != "number":
                raise self.fault(token, f"A number should stand here, not {told(token)}.")
            found.append(token)
            if not self.takes(","):
                break
        self.expect(")", "The numbers of size should close here with )")
        return found

    def distance(self, token: Token) -> None:
        first = self.next
        of = self.number()
        fraction = isinstance(of, Number) and first.percent
        reads = any(isinstance(each, Name | Line) for each in walk(of))
        if fraction and not 0 < first.value <= (1e6 if token.text == "take" else 0.99):
            raise self.fault(
                first, f"{token.text} takes a share of the price above 0 and below all of it: 5%."
            )
        if not fraction and not reads:
            raise RuleError(
                f"{token.text} takes a share of the price with % (5%), or a distance made of prices (3*atr(20)).",
                of.at[0], of.at[1], ("5%", "3*atr(20)"),
            )  # fmt: skip
        self.say(token.text, token, Distance(of, fraction))

    def sessions(self, token: Token) -> None:
        count = self.take()
        whole = count.kind == "number" and not count.percent and count.value == int(count.value)
        if not whole or not 1 <= count.value <= _MOST_SESSIONS:
            raise self.fault(count, f"{token.text} takes a whole number of sessions from 1: {token.text} 20.")
        self.say(token.text, token, int(count.value))

    def calendar(self, token: Token) -> None:
        word = self.take()
        if word.text not in CALENDARS:
            near = nearest(word.text, CALENDARS) or CALENDARS
            raise self.fault(word, f"rebalance takes {', '.join(CALENDARS)}, not {told(word)}.", near)
        self.say("rebalance", token, word.text)

    # what was left unsaid -----------------------------------------------------------------------------------

    def filled(self) -> Rules:
        said, end = self.said, self.words[-1]
        if not {"long", "short", "longs", "shorts"} & set(said):
            raise self.fault(
                end,
                "Nothing is ever held: say long when ..., short when ... or top 20 by ...",
                ("long", "top"),
            )
        for way, leg in (("exit", "long"), ("cover", "short")):
            if way in said and not {leg, f"{leg}s"} & set(said):
                raise self.fault(self.places[way], f"{way} leaves nothing without {leg} when ...", (leg,))
            if leg in said and way not in said and not {"stop", "trail", "take", "hold"} & set(said):
                said[way] = self.otherwise(said[leg], way)
        if {"longs", "shorts"} & set(said):
            said.setdefault("rebalance", "monthly")
        if "size" in said and said["size"].kind in OPTIMISERS:
            said.setdefault("rebalance", "monthly")
        return Rules(**said)

    def otherwise(self, entry: Node, way: str) -> Node:
        """The way out where none is said: a position lasts while its condition does."""
        parts = entry.parts if isinstance(entry, And) else (entry,)
        for part in parts:
            if isinstance(part, Cross):
                raise RuleError(
                    f"A crossing is true on one session only: say {way} when ..., hold or a stop.",
                    *part.at,
                    (way,),
                )
        return entry.of if isinstance(entry, Not) else Not(entry, entry.at)
