"""What a line asks to be run: securities or universes, a strategy, years, costs, an account."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.errors import CommandError
from engine.function import Args
from engine.runs.faults import as_command
from engine.runs.phrase import of_options
from engine.runs.terms_args import costs_of, fill_of, terms_of
from engine.runs.wanted import Warming

if TYPE_CHECKING:
    from engine.backtest.inputs import RunSpec
    from engine.backtest.rules import Rules
    from engine.context import Context
    from engine.page import SecurityRef
    from engine.period import Period
    from engine.runs.scores import Scores

DERIVED = (
    "roll",
    "rolldays",
    "settle",
    "join",
    "multiplier",
    "contractmargin",
    "account",
    "pips",
    "shortrates",
    "contract",
    "funding",
    "bars",
    "lot",
)
MANY = {"": "stocks and funds", "future": "futures", "currency": "currencies", "crypto": "coins"}
DERIVED_CLASSES = frozenset({"currency", "crypto", "future"})
EXAMPLES = (
    "BACKTEST AAPL 50SMA.200EMA",
    "BACKTEST AAPL long when rsi(14) < 30; exit when rsi(14) > 60; stop 8%",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One run that was asked for.

    ``text``: the strategy as it is printed: rules with nothing left unsaid, rules of options, or a file's name.
    ``rules``: of "rules", parsed. ``universes``: words of the rules with the index that each is. ``panels``: names
    beyond what prices tell. ``warming``: what the rules read before the start, ``warm_up`` what the line asks for
    (WARMUP=). ``within``: a universe that every decision is kept to (UNIVERSE=).
    """

    refs: tuple[SecurityRef, ...]
    kind: str  # rules, code, options
    text: str
    spec: RunSpec
    period: Period
    rules: Rules | None = None
    universes: tuple[tuple[str, int], ...] = ()
    panels: tuple[str, ...] = ()
    warm_up: int = 0
    within: str = ""
    warming: Warming = field(default_factory=Warming)
    states_of: int | None = None  # the index whose states the rules ask for
    scores: Scores | None = None  # of the user's own models
    terms_of: tuple[tuple[str, object], ...] = ()  # what only futures, currencies or coins take

    @property
    def key(self) -> tuple[object, ...]:
        """What tells one run from another, beside the clock and the snapshot."""
        ids = tuple(ref.security_id for ref in self.refs)
        return (ids, self.kind, self.spec.strategy if self.kind == "rules" else repr(self.spec.strategy), self.text,
                repr(self.spec.costs), repr(self.spec.terms), self.spec.fill, self.spec.accounts, str(self.period),
                self.universes, self.within, self.states_of, self.panels, self.warm_up,
                self.scores.digest if self.scores else "", self.terms_of)  # fmt: skip

    @property
    def more(self) -> tuple[object, ...]:
        """What tells runs of the same rules, costs and years apart; nothing of most."""
        classes = {ref.asset_class for ref in self.refs}
        derived = self.terms_of if classes & DERIVED_CLASSES else ()
        return tuple(each for each in (self.scores.digest if self.scores else "", derived) if each)


def ask(context: Context, args: Args, refs: tuple[SecurityRef, ...]) -> Asked:
    """The run that a line asks for.

    Raises
    ------
    CommandError
        Nothing to run, rules that cannot be read (with the word at fault), options that do not go together.
    DataError
        A universe that is not known at the clock.
    """
    if args["file"]:
        return _of_file(context, args, refs)
    text = " ".join((args["strategy"] or "").split())
    if not text:
        raise CommandError(
            "BACKTEST needs a strategy: a short form (50SMA.200EMA), rules (long when ...), or FILE=name of one in "
            "Python. HELP BACKTEST tells the language.", suggestions=EXAMPLES,
        )  # fmt: skip
    if of_options(text):
        return _of_options(args, refs, text)
    return _of_rules(context, args, refs)


def _spec(args: Args, strategy: object, refs: tuple[SecurityRef, ...], *, shares: bool = True) -> RunSpec:
    from engine.backtest.inputs import RunSpec

    shares = shares and not {ref.asset_class for ref in refs} & DERIVED_CLASSES
    terms = terms_of(args, shares=shares)
    return RunSpec(strategy, costs_of(args), terms, fill_of(args), args["each"] == "ALONE")  # type: ignore[arg-type]


def _of_options(args: Args, refs: tuple[SecurityRef, ...], text: str) -> Asked:
    from engine.backtest import options
    from engine.backtest.rules import RuleError

    try:
        written = options.write(options.parse(text))
    except RuleError as fault:
        raise as_command(fault, text, refs) from fault
    if args["lot"] is not None:
        raise CommandError(
            "LOT= is of shares, currencies and coins: option contracts are whole.", argument="lot"
        )
    return Asked(refs, "options", written, _spec(args, written, refs, shares=False), args["period"])


def _of_rules(context: Context, args: Args, refs: tuple[SecurityRef, ...]) -> Asked:
    from engine.backtest import rules as language
    from engine.backtest.rules.characteristics import WARM_UP
    from engine.returns import benchmark
    from engine.runs.scores import read_scores
    from engine.runs.states import STATES

    scores = read_scores(context, args["scores"]) if args["scores"] else None
    own = scores.names if scores is not None else ()
    text, within = str(args["strategy"]), (args["universe"] or "").strip().lower()
    try:
        read = language.parse(text, panels=(*STATES, *own))
    except language.RuleError as fault:
        raise as_command(fault, text, refs) from fault
    said = language.names(read).universes
    if within:
        if said:
            raise CommandError(
                f"The rules choose among {said[0]} already: UNIVERSE= is for rules that name none.",
                argument="universe",
            )
        read = kept_within(read, within)
    found = language.names(read)
    words = (within,) if within else found.universes
    universes = tuple((word, _index(context, word, text)) for word in words)
    if refs and universes:
        raise CommandError(
            f"The rules choose among the members of {words[0]}: name no securities beside them.",
            argument="strategy", suggestions=(f"BACKTEST {text}" + (f" UNIVERSE={within}" if within else ""),),
        )  # fmt: skip
    panels = tuple(name for name in found.characteristics if name not in (*WARM_UP, *own, within))
    states_of = benchmark(context, args["benchmark"]).security_id if set(panels) & set(STATES) else None
    written = language.write(read)
    return Asked(
        refs, "rules", written, _spec(args, written, refs), args["period"], read, universes, panels,
        args["warmup"] or 0, within, Warming.of(read), states_of, scores,
        tuple((name, args[name]) for name in DERIVED),
    )  # fmt: skip


def _index(context: Context, word: str, text: str) -> int:
    from engine.universe import holding, index_of

    found = index_of(word, context.directory)
    if found is None:
        place = re.search(rf"\bin\s+({re.escape(word)})\b", text, re.IGNORECASE)
        start, end = place.span(1) if place else (0, 0)
        raise CommandError(
            f"{word} is no universe that is known at this clock: take sp500, or the ticker of an index whose members "
            f"the store holds.{holding(context.reader)}",
            start=start, end=end, argument="strategy" if place else "universe",
        )  # fmt: skip
    return found


def kept_within(rules: Rules, universe: str) -> Rules:
    """The rules for members only: nothing else is entered, and who leaves the universe is closed."""
    from dataclasses import replace

    from engine.backtest.rules.tree import And, Comparison, Name, Number, Or

    inside, outside = (Comparison(Name(universe), "=", Number(each)) for each in (1.0, 0.0))
    long, short, leave, cover = rules.long, rules.short, rules.exit, rules.cover
    return replace(
        rules,
        long=None if long is None else And((inside, long)),
        short=None if short is None else And((inside, short)),
        exit=None if leave is None else Or((outside, leave)),
        cover=None if cover is None else Or((outside, cover)),
    )


def _of_file(context: Context, args: Args, refs: tuple[SecurityRef, ...]) -> Asked:
    from engine.runs.code import read_code
    from engine.runs.scores import read_scores

    if args["strategy"]:
        raise CommandError("FILE= names the strategy: rules beside it are one too many.", argument="strategy")
    if special := {ref.asset_class for ref in refs} & DERIVED_CLASSES:
        raise CommandError(
            f"{MANY[min(special)].capitalize()} run by rules: a class in Python trades stocks, funds and indices.",
            argument="file",
        )
    code = read_code(context, args["file"], args["parameters"], args["code"])
    within = (args["universe"] or "").strip().lower()
    universes: tuple[tuple[str, int], ...] = ()
    if within:
        universes = ((within, _index(context, within, "")),)
        if refs:
            raise CommandError(
                f"UNIVERSE= gives the strategy the members of {within}: name no securities beside it.",
                argument="universe",
            )
    panels = tuple(each for each in re.split(r"[,\s]+", (args["panels"] or "").lower()) if each)
    scores = read_scores(context, args["scores"]) if args["scores"] else None
    return Asked(refs, "code", code.name, _spec(args, code, refs), args["period"], None, universes, panels,
                 args["warmup"] or 0, within, Warming(args["warmup"] or 0), scores=scores)  # fmt: skip


def nothing_named(context: Context) -> tuple[SecurityRef, ...]:
    """The loaded security, as the clock knows it, where a line names none and its rules choose among none."""
    loaded = context.desk.security
    known = None if loaded is None else context.directory.by_id(loaded.security_id)
    if known is None:
        raise CommandError(
            "BACKTEST needs something to trade: name securities, or take rules that choose among the members of an "
            "index.", suggestions=(EXAMPLES[0], "BACKTEST top 20 by mom_12_1 in sp500; rebalance monthly"),
        )  # fmt: skip
    return (known.ref,)
