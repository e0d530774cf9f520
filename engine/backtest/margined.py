"""What an account's margin leaves of what is wanted: positions held are kept, what would grow shrinks by one part."""

from __future__ import annotations

from collections.abc import Mapping

ONE = 1e-12  # of a room: a goal that fills it but for its last bits fits


def allowed(
    held: Mapping[int, int], goals: Mapping[int, int], each: Mapping[int, float], room: float
) -> dict[int, int]:
    """Goals that fit into ``room`` of notional.

    Parameters
    ----------
    held, goals : units by column; a column without a goal keeps what it holds
    each : a unit's notional by column, of every column that is held or wanted, in the money of ``room``
    room : notional that the equity over the initial margin bears

    Returns
    -------
    dict
        What shrinks stays as wanted; what grows (the other side of a turned position is all growth) goes as far as
        ``part = (room - kept) / growth``, towards what is kept.
    """
    kept, growth = 0.0, 0.0
    bases = {}
    for column in {*held, *goals}:
        have = held.get(column, 0)
        goal = goals.get(column, have)
        base = min(abs(have), abs(goal)) * (1 if goal > 0 else -1) if have * goal > 0 else 0
        bases[column] = base
        kept += abs(base) * each[column]
        growth += abs(goal - base) * each[column]
    if not growth or kept + growth <= room * (1 + ONE):
        return dict(goals)
    part = max(room - kept, 0.0) / growth
    return {column: bases[column] + int((goal - bases[column]) * part) for column, goal in goals.items()}
