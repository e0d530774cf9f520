"""What STRESS knows of how things move together: holdings with the assets and factors that are shocked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from engine.errors import CommandError, DataError
from engine.page import SecurityRef
from engine.returns import returns_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.context import Context
    from engine.function import Args
    from engine.returns import Step

_SHOCK = re.compile(
    r"^\s*(?P<name>[^=\s][^=]*?)\s*=\s*(?P<sign>[+-]?)(?P<number>\d+(?:\.\d+)?)(?P<percent>%?)\s*$"
)
DAYS = {"daily": 1.0, "weekly": 5.0, "monthly": 21.0}
_LEAST = 60
_LEAST_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Shock:
    """A security or factor and the return it is given, a fraction."""

    ref: SecurityRef
    size: float


@dataclass(frozen=True, slots=True)
class Joint:
    """Securities and factors in the matrix's order: the holdings first, as they were given.

    ``covariance`` (k, k) of one day (of weeks and months: divided by their days); ``days`` and ``span`` say what it
    was estimated from.
    """

    refs: tuple[SecurityRef, ...]
    covariance: NDArray[Any]
    count: int
    span: str

    def place(self, ref: SecurityRef) -> int:
        return next(at for at, each in enumerate(self.refs) if each.security_id == ref.security_id)


def shocks(context: Context, text: str | None) -> tuple[Shock, ...]:
    """``SPX=-20%, AAPL=-10%``: what is shocked and by how much.

    Raises
    ------
    CommandError
        A word that is no shock, a security that is not known, or one named twice.
    """
    found: list[Shock] = []
    for word in re.split(r"[,;]", text or ""):
        if not word.strip():
            continue
        match = _SHOCK.match(word)
        if match is None:
            raise CommandError(
                f"{word.strip()!r} is no shock: SHOCK= takes a security and its return, parted by commas.",
                argument="shock", suggestions=('STRESS AAPL MSFT SHOCK="SPX=-20%"',),
            )  # fmt: skip
        size = float(match["sign"] + match["number"]) / (100 if match["percent"] else 1)
        if not match["percent"] and abs(size) > 1:
            raise CommandError(
                f"{word.strip()!r}: write a percent sign, {match['name']}={match['sign']}{match['number']}%, or a "
                "fraction.", argument="shock",
            )  # fmt: skip
        if not -0.99 <= size <= 10:
            raise CommandError(f"{word.strip()!r}: a shock lies between -99% and +1000%.", argument="shock")
        ref = _resolved(context, match["name"])
        if any(each.ref.security_id == ref.security_id for each in found):
            raise CommandError(f"{ref.ticker} is shocked twice.", argument="shock")
        found.append(Shock(ref, size))
    return tuple(found)


def _resolved(context: Context, name: str) -> SecurityRef:
    from engine.securities import UnknownSecurity

    words = name.split(maxsplit=1)
    try:
        return context.directory.resolve(words[0], words[1].upper() if len(words) > 1 else "").security.ref
    except UnknownSecurity as fault:
        if fault.ties:
            first = fault.ties[0]
            raise CommandError(
                f"{fault} Add its market: {first.ticker} {first.market}=-20%.", argument="shock"
            ) from fault
        raise CommandError(f"{fault} known at this clock: it cannot be shocked.", argument="shock") from fault


def joint(
    context: Context,
    held: tuple[SecurityRef, ...],
    more: tuple[SecurityRef, ...],
    args: Args,
    logs: bool = False,
) -> Joint:
    """Covariance of a day of ``held`` and ``more`` by the estimator asked for, of log returns where ``logs``.

    Raises
    ------
    DataError
        Too few common returns, or one of them is a rate.
    """
    import numpy as np

    from engine.functions._risk_tables import NAMES
    from engine.quant.risk import covariance

    step = cast("Step", args["frequency"].lower())
    known = {ref.security_id for ref in held}
    extra = tuple(ref for ref in more if ref.security_id not in known)
    factors = tuple(ref for ref in extra if ref.asset_class == "factor")
    assets = (*held, *(ref for ref in extra if ref.asset_class != "factor"))
    least = _LEAST if step == "daily" else _LEAST_MONTHS
    returns = returns_of(context, assets, args["period"], frequency=step, least=least)
    missing = [
        ref.ticker for ref in assets if ref.security_id not in {each.security_id for each in returns.refs}
    ]
    if any(ref.ticker in missing for ref in extra):
        raise DataError(f"{', '.join(missing)} has no returns at this clock: it cannot be shocked.")
    values, dates = returns.values, returns.dates
    if factors:
        values, dates = _with_factors(context, factors, values, dates, step, least)
    if logs:
        values = np.log1p(np.maximum(values, -0.999))
    matrix = covariance(values, NAMES[args["covariance"]]).matrix / DAYS[step]
    span = f"{len(values):,} {step} returns, {dates[0]} to {dates[-1]}"
    return Joint((*returns.refs, *factors), matrix, len(values), span)


def _with_factors(
    context: Context, factors: tuple[SecurityRef, ...], values: Any, dates: Any, step: Step, least: int
) -> tuple[Any, Any]:
    import numpy as np

    from engine.rates import factor_returns

    names = [ref.ticker for ref in factors]
    try:
        panel = factor_returns(context, names, dates, step)
    except DataError as fault:
        hint = "" if step == "monthly" else " Monthly ones may be there: add FREQUENCY=MONTHLY."
        raise DataError(f"{fault}{hint}") from fault
    if len(panel.rows) < least:
        raise DataError(
            f"{', '.join(names)} share {len(panel.rows)} {step} returns with the holdings, and {least} are needed. "
            "Take a longer range: MAX."
        )
    return np.column_stack([values[panel.rows], panel.values]), panel.dates
