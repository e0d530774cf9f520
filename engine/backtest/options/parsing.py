"""From words to option rules: clauses parted by ; or a new line, legs by commas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from engine.backtest.options.book import QUOTES, Leg, OptionRules, OptionSize, Simulated
from engine.backtest.options.words import CLAUSES, EVERY, SIDES, SIZES, nearest, tokens
from engine.backtest.rules.errors import RuleError
from engine.backtest.rules.parsing import Inputs
from engine.quant.expressions import Cursor, Token
from engine.quant.expressions.cursor import told

_MOST_LEGS, _MOST_COUNT, _MOST_DAYS = 8, 1_000, 3_650


def parse(text: str) -> OptionRules:
    """The option strategy that a line or a file says.

    Parameters
    ----------
    text : ``sell put delta 0.30 expiry 30; close at 50% profit; every monthly; size cash_secured``

    Raises
    ------
    RuleError
        With offsets of the word at fault and the nearest words that would do.
    """
    return _Reader(text, tokens(text)).whole()


def names(rules: OptionRules) -> Inputs:
    """What the rules read of the underlying and its chain, in the words of ``engine.backtest.rules.names``."""
    quotes = ("bid", "ask") if rules.prices is None else ()
    return Inputs(("open", "close", *quotes), (), (), ())


class _Reader(Cursor):
    error = RuleError

    def __init__(self, text: str, words: tuple[Token, ...]) -> None:
        super().__init__(words)
        self.text = text
        self.said: dict[str, Any] = {}
        self.places: dict[str, Token] = {}

    def whole(self) -> OptionRules:
        while self.next.kind != "end":
            if not self.takes(";"):
                self.clause()
                self.parted()
        if "legs" not in self.said:
            raise self.fault(
                self.next, "No contract is traded: say sell put delta 0.30 expiry 30, for one.", SIDES
            )
        rules = OptionRules(**self.said)
        self.checked(rules)
        return rules

    def parted(self) -> None:
        line = "\n" in self.text[self.words[self.at - 1].end : self.next.start]
        if self.next.kind != "end" and not line and not self.takes(";"):
            near = (";",) if self.ahead(*CLAUSES) else (";", ",")
            raise self.fault(self.next, f"A clause should end before {told(self.next)}: part them by ;", near)

    def clause(self) -> None:
        token = self.take()
        readers: dict[str, Callable[[Token], None]] = {
            "sell": self.legs, "buy": self.legs, "hold": self.hold, "close": self.close, "every": self.every,
            "when": self.flat, "size": self.size, "fill": self.fill, "prices": self.prices,
            "commission": self.commission, "take": self.part_made, "stop": self.part_made, "exit": self.days_left,
        }  # fmt: skip
        reader = readers.get(token.text) if token.kind == "keyword" else None
        if reader is None:
            raise self.none_of(token, "A clause begins with", CLAUSES)
        reader(token)

    def none_of(self, token: Token, what: str, among: tuple[str, ...]) -> RuleError:
        message = f"{what} {', '.join(among)}; {told(token)} is none of them."
        return cast(RuleError, self.fault(token, message, nearest(token.text, among)))

    def say(self, name: str, token: Token, value: object) -> None:
        if name in self.said:
            raise self.fault(token, f"{token.text} is said twice: leave one out.")
        self.said[name], self.places[name] = value, token

    def one_of(self, what: str, *among: str) -> Token:
        token = self.take()
        if token.kind != "keyword" or token.text not in among:
            raise self.none_of(token, what, among)
        return token

    def whole_number(self, what: str, most: int, least: int = 1) -> int:
        token = self.take()
        fine = token.kind == "number" and not token.percent and token.value == int(token.value)
        if not fine or not least <= token.value <= most:
            raise self.fault(token, f"{what} is a whole number from {least} to {most:,}, not {told(token)}.")
        return int(token.value)

    def share(self, what: str, most: float, example: str, least: float = 0.0) -> float:
        token = self.take()
        fine = token.kind == "number" and token.percent and token.value <= most
        if not fine or (token.value <= 0 and least == 0.0) or token.value < least:
            raise self.fault(token, f"{what} is a percentage: {example}.", (example,))
        return token.value

    # clauses ------------------------------------------------------------------------------------------------

    def legs(self, token: Token) -> None:
        found = [self.leg(token)]
        while self.takes(","):
            found.append(self.leg(self.one_of("A leg begins with", *SIDES)))
        if len(found) > _MOST_LEGS:
            raise self.fault(token, f"A set has {_MOST_LEGS} legs at most, and these are {len(found)}.")
        self.say("legs", token, tuple(found))
        if self.takes("and"):
            self.hold(self.one_of("After the legs, and is followed by", "hold"))

    def leg(self, side: Token) -> Leg:
        count = self.whole_number("How many contracts a set has", _MOST_COUNT) if self.number_ahead() else 1
        right = self.one_of(f"{side.text} is followed by", "call", "put")
        how = self.one_of(f"{side.text} {right.text} is followed by", "delta", "strike")
        kind, value = self.strike(how)
        self.expect("expiry", "A leg ends with its expiry: expiry 30, in calendar days")
        days = self.whole_number("expiry, in calendar days,", _MOST_DAYS)
        self.takes("days", "day")
        end = self.words[self.at - 1].end
        sign = cast(Any, -1 if side.text == "sell" else 1)
        return Leg(sign, count, cast(Any, right.text), cast(Any, kind), value, days, (side.start, end))

    def number_ahead(self) -> bool:
        return self.next.kind == "number"

    def strike(self, how: Token) -> tuple[str, float]:
        token = self.take()
        if how.text == "delta":
            if token.kind != "number" or not 0 < token.value < 1:
                raise self.fault(token, "delta is a number between 0 and 1, without its sign: delta 0.30.")
            return "delta", token.value
        if token.kind != "number" or not token.value > 0:
            raise self.fault(
                token, "strike is a price, or a percentage of the underlying's: strike 105%.", ("105%",)
            )
        if token.percent and not 0.05 <= token.value <= 20:
            raise self.fault(token, "strike lies between 5% and 2,000% of the underlying's price.", ("105%",))
        return ("share" if token.percent else "price"), token.value

    def hold(self, token: Token) -> None:
        self.expect("shares", "hold is followed by shares: hold shares")
        self.say("hold", token, True)

    def close(self, token: Token) -> None:
        if self.takes("at"):
            part = self.share("The part of the premium", 1_000.0, "50%")
            what = self.one_of("close at a percentage of", "profit", "loss")
            if what.text == "profit" and part > 1 and self.sold_only():
                raise self.fault(what, "Sold options never make more than 100% of their premium.")
            self.say(what.text, token, part)
            return
        if not self.number_ahead():
            raise self.fault(
                self.next, "close at 50% profit, close at 200% loss, or close 7 days before expiry.", ("at",)
            )
        days = self.whole_number("Days before expiry", _MOST_DAYS)
        self.takes("days", "day")
        self.expect("before", "close 7 days is followed by before expiry")
        self.expect("expiry", "close 7 days before is followed by expiry")
        self.say("before", token, days)

    def part_made(self, token: Token) -> None:
        """take 50% is close at 50% profit, stop 200% is close at 200% loss: of what the set brought, or cost."""
        name = "profit" if token.text == "take" else "loss"
        part = self.share(f"{token.text}, of the premium,", 1_000.0, "50%" if name == "profit" else "200%")
        if self.takes("of"):
            self.one_of(f"{token.text} is of the", "credit", "debit", "premium")
        if name == "profit" and part > 1 and self.sold_only():
            raise self.fault(token, "Sold options never make more than 100% of their premium.")
        self.say(name, token, part)

    def days_left(self, token: Token) -> None:
        """exit 21 dte is close 21 days before expiry."""
        days = self.whole_number("Days to expiry", _MOST_DAYS)
        self.expect("dte", "exit is followed by days to expiry: exit 21 dte")
        self.say("before", token, days)

    def sold_only(self) -> bool:
        return all(leg.side < 0 for leg in self.said.get("legs", ())) and "legs" in self.said

    def every(self, token: Token) -> None:
        if self.takes("when"):
            self.flat(token)
            return
        self.say("every", token, self.one_of("every takes", *EVERY).text)

    def flat(self, token: Token) -> None:
        self.expect("flat", "when is followed by flat")
        self.say("every", token, "flat")

    def size(self, token: Token) -> None:
        kind = self.one_of("size takes", *SIZES)
        value = 1.0
        if kind.text != "cash_secured":
            self.expect("(", f"{kind.text} takes a number in parentheses")
            if kind.text == "contracts":
                value = float(self.whole_number("The number of sets", 1_000_000))
            else:
                value = self.share(f"The part of the equity in {kind.text}", 10.0, "100%")
            self.expect(")", "The parenthesis of size should close here")
        self.say("size", token, OptionSize(cast(Any, kind.text), value))
        self.places["size"] = kind

    def fill(self, token: Token) -> None:
        how = self.one_of("fill takes", "quotes", "mid")
        part = QUOTES
        if how.text == "mid":
            part = self.share("The part of the spread", 2.0, "25%", -1.0) if self.number_ahead() else 0.0
        self.say("fill", token, part)

    def prices(self, token: Token) -> None:
        if self.one_of("prices takes", "quoted", "simulated").text == "quoted":
            self.say("prices", token, None)
            return
        made = Simulated()
        if self.takes("("):
            window = self.whole_number("Sessions of realised volatility", 1_000, 5)
            spread = self.share("The spread", 1.0, "4%", -1.0) if self.takes(",") else made.spread
            self.expect(")", "The parenthesis of simulated should close here")
            made = Simulated(window, spread)
        self.say("prices", token, made)

    def commission(self, token: Token) -> None:
        cost = self.take()
        if cost.kind != "number" or cost.percent or cost.value > 100:
            raise self.fault(cost, "commission is money a contract, 100 at most: commission 0.65.", ("0.65",))
        self.say("commission", token, cost.value)

    # what cannot be meant -----------------------------------------------------------------------------------

    def checked(self, rules: OptionRules) -> None:
        sold = sum(-leg.side * leg.count for leg in rules.legs if leg.right == "call")
        shares = max(leg.count for leg in rules.legs) if rules.hold else 0
        if rules.size.kind == "cash_secured" and sold > shares:
            raise self.fault(
                self.places["size"],
                "No cash secures a sold call: its loss has no end. Hold shares against it, buy a call further "
                "out, or say size margin(20%).",
                ("margin(20%)",),
            )
        near = min(leg.days for leg in rules.legs)
        if rules.before is not None and rules.before >= near:
            raise self.fault(
                self.places["before"],
                f"Closed {rules.before} days before an expiry {near} days off: at once.",
            )
        if len(set(rules.legs)) < len(rules.legs):
            raise self.fault(self.places["legs"], "A leg is said twice: write sell 2 put ... for two of it.")
