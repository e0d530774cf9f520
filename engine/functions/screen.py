"""SCREEN: the day's universe by a condition over any field, with ranks and scores, as known at the clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import CommandError
from engine.function import Args, Argument, Function, Kind
from engine.functions import _screen_kept as kept
from engine.functions._screen_about import ABOUT, catalogue
from engine.functions._screen_line import MOST_COLUMNS, OPTIONS, Line, parts, split
from engine.functions._screen_needs import needs
from engine.page import Page, Panel

if TYPE_CHECKING:
    from engine.context import Context
    from engine.functions._screen_data import Columns
    from engine.functions._screen_universe import Day
    from engine.quant.screener import Node, Screened

_TRAILING = ("close", "mktcap", "sector")


def run(context: Context, args: Args) -> Page:
    if args["delete"]:
        return kept.delete(context, args["delete"])
    if args["page"] == "LIST":
        return kept.listed(context)
    if args["page"] == "FIELDS":
        return catalogue(context, args)
    if args["name"]:
        args = kept.recalled(context, args)
    if not args["expression"]:
        if args["score"]:  # a score alone ranks all of which it is known
            Line(args).parsed("score", "number")
            return _screened(context, Line({**args, "expression": f"known({args['score']})"}))
        given = next((each.name for each in OPTIONS if args[each.name] != each.default), "")
        if given:
            raise CommandError(
                f'{given.upper()}= goes with a condition: SCREEN "pe < 15 and roe > 15%".', argument=given
            )
        return catalogue(context, args)
    line = split(args)
    if not line.text:
        raise CommandError('A condition comes first: SCREEN "pe < 15 and roe > 15%".', argument="expression")
    return _screened(context, line)


def _screened(context: Context, line: Line) -> Page:
    from engine.functions import _screen_panels as made
    from engine.functions._screen_data import Columns
    from engine.functions._screen_universe import universe
    from engine.quant import screener

    tree = line.parsed("expression", "condition")
    score = line.parsed("score", "number") if line.args["score"] else None
    pair = _pair(line, tree)
    sort = _sort_tree(line, tree)
    names = _columns(line, tree, score)
    if line.args["save"]:
        line = kept.keep(context, line)
    day = universe(context, line.args["universe"])
    columns = Columns(context, day.refs)
    trees = [each for each in (tree, score, sort, *pair) if each is not None]
    # the close of all settles which day prices are of, also for columns that are read of fewer later
    columns.add(["close", *(name for each in trees for name in screener.field_names(each))])
    found = screener.screen(tree, columns.values, score)
    shown, scores = _ranked(line, columns, found, sort, names)
    context.restate((), {**line.args, "universe": day.word, "save": None, "name": None})
    names = _worth_showing(context, line, shown, names, tree)
    _tell(context, day, columns, found, tree)
    panels = [
        Panel("results", _title(found, day, shown), made.results(shown, names, scores), 4),
        Panel("conditions", f"of {len(day.refs):,}: {day.basis}", made.funnel(day, found.conditions), 2),
        Panel("funnel", "what each condition takes away", made.steps(day, found.conditions), 2, side=True),
    ]
    if len(pair) == 2:
        x, y = (made.axis(screener.write(each), screener.numbers(each, columns.values)) for each in pair)
        if (figure := made.scatter(day, found, x, y)).marks:
            title = f"{y.title} over {x.title}: {x.formula}; {y.formula}"
            panels.append(Panel("scatter", title, figure, 3))
    panels.append(
        Panel("assumptions", "the screen: Tab goes to it, Enter applies", made.form(line.args, day, names))
    )
    return Page(f"Screen: {screener.write(tree)}", tuple(panels))


def _pair(line: Line, tree: Node) -> tuple[Node, ...]:
    """The scatter's two expressions: those of XY=, or the first two numeric fields of the condition."""
    from engine.quant.screener import KINDS, field_names, parse

    if line.args["xy"]:
        found = parts(line.args["xy"])
        if len(found) != 2:
            raise CommandError("XY= takes two fields parted by a comma: XY=pe,roe.", argument="xy")
        return tuple(line.read("xy", text, "number", at) for text, at in found)
    numeric = [name for name in field_names(tree) if KINDS[name] == "number"]
    return tuple(parse(name, KINDS, want="number") for name in numeric[:2])


def _sort_tree(line: Line, tree: Node) -> Node | None:
    """What SORT= says, or else the first "top" or "bottom" asked for: its best stand first."""
    from engine.quant.screener import KINDS

    text = (line.args["sort"] or "").strip()
    if not text:
        return None if line.args["score"] else _best_first(tree)
    return None if KINDS.get(text.lower()) == "text" else line.parsed("sort", "number")


def _best_first(tree: Node) -> Node | None:
    """An order, lowest first, that puts the best of the first top or bottom condition at the head."""
    from engine.quant.screener.tree import And, Extreme, Negative

    if isinstance(tree, Extreme):
        return Negative(tree.of) if tree.side == "top" else tree.of
    if isinstance(tree, And):
        return next((found for part in tree.parts if (found := _best_first(part)) is not None), None)
    return None


def _columns(line: Line, tree: Node, score: Node | None) -> tuple[str, ...]:
    """Fields to show: those of COLUMNS=, or name, those that the screen takes, close, market cap and sector."""
    from engine.quant.screener import ALIASES, FIELDS, ScreenError, field_names

    text = line.args["columns"]
    if not text:
        asked = [*field_names(tree), *(field_names(score) if score is not None else ())]
        names = dict.fromkeys(name for name in ("name", *asked, *_TRAILING) if name != "ticker")
        return tuple(names)[:MOST_COLUMNS]
    found: dict[str, None] = {}
    for word, at in parts(text):
        name = ALIASES.get(word.lower(), word.lower())
        if name not in FIELDS:
            from difflib import get_close_matches

            found_near = get_close_matches(name, [*FIELDS, *ALIASES], n=3, cutoff=0.5)
            near = tuple(dict.fromkeys(ALIASES.get(each, each) for each in found_near))
            fault = ScreenError(f"{word} is no field. SCREEN FIELDS lists them.", at, at + len(word), near)
            raise line.fault(fault, "columns", text)
        found[name] = None
    if len(found) > MOST_COLUMNS:
        raise CommandError(f"COLUMNS= takes {MOST_COLUMNS} fields at most.", argument="columns")
    return tuple(name for name in found if name != "ticker")


def _worth_showing(
    context: Context, line: Line, shown: Columns, names: tuple[str, ...], tree: Node
) -> tuple[str, ...]:
    """Columns that nobody asked for stay away where no row shown has a value."""
    from engine.quant.screener import FIELDS, field_names

    blank = [
        name
        for name in names
        if name in _TRAILING and name not in field_names(tree) and shown.unknown(name) == len(shown.refs) > 0
    ]
    if line.args["columns"] or not blank:
        return names
    told = ", ".join(FIELDS[name].label for name in blank)
    context.note(f"Known of none of those shown, and left out of the columns: {told}.")
    return tuple(name for name in names if name not in blank)


def _ranked(
    line: Line, columns: Columns, found: Screened, sort: Node | None, names: Sequence[str]
) -> tuple[Columns, list[float] | None]:
    """Those that pass, best first, with the columns that are shown, and their scores."""
    import numpy as np

    from engine.quant import screener

    places = np.flatnonzero(found.passes)
    text = (line.args["sort"] or "").strip().lower()
    if sort is not None:
        places = screener.ordering(screener.numbers(sort, columns.values), places, descending=False)
    elif text:
        columns.add([text])
        places = np.array(
            sorted(places.tolist(), key=lambda at: str(columns.values[text][at])), dtype=np.intp
        )
    elif found.score is not None:
        places = screener.ordering(found.score, places, descending=True)
    shown = columns.only(places.tolist())
    shown.add(names if sort is not None or text or found.score is not None else [*names, "mktcap"])
    if sort is None and not text and found.score is None:
        order = screener.ordering(shown.values["mktcap"], np.arange(len(places)), descending=True)
        shown, places = shown.only(order.tolist()), places[order]
    count = min(len(places), line.args["limit"])
    scores = None if found.score is None else [float(found.score[at]) for at in places[:count]]
    return shown.only(range(count)), scores


def _title(found: Screened, day: Day, shown: Columns) -> str:
    passing = int(found.passes.sum())
    cut = f", the first {len(shown.refs)} shown (LIMIT=)" if len(shown.refs) < passing else ""
    return f"{passing:,} of {len(day.refs):,} pass{cut}: a number shows the chart"


def _tell(context: Context, day: Day, columns: Columns, found: Screened, tree: Node) -> None:
    from engine.quant.screener import FIELDS, field_names

    prices = f", prices of {columns.priced}" if columns.priced else ""
    context.note(
        f"Universe: {day.title}, {day.basis}; {len(day.refs):,} securities as of {context.today}{prices}."
    )
    total = len(day.refs)
    blank = {name: columns.unknown(name) for name in field_names(tree) if columns.unknown(name)}
    if blank:
        told = ", ".join(f"{name} of {count:,}" for name, count in blank.items())
        context.note(
            f"Not known of {total:,}: {told}. What is unknown does not pass; {found.unknown:,} of them neither "
            "pass nor fail for that. WHY on a cell says why one is blank.",
            "warning",
        )
    if found.score is not None and (
        without := int((found.passes & (found.score != found.score)).sum())
    ):  # NaN
        context.note(
            f"{without:,} of those that pass have no score, since a part of it is unknown: they come last."
        )
    if columns.filed is not None and columns.filed < total:
        count = "No" if not columns.filed else f"Only {columns.filed:,} of {total:,}"
        some = day.refs[0].ticker
        context.note(
            f"{count} {'security has' if not columns.filed else 'have'} filings known at this clock, which "
            f"fundamental fields are made of. {some} FA fetches one company's (KEYS CONTACT first), asof import "
            "loads files of your own, DATA shows what the store holds.",
            "warning",
        )
    if blank.get("sector") and any(FIELDS[name].name == "sector" for name in blank):
        context.note("Sectors come with companies' profiles: AAPL FA PROFILE fetches one.")


FUNCTIONS = (
    Function(
        "SCREEN",
        "securities that meet conditions over any field, ranked and scored",
        run,
        (
            Argument("page", Kind.CHOICE, "FIELDS lists the fields, LIST the screens kept", None,
                     choices={"FIELDS": (), "LIST": ()}),
            Argument("expression", Kind.TEXT, "conditions: mktcap > 10e9 and pe < 15 and mom_12_1 top 20%", None),
            *(replace(each) for each in OPTIONS),
            Argument("name", Kind.TEXT, "run the screen that SAVE= kept", None, named_only=True),
            Argument("delete", Kind.TEXT, "forget the screen of this name", None, named_only=True),
        ),
        aliases=("EQS",),
        examples=(
            ('SCREEN "mktcap > 10e9 and pe < 15 and mom_12_1 top 20%"', "large, cheap, and rising"),
            ('SCREEN "vol_1y bottom 50%" UNIVERSE=ALL SCORE="z(mom_12_1) - z(vol_1y)"', "calm ones by a score"),
            ('SCREEN "close > 0" UNIVERSE=AAPL,MSFT,IBM COLUMNS=ret_1m,ret_1y XY=vol_1y,ret_1y', "a list"),
            ("SCREEN FIELDS momentum", "the fields that speak of momentum"),
            ('SCREEN "roe > 15%" SAVE=quality', "keeps a screen; SCREEN NAME=quality runs it"),
        ),
        about=ABOUT,
        order=74,
        needs=needs,
    ),
)  # fmt: skip
