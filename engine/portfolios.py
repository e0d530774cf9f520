"""What a portfolio is on a command line: securities with weights, with shares, or by the name it was kept under."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.errors import CommandError, DataError
from engine.function import Args, Argument, Kind
from engine.history import read_history
from engine.page import SecurityRef

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.context import Context

KIND = "portfolio"
MOST = 500
NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")

WEIGHTS = Argument(
    "weights", Kind.TEXT, "weights in the order of the securities, 40,60 or 0.4,0.6; negative is short",
    None, named_only=True,
)  # fmt: skip
SHARES = Argument(
    "shares", Kind.TEXT, "positions in shares in the order of the securities, 100,-50", None, named_only=True
)
PORTFOLIO = Argument("pf", Kind.TEXT, "a portfolio kept by SAVE=", None, named_only=True)
HOLDINGS: tuple[Argument, ...] = (WEIGHTS, SHARES, PORTFOLIO)


@dataclass(frozen=True, slots=True)
class Holdings:
    """A portfolio at the clock. ``weights`` float64 (k,) are fractions of what it is worth and add up to one unless
    longs and shorts are as large; ``shares`` (k,) and ``value`` are given where positions were.
    """

    refs: tuple[SecurityRef, ...]
    weights: NDArray[np.float64]
    title: str
    currency: str = ""
    value: float | None = None
    shares: NDArray[np.float64] | None = None

    def only(self, refs: Sequence[SecurityRef]) -> Holdings:
        """The same holdings without those that are not among ``refs``; weights are shared out anew."""
        wanted = {ref.security_id for ref in refs}
        kept = [at for at, ref in enumerate(self.refs) if ref.security_id in wanted]
        if len(kept) == len(self.refs):
            return self
        weights = self.weights[kept]
        total = float(weights.sum())
        return replace(
            self, refs=tuple(self.refs[at] for at in kept), weights=weights / total if total else weights,
            shares=None if self.shares is None else self.shares[kept], value=None,
        )  # fmt: skip


def holdings(context: Context, args: Args) -> Holdings:
    """The portfolio that a line means: PF=name, or its securities with WEIGHTS= or SHARES=, alike where neither.

    The page's command names securities and numbers, so that it opens the same for a colleague and at any clock.

    Raises
    ------
    CommandError, DataError
        What is wrong with the words, or what is not known at the clock.
    """
    refs, weights, shares, title = _asked(context, args)
    if not refs:
        raise CommandError(
            "A portfolio needs securities: type them, or PF= and the name of one kept by PORT SAVE=."
        )
    currencies = {ref.currency for ref in refs if ref.currency}
    currency = currencies.pop() if len(currencies) == 1 else ""
    if shares is not None:
        return _positions(context, refs, shares, title, currency)
    return Holdings(refs, _fractions(weights, len(refs)), title, currency)


def _asked(
    context: Context, args: Args
) -> tuple[tuple[SecurityRef, ...], list[float] | None, list[float] | None, str]:
    name = (args.get("pf") or "").strip().lower()
    if name:
        refs, weights, shares = kept(context, name)
        told = {"weights": _written(weights), "shares": _written(shares), "pf": None}
        context.restate(refs, {**args, **told})
        return refs, weights, shares, f"portfolio {name}"
    refs = tuple({ref.security_id: ref for ref in context.securities}.values())
    weights = numbers(args.get("weights"), "weights", len(refs))
    shares = numbers(args.get("shares"), "shares", len(refs))
    if weights is not None and shares is not None:
        raise CommandError("WEIGHTS= and SHARES= say the same thing twice: give one.", argument="shares")
    title = ", ".join(ref.ticker for ref in refs[:6]) + (
        f" and {len(refs) - 6} more" if len(refs) > 6 else ""
    )
    return refs, weights, shares, title


def numbers(text: str | None, argument: str, count: int) -> list[float] | None:
    """Numbers parted by commas, one a security."""
    import math

    if text is None or not str(text).strip():
        return None
    words = [word.strip().removesuffix("%") for word in str(text).split(",") if word.strip()]
    try:
        found = [float(word.replace("_", "")) for word in words]
    except ValueError as fault:
        raise CommandError(
            f"{argument.upper()}= takes numbers parted by commas: 40,60.", argument=argument
        ) from fault
    if not all(math.isfinite(each) for each in found):
        raise CommandError(f"{argument.upper()}= takes finite numbers.", argument=argument)
    if len(found) != count:
        raise CommandError(
            f"{argument.upper()}= has {len(found)} numbers for {count} securities: one for each, in their order.",
            argument=argument,
        )
    return found


def _fractions(weights: list[float] | None, count: int) -> NDArray[np.float64]:
    import numpy as np

    if weights is None:
        return np.full(count, 1.0 / count)
    given = np.asarray(weights, dtype=np.float64)
    if np.abs(given).max(initial=0.0) > 1e300:
        given = given / np.abs(given).max()  # numbers near the largest there are add up to infinity
    total = float(given.sum())
    if not given.any():
        raise CommandError("All weights are zero: there is nothing to hold.", argument="weights")
    # as much short as long: fractions of what is held on either side
    fractions: NDArray[np.float64] = given / (total if total > 1e-12 else np.abs(given).sum())
    return fractions


def _positions(
    context: Context, refs: tuple[SecurityRef, ...], shares: list[float], title: str, currency: str
) -> Holdings:
    import numpy as np

    if not currency:
        raise DataError(
            "SHARES= needs securities in one currency, since positions are not converted yet: take WEIGHTS= instead."
        )
    prices = []
    for ref in refs:
        history = read_history(context, ref, adjust="none")
        if history.rate or history.basis == "adjusted":
            raise DataError(
                f"{ref.label} has no price as traded in the store: take WEIGHTS= instead of SHARES=."
            )
        prices.append(float(history.frame["close"][-1]))
    held = np.asarray(shares, dtype=np.float64)
    values = held * np.asarray(prices)
    total = float(values.sum())
    if total <= 0:
        raise DataError(
            "The positions are worth nothing or less in all: take WEIGHTS= for a long and short book."
        )
    return Holdings(refs, values / total, title, currency, total, held)


def kept(
    context: Context, name: str
) -> tuple[tuple[SecurityRef, ...], list[float] | None, list[float] | None]:
    """The securities of a portfolio that was kept, as they are called at the clock, with weights or shares.

    Raises
    ------
    DataError
        There is none of that name, or none of its securities is known at the clock.
    """
    body: dict[str, Any] = context.desk.state.get(KIND, name) or {}
    ids = body.get("ids") or []
    if not ids:
        known = ", ".join(names(context)) or "none is kept yet: add SAVE=name to a PORT line"
        raise DataError(f"No portfolio is called {name}. There are: {known}.")
    found = [context.directory.by_id(each) for each in ids]
    places = [at for at, security in enumerate(found) if security is not None]
    if not places:
        raise DataError(f"None of the securities of {name} is known at this clock. ASOF NOW shows all.")
    if missing := len(ids) - len(places):
        context.note(
            f"{missing} of the securities of {name} are not known at this clock: left out.", "warning"
        )
    refs = tuple(security.ref for security in found if security is not None)
    pick = [body.get(what) for what in ("weights", "shares")]
    weights, shares = ([float(each[at]) for at in places] if each else None for each in pick)
    return refs, weights, shares


def keep(context: Context, name: str, held: Holdings, *, shares: bool = False) -> None:
    """Write a portfolio under ``name``: its permanent ids with shares, or with weights."""
    body: dict[str, Any] = {"ids": [ref.security_id for ref in held.refs]}
    if shares and held.shares is not None:
        body["shares"] = [float(each) for each in held.shares]
    else:
        body["weights"] = [float(each) for each in held.weights]
    context.desk.state.update(KIND, name, lambda _: body)


def names(context: Context) -> list[str]:
    """Names of the user's portfolios."""
    return sorted(context.desk.state.names(KIND))


def _written(values: list[float] | None) -> str | None:
    return None if values is None else ",".join(repr(each) for each in values)
