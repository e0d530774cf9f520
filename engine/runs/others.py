"""Runs of what is no plain security: strategies of options, futures, currency pairs, coins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError
from engine.runs.asked import Asked, as_command

if TYPE_CHECKING:
    from datetime import date

    from engine.context import Context
    from engine.runs.carry import Run
    from engine.runs.options import Rates


def of_options(context: Context, asked: Asked, start: date | None, end: date) -> Run:
    """Legs of options on one underlying.

    Raises
    ------
    CommandError, DataError, Cancelled
        The rules cannot be read, or no chain is known.
    """
    from engine.backtest.rules import RuleError
    from engine.runs.carry import Run
    from engine.runs.options import option_run

    if len(asked.refs) != 1:
        raise CommandError("Legs of options are on one underlying: name one security.")
    try:
        outcome, gathered, market = option_run(
            context.reader, asked.refs[0].security_id, asked.text, start, end, asked.spec.costs,
            asked.spec.terms, rates=_rates(context, start, end), progress=context.progress,
            cancelled=context.cancelled,
        )  # fmt: skip
    except RuleError as fault:
        raise as_command(fault, asked.text) from fault
    except ValueError as fault:
        raise DataError(f"{fault}.") from fault
    return Run(asked, outcome, market, gathered.notes, gathered.facts)


def _rates(context: Context, start: date | None, end: date) -> Rates:
    """The risk-free rate a year, continuously compounded, as the clock knows it."""
    from datetime import date as day

    import numpy as np

    from engine.rates import risk_free
    from engine.runs.options import Rates

    sessions = context.reader.sessions(start or day(1990, 1, 2), end)
    found = risk_free(context, sessions, "daily")
    return Rates(sessions, np.log1p(found.values) * 252.0, found.source)
