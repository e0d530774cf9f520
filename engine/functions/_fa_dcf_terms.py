"""The assumptions of FA DCF: what each is called, counts in, and may be. One table makes arguments and form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import CommandError
from engine.function import Args, Argument, Kind
from engine.values import write

_POINT, _MILLION = 0.01, 1e6


@dataclass(frozen=True, slots=True)
class Term:
    """One assumption. What is typed times ``scale`` is what the library takes."""

    name: str
    label: str
    unit: str
    scale: float
    group: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False
    decimals: int = 1


_OPERATIONS, _RATE, _BRIDGE, _SPREAD = (
    "operations",
    "cost of capital",
    "from the firm to a share",
    "scenarios",
)
TERMS: tuple[Term, ...] = (
    Term("revenue", "revenue, 12 months", "m", _MILLION, _OPERATIONS, "what growth starts from", 0.001, decimals=0),
    Term("growth", "growth, first years", "%", _POINT, _OPERATIONS,
         "of revenue; after half the years it fades in a line to terminal growth", -50, 200),
    Term("margin", "operating margin now", "%", _POINT, _OPERATIONS, "operating income / revenue", -500, 95),
    Term("target", "target margin", "%", _POINT, _OPERATIONS, "operating margin reached in a line", -500, 95),
    Term("marginyears", "years to the target", "years", 1, _OPERATIONS, "until the target margin is reached", 1, 30,
         True),
    Term("tax", "tax rate", "%", _POINT, _OPERATIONS, "of operating income; a loss pays none", 0, 60),
    Term("capital", "sales to capital", "x", 1, _OPERATIONS, "revenue that one of new capital brings", 0.05, 100,
         decimals=2),
    Term("years", "years projected", "years", 1, _OPERATIONS, "until perpetuity", 1, 30, True),
    Term("terminal", "terminal growth", "%", _POINT, _OPERATIONS, "of revenue, for ever", -15, 8, decimals=2),
    Term("roic", "terminal return", "%", _POINT, _OPERATIONS, "on new capital in perpetuity", 1, 200),
    Term("rate", "discount rate", "%", _POINT, _RATE, "instead of the cost of capital built up here", 1, 60,
         decimals=2),
    Term("riskfree", "risk-free rate", "%", _POINT, _RATE, "of ten years", -2, 25, decimals=2),
    Term("beta", "beta", "x", 1, _RATE, "of equity, as it is taken", -1, 5, decimals=2),
    Term("premium", "equity premium", "%", _POINT, _RATE, "of shares over the risk-free rate", 0, 20, decimals=2),
    Term("debtcost", "cost of debt", "%", _POINT, _RATE, "before tax", 0, 40, decimals=2),
    Term("betayears", "years of beta", "years", 1, _RATE, "of weekly returns that beta is measured over", 2, 5, True),
    Term("netdebt", "net debt", "m", _MILLION, _BRIDGE, "debt less cash; negative is net cash", decimals=0),
    Term("minority", "minority interest", "m", _MILLION, _BRIDGE, "others' share in subsidiaries", decimals=0),
    Term("shares", "shares", "m", _MILLION, _BRIDGE, "outstanding, in the shares of the clock", 0.000001),
    Term("growthby", "growth, by", "points", _POINT, _SPREAD, "bear is so much lower and bull higher", 0.1, 50),
    Term("marginby", "margin, by", "points", _POINT, _SPREAD, "bear is so much lower and bull higher", 0.1, 50),
    Term("rateby", "discount rate, by", "points", _POINT, _SPREAD, "bear is so much higher and bull lower", 0.1, 10,
         decimals=2),
)  # fmt: skip
TERM: Mapping[str, Term] = {term.name: term for term in TERMS}
_UNITS = {"m": ", millions", "%": ", percent", "points": ", percentage points", "years": "", "x": ""}

ARGUMENTS: tuple[Argument, ...] = (
    *(
        Argument(
            term.name, Kind.INTEGER if term.whole else Kind.NUMBER,
            f"DCF: {term.label}{_UNITS[term.unit]}: {term.help}",
            minimum=term.minimum, maximum=term.maximum, named_only=True, percent=term.scale == _POINT,
        )
        for term in TERMS
    ),
    Argument(
        "midyear", Kind.CHOICE, "DCF: cash comes in the middle of each year, or at its end", None,
        choices={"YES": (), "NO": ()}, named_only=True,
    ),
    Argument("benchmark", Kind.TEXT, "DCF: what beta is measured against (SPX)", None, named_only=True),
)  # fmt: skip


def takes(name: str, level: float) -> bool:
    """Whether the argument may be typed so."""
    term = TERM[name]
    typed = level / term.scale
    return (term.minimum is None or typed >= term.minimum) and (term.maximum is None or typed <= term.maximum)


def written(args: Args, changed: Mapping[str, float]) -> str:
    """The assumptions that are typed, with some changed (in the library's unit), as one types them."""
    words = {each.name: write(args[each.name]) for each in ARGUMENTS if args[each.name] is not None}
    words |= {name: f"{level / TERM[name].scale:.10g}" for name, level in changed.items()}
    return " ".join(f"{name.upper()}={word}" for name, word in words.items())


def refuse_elsewhere(args: Args) -> None:
    """An assumption typed on a page that makes none is no page of that assumption.

    Raises
    ------
    CommandError
        One is given.
    """
    for argument in ARGUMENTS:
        if args[argument.name] is not None:
            name = argument.name.upper()
            raise CommandError(
                f"{name}= is an assumption of FA DCF, and FA {args['section']} makes none: type FA DCF {name}=...",
                argument=argument.name,
            )
