"""A strategy's text with braces, read as a grid of texts: ``{20,50}SMA.{100..300/50}EMA``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import prod

MOST_VALUES = 1_000  # of one pair of braces
_COUNTED = 1_000_000_000  # points: more are no sweep of anybody's
_BRACES = re.compile(r"\{([^{}]*)\}")
_NAMED = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?::(.*))?", re.DOTALL)
_RANGE = re.compile(r"(?P<low>[^./][^/]*?)\.\.(?P<high>[^/]+?)(?:/(?P<step>.+))?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class GridError(ValueError):
    """Braces that say nothing to sweep over; ``start`` and ``end`` are offsets in the text."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start, self.end = start, end


@dataclass(frozen=True, slots=True)
class Dimension:
    """One parameter and what it takes, as typed (a range written out)."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A text with holes. ``pieces``: words between holes; ``holes``: the dimension that fills each, in their order.

    Points are counted with the last dimension running fastest.
    """

    dimensions: tuple[Dimension, ...]
    pieces: tuple[str, ...]
    holes: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(each.values) for each in self.dimensions)

    def __len__(self) -> int:
        return prod(self.shape)

    def place(self, point: int) -> tuple[int, ...]:
        """Which value of each dimension a point takes."""
        found: list[int] = []
        for size in reversed(self.shape):
            point, at = divmod(point, size)
            found.append(at)
        return tuple(reversed(found))

    def order(self, fast: tuple[int, ...]) -> tuple[int, ...]:
        """Points in the order in which the dimensions ``fast`` run fastest."""
        slow = [at for at in range(len(self.dimensions)) if at not in fast]
        steps = [prod(self.shape[at + 1 :]) for at in range(len(self.dimensions))]
        found = [0]
        for at in (*slow, *fast):
            found = [point + place * steps[at] for point in found for place in range(self.shape[at])]
        return tuple(found)

    def values(self, point: int) -> tuple[str, ...]:
        """The values themselves, one a dimension."""
        return tuple(each.values[at] for each, at in zip(self.dimensions, self.place(point), strict=True))

    def text(self, point: int) -> str:
        """The strategy of a point."""
        taken = self.values(point)
        filled = [taken[hole] for hole in self.holes]
        return "".join(part for pair in zip(self.pieces, [*filled, ""], strict=True) for part in pair)

    def origin(self, text: str, point: int, start: int, end: int) -> tuple[int, int]:
        """Where ``start`` to ``end`` of a point's strategy stand in ``text``, which the grid was read from.

        Of a value that is its place in the braces, and all of a range.
        """
        values = self.values(point)
        braces = list(_BRACES.finditer(text))
        spans = []  # of the strategy, with what they were made from
        at = typed = 0
        for hole, (piece, found) in enumerate(zip(self.pieces, braces, strict=False)):
            spans.append((at, at + len(piece), typed, typed + len(piece)))
            value = values[self.holes[hole]]
            at += len(piece)
            spans.append((at, at + len(value), *_standing(found, value)))
            at, typed = at + len(value), found.end()
        spans.append((at, at + len(self.pieces[-1]), typed, len(text)))
        return _placed(spans, start)[0], _placed(spans, max(end - 1, start))[1]


def _standing(found: re.Match[str], value: str) -> tuple[int, int]:
    """Where a value stands in its braces; the braces themselves where they repeat those of before."""
    at = found.start(1)
    for part in found[1].split(","):
        item = part.rpartition(":")[2] if at == found.start(1) else part
        begin = at + len(part) - len(item.lstrip())
        if item.strip() == value or (".." in item and _inside(item.strip(), value)):
            return begin, begin + len(item.strip())
        at += len(part) + 1
    return found.span()


def _inside(item: str, value: str) -> bool:
    counted = _RANGE.fullmatch(item)
    return counted is not None and value in _counted(counted, 0, 0)


def _placed(spans: list[tuple[int, int, int, int]], place: int) -> tuple[int, int]:
    """The character of a piece, or the whole of a value, that ``place`` was made from."""
    for first, after, begin, end in spans:
        if first <= place < after:
            if after - first == end - begin:
                return begin + place - first, begin + place - first + 1
            return begin, end
    last = spans[-1][3]
    return last, last


def read_grid(text: str) -> Grid:
    """The grid that a text with braces means.

    ``{20,50,100}`` lists values, ``{100..300/50}`` counts from the first to the last by a step (1 where none is said;
    per cent where all three are), and items of both kinds may be mixed. ``{n:5,10}`` names its parameter, and a later
    ``{n}`` takes the same value.

    Raises
    ------
    GridError
        No braces, an empty or endless list, a range that does not count, one value twice, an unknown name, points
        beyond counting.
    """
    if stray := re.search(r"[{}]", _BRACES.sub(lambda found: " " * len(found[0]), text)):
        at = stray.start()
        raise GridError("A brace that opens is closed by one: {20,50}.", at, at + 1)
    dimensions: list[Dimension] = []
    pieces, holes, after = [], [], 0
    given: dict[str, int] = {}
    for found in _BRACES.finditer(text):
        pieces.append(text[after : found.start()])
        after = found.end()
        name, inside, start = _named(found)
        if name and inside is None:
            if name in given:
                holes.append(given[name])
                continue
            inside, start = found[1], found.start(1)  # one word to try: {SMA}
            name = ""
        values = _values(inside or "", start, found)
        known = {each.name for each in dimensions}
        if name in known:
            raise GridError(f"{name} is given values twice; {{{name}}} takes those of before.", *found.span())
        holes.append(len(dimensions))
        if name:
            given[name] = len(dimensions)
        dimensions.append(Dimension(_unlike(name or _called(text, found), known), values))
    if not dimensions:
        raise GridError(
            "There is nothing to sweep over: put values in braces, {20,50}SMA.{100..300/50}EMA.", 0, len(text)
        )
    if prod(len(each.values) for each in dimensions) > _COUNTED:
        raise GridError(
            f"These braces make more than {_COUNTED:,} points: give fewer values or larger steps.",
            0,
            len(text),
        )
    return Grid(tuple(dimensions), (*pieces, text[after:]), tuple(holes))


def _named(found: re.Match[str]) -> tuple[str, str | None, int]:
    """The name that the braces give, their list (None where only a name stands there), and where it begins."""
    named = _NAMED.fullmatch(found[1])
    if named is None:
        return "", found[1], found.start(1)
    if named[2] is None:
        return named[1], None, found.start(1)
    return named[1].lower(), named[2], found.start(1) + named.start(2)


def _values(inside: str, start: int, found: re.Match[str]) -> tuple[str, ...]:
    values: list[str] = []
    for part in inside.split(","):
        begin = start + len(part) - len(part.lstrip())
        item, end = part.strip(), start + len(part)
        if not item:
            raise GridError("A value is missing between the commas.", start, end + 1)
        counted = _RANGE.fullmatch(item) if ".." in item else None
        if ".." in item and counted is None:
            raise GridError(f"{item} does not count: {{100..300/50}} does.", begin, begin + len(item))
        more = [item] if counted is None else _counted(counted, begin, begin + len(item))
        if twice := next((each for each in more if each in values), ""):
            raise GridError(f"{twice} stands there twice.", begin, begin + len(item))
        values += more
        if len(values) > MOST_VALUES:
            raise GridError(f"One parameter takes {MOST_VALUES:,} values at most.", *found.span())
        start = end + 1
    return tuple(values)


def _counted(found: re.Match[str], start: int, end: int) -> list[str]:
    """A range written out, exactly: decimals, not floats."""
    words = [found["low"].strip(), found["high"].strip(), (found["step"] or "1").strip()]
    sign = "%" if words[0].endswith("%") else ""
    try:
        low, high, step = (Decimal(word.removesuffix("%")) for word in words)
    except InvalidOperation:
        raise GridError(
            f"{found[0]} counts from a number to a number: {{100..300/50}}.", start, end
        ) from None
    if not all(each.is_finite() for each in (low, high, step)) or step <= 0 or high < low:
        raise GridError(f"{found[0]} counts upwards by a step above 0: {{100..300/50}}.", start, end)
    if (high - low) / step >= MOST_VALUES:
        raise GridError(f"{found[0]} makes more than {MOST_VALUES:,} values: take a larger step.", start, end)
    return [f"{low + at * step:f}{sign}" for at in range(int((high - low) / step) + 1)]


def _unlike(name: str, known: set[str]) -> str:
    """The name, with a number where another has it."""
    number, found = 1, name
    while found in known:
        number += 1
        found = f"{name} {number}"
    return found


def _called(text: str, found: re.Match[str]) -> str:
    """A parameter's name from the words beside its braces: 50SMA's SMA, hold 20's hold, rsi(14)'s rsi."""
    if after := re.match(r"[A-Za-z]\w*", text[found.end() :]):
        return after[0].upper()
    if share := re.match(r"%?\s*(profit|loss)\b", text[found.end() :]):  # close at {50,75}% profit
        return share[1]
    before = text[: found.start()]
    if beside := re.search(r"([A-Za-z_]+)$", before):  # SMA{20,50}
        return beside[1].upper()
    if (call := _open_call(before)) is not None:
        return call
    clause = _BRACES.sub("", before.rpartition(";")[2])
    words = [word for word in _WORD.findall(clause) if word.lower() not in ("and", "or", "not", "when")]
    sign = re.search(r"([<>=!]+|above|below|\*|/)\s*$", clause)
    plain = sign is None or sign[1] in words or sign[1] == "="
    return f"{words[-1] if words else 'value'} {'' if plain or sign is None else sign[1]}".strip()


def _open_call(before: str) -> str | None:
    """The function whose parentheses are open at the end of ``before``, with the place among its numbers."""
    before = _BRACES.sub("0", before)
    depth, numbers = 0, 1
    for at in range(len(before) - 1, -1, -1):
        letter = before[at]
        depth += (letter == ")") - (letter == "(")
        if letter == "," and depth == 0 and re.fullmatch(r"[\s\d.%,]*", before[at + 1 :]):
            numbers += re.search(r"[(,]\s*[\d.%]+\s*$", before[:at]) is not None
        if depth < 0:
            word = re.search(r"([A-Za-z_]\w*)\s*$", before[:at])
            if word is None:
                return None
            return word[1] if numbers == 1 else f"{word[1]} {numbers}"
    return None
