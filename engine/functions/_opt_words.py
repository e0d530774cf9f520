"""What is typed to OPT: bounds, caps of sectors, and views."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import CommandError, DataError
from engine.function import Args
from engine.page import SecurityRef
from engine.portfolios import Holdings
from engine.quant.portfolio import Constraints, Group, sector_groups

if TYPE_CHECKING:
    from engine.context import Context

_CAP = re.compile(r"^\s*(?P<name>[^<>=]+?)\s*(?P<side><=|>=|<|>)\s*(?P<number>-?\d+(?:\.\d+)?)\s*%?\s*$")
_VIEW = re.compile(
    r"^\s*(?P<one>[^=\s-][^=\s]*?)\s*(?:-\s*(?P<other>[^=\s]+?)\s*)?=\s*(?P<number>-?\d+(?:\.\d+)?)\s*%?\s*$"
)


def constraints(context: Context, args: Args, held: Holdings) -> Constraints:
    """Bounds in fractions, and groups of the sectors that CAPS= names."""
    if args["low"] > args["high"]:
        raise CommandError("LOW= lies above HIGH=.", argument="low")
    turnover = args["turnover"] / 100.0 if args["turnover"] else None
    groups: tuple[Group, ...] = ()
    if args["caps"]:
        low, high = caps(args["caps"])
        sectors = _sectors(context, held.refs)
        known = {name.upper(): name for name in sectors}
        named = {name.upper() for name in (*low, *high)}
        if unknown := sorted(named - set(known)):
            raise CommandError(
                f"No holding is of the sector {unknown[0].title()}: there are {', '.join(sorted(set(sectors)))}.",
                argument="caps",
            )
        groups = sector_groups(
            sectors,
            {known[name.upper()]: value for name, value in low.items()},
            {known[name.upper()]: value for name, value in high.items()},
        )
    return Constraints(
        args["low"] / 100.0, args["high"] / 100.0, turnover=turnover,
        current=held.weights if turnover is not None else None, groups=groups,
    )  # fmt: skip


def caps(text: str) -> tuple[dict[str, float], dict[str, float]]:
    """Least and most of each sector, as fractions."""
    low: dict[str, float] = {}
    high: dict[str, float] = {}
    for part in text.split(","):
        found = _CAP.match(part)
        if found is None:
            raise CommandError(
                f'{part.strip()!r} is no cap: CAPS="Energy<=20%,Technology>=10%".', argument="caps"
            )
        side = high if found["side"].startswith("<") else low
        side[found["name"]] = float(found["number"]) / 100.0
    return low, high


def _sectors(context: Context, refs: Sequence[SecurityRef]) -> list[str]:
    ids = [ref.security_id for ref in refs]
    rows = context.reader.rows("profiles", ids, columns=("sector",))
    known = dict(zip(rows["security_id"], rows["sector"], strict=True))
    missing = [ref.ticker for ref in refs if not known.get(ref.security_id)]
    if missing:
        raise DataError(
            f"No sector of {', '.join(missing[:6])} is known at this clock, so that CAPS= cannot hold. FA "
            "PROFILE shows what is known; leave CAPS= out."
        )
    return [str(known[each]) for each in ids]


def views(text: str, refs: Sequence[SecurityRef]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Picks (v, k) and returns over the risk-free rate (v,) of ``AAPL=12%,MSFT-IBM=3%``.

    Raises
    ------
    CommandError
        A part is no view, or names a security that is not among the holdings.
    """
    places = {ref.ticker.upper(): at for at, ref in enumerate(refs)}
    picks, said = [], []
    for part in text.split(","):
        found = _VIEW.match(part)
        if found is None:
            raise CommandError(
                f'{part.strip()!r} is no view: VIEWS="AAPL=12%,MSFT-IBM=3%".', argument="views"
            )
        row = np.zeros(len(refs))
        for name, sign in ((found["one"], 1.0), (found["other"], -1.0)):
            if name is None:
                continue
            if name.upper() not in places:
                raise CommandError(
                    f"{name} is not among the securities: a view is about {', '.join(places)}.",
                    argument="views",
                )
            row[places[name.upper()]] += sign
        if not row.any():
            raise CommandError(f"{part.strip()}: a security earns nothing over itself.", argument="views")
        picks.append(row)
        said.append(float(found["number"]) / 100.0)
    return np.array(picks), np.array(said)
