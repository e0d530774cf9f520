"""Names and types: every word a field or a function, every part of the kind that its place takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Literal, TypeAlias

from engine.quant.screener.errors import ScreenError
from engine.quant.screener.grammar import read
from engine.quant.screener.tree import (
    And,
    Arithmetic,
    Between,
    Call,
    Comparison,
    Extreme,
    In,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Place,
    Text,
)  # fmt: skip

Kind: TypeAlias = Literal["number", "text", "condition"]
FieldKind: TypeAlias = Literal["number", "text"]
# least and most arguments, and what it answers
FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "rank": (1, 1), "percentile": (1, 1), "zscore": (1, 2), "winsorize": (1, 2), "abs": (1, 1), "log": (1, 1),
    "sqrt": (1, 1), "min": (2, 20), "max": (2, 20), "known": (1, 1),
}  # fmt: skip
SYNONYMS: Mapping[str, str] = {"z": "zscore", "ln": "log", "pct": "percentile"}
ACROSS = ("rank", "percentile", "zscore", "winsorize")  # compare a security with the day's universe
_WORDS: Mapping[Kind, str] = {"number": "a number", "text": "text", "condition": "a condition"}


def parse(
    text: str,
    fields: Mapping[str, FieldKind],
    *,
    want: Literal["condition", "number"] = "condition",
    aliases: Mapping[str, str] | None = None,
) -> Node:
    """The checked tree of ``text``.

    Parameters
    ----------
    text : such as ``mktcap > 10e9 and pe < 15 and mom_12_1 top 20%``
    fields : names (lower case) and what they hold
    want : a condition (a screen) or a number (a score)
    aliases : other names of fields

    Raises
    ------
    ScreenError
        With offsets of the word at fault and the nearest words that would do.
    """
    tree, kind = _Checker(fields, aliases or {}).checked(read(text))
    if kind != want:
        hint = "compare it with something: pe < 15" if want == "condition" else "0.5*z(mom_12_1) - 0.5*z(pe)"
        raise ScreenError(f"This is {_WORDS[kind]}, and {_WORDS[want]} is needed ({hint}).", *tree.at)
    return tree


class _Checker:
    def __init__(self, fields: Mapping[str, FieldKind], aliases: Mapping[str, str]) -> None:
        self.fields, self.aliases = fields, aliases

    def checked(self, node: Node) -> tuple[Node, Kind]:
        """The node with names made canonical, and its kind."""
        match node:
            case Number():
                return node, "number"
            case Text():
                return node, "text"
            case Name(name, at):
                return self.field(name, at)
            case Negative(of):
                return replace(node, of=self.number(of)), "number"
            case Arithmetic(left, _, right):
                return replace(node, left=self.number(left), right=self.number(right)), "number"
            case Call():
                return self.call(node)
            case Comparison():
                return self.comparison(node), "condition"
            case Between(of, low, high):
                made = replace(node, of=self.number(of), low=self.number(low), high=self.number(high))
                return made, "condition"
            case In():
                return self.contained(node), "condition"
            case Extreme(of):
                group = self.group(node.within, node.at)
                return replace(node, of=self.number(of), within=group), "condition"
            case Not(of):
                return replace(node, of=self.condition(of)), "condition"
            case And(parts) | Or(parts):
                return replace(node, parts=tuple(self.condition(part) for part in parts)), "condition"

    def number(self, node: Node) -> Node:
        return self.of_kind(node, "number")

    def condition(self, node: Node) -> Node:
        return self.of_kind(node, "condition")

    def of_kind(self, node: Node, want: Kind) -> Node:
        made, kind = self.checked(node)
        if kind != want:
            raise ScreenError(
                f"{_WORDS[want].capitalize()} is needed here, and this is {_WORDS[kind]}.", *node.at
            )
        return made

    def field(self, name: str, at: Place) -> tuple[Node, Kind]:
        canonical = name if name in self.fields else self.aliases.get(name, name)
        if canonical in self.fields:
            return Name(canonical, at), self.fields[canonical]
        near = self.near(name)
        if name in FUNCTIONS or name in SYNONYMS:
            raise ScreenError(f"{name} is a function: {name}(pe).", *at, near)
        meant = f" Nearest: {', '.join(near)}." if near else ""
        raise ScreenError(f"{name} is no field.{meant} SCREEN FIELDS lists them.", *at, near)

    def near(self, name: str) -> tuple[str, ...]:
        found = get_close_matches(name, [*self.fields, *self.aliases], n=3, cutoff=0.55)
        holding = [each for each in self.fields if len(name) > 2 and (name in each or each in name)]
        return tuple(dict.fromkeys(self.aliases.get(each, each) for each in (*found, *holding[:3])))

    def call(self, node: Call) -> tuple[Node, Kind]:
        name = SYNONYMS.get(node.name, node.name)
        if name not in FUNCTIONS:
            near = tuple(get_close_matches(name, [*FUNCTIONS, *SYNONYMS], n=3, cutoff=0.5))
            told = ", ".join(FUNCTIONS)
            end = node.at[0] + len(node.name)
            raise ScreenError(f"{node.name} is no function. There are {told}.", node.at[0], end, near)
        least, most = FUNCTIONS[name]
        if not least <= len(node.args) <= most:
            takes = str(least) if least == most else f"{least} to {most}"
            raise ScreenError(
                f"{name} takes {takes} argument{'s' * (most > 1)}, not {len(node.args)}.", *node.at
            )
        if node.within and name not in ACROSS:
            raise ScreenError(f"within goes with {', '.join(ACROSS)}, top and bottom.", *node.at)
        if name == "known":
            made, kind = self.checked(node.args[0])
            if kind == "condition":
                raise ScreenError("known takes a field or a number.", *node.args[0].at)
            return replace(node, name=name, args=(made,)), "condition"
        args = tuple(self.number(each) for each in node.args)
        if name in ("zscore", "winsorize") and len(args) > 1:
            self.tail(args[1])
        return replace(node, name=name, args=args, within=self.group(node.within, node.at)), "number"

    def tail(self, node: Node) -> None:
        if not isinstance(node, Number) or not 0 <= node.value < 0.5:
            raise ScreenError(
                "The tail that is drawn in is a share from 0 to below 50%: 1%.", *node.at, ("1%",)
            )

    def group(self, name: str, at: Place) -> str:
        if not name:
            return ""
        canonical = name if name in self.fields else self.aliases.get(name, name)
        if self.fields.get(canonical) != "text":
            texts = tuple(each for each, kind in self.fields.items() if kind == "text")
            raise ScreenError(
                f"within takes a field of words, not {name}: {', '.join(texts)}.",
                at[1] - len(name),
                at[1],
                texts,
            )
        return canonical

    def comparison(self, node: Comparison) -> Node:
        self.bare(node.left, node.right)
        self.bare(node.right, node.left)
        (left, one), (right, other) = self.checked(node.left), self.checked(node.right)
        if one != other or one == "condition":
            raise ScreenError(f"{_WORDS[one].capitalize()} is compared with {_WORDS[other]} here.", *node.at)
        if one == "text" and node.sign not in ("=", "!="):
            raise ScreenError("Text is compared by =, != and in only.", *node.at, ("=", "!="))
        return replace(node, left=left, right=right)

    def bare(self, node: Node, other: Node) -> None:
        """A word without quotes beside a field of words."""
        texts = (
            isinstance(other, Name) and self.fields.get(self.aliases.get(other.name, other.name)) == "text"
        )
        if texts and isinstance(node, Name) and node.name not in self.fields:
            raise ScreenError(f'Text goes in quotes: "{node.name}".', *node.at, (f'"{node.name}"',))

    def contained(self, node: In) -> Node:
        of, kind = self.checked(node.of)
        if kind == "condition":
            raise ScreenError("A field stands before in, not a condition.", *node.of.at)
        for each in node.items:
            self.bare(each, node.of)
        return replace(node, of=of, items=tuple(self.of_kind(each, kind) for each in node.items))
