"""Which columns a window shows and how wide: pure arithmetic, tested without a table."""

from __future__ import annotations

from collections.abc import Sequence

GAP = 2  # after every column; the last one's also holds the mark of more columns
NARROWEST = 8  # cells that a column keeps where not even two fit at their least


def fit_columns(
    wants: Sequence[int],
    leasts: Sequence[int],
    room: int,
    left: int = 0,
    floors: Sequence[int] | None = None,
    pinned: int = 0,
) -> tuple[list[int], list[int]]:
    """The columns shown, and the widths of all. The first stands first, then those after it; once scrolled, the
    ``pinned`` one stands first, then those after ``left``.

    A column is shown where it fits at its least; what is left over then is shared among those shown. The first
    that does not fit takes what is left where that is no less than its floor: a text cut is more than a blank.
    """
    if not wants:
        return [], []
    widths = list(leasts)
    first = pinned if left else 0
    shown, free = [first], room - widths[first] - GAP
    for column in range(1 + left, len(wants)):
        if column == first:
            continue
        if widths[column] + GAP > free and len(shown) > 1:
            if floors is not None and floors[column] + GAP <= free < widths[column] + GAP:
                widths[column] = free - GAP
                shown.append(column)
                return shown, widths
            break
        shown.append(column)
        free -= widths[column] + GAP
    if free < 0:
        _shrink(widths, shown, -free)
    else:
        _share(widths, wants, shown, free)
    return shown, widths


def _shrink(widths: list[int], shown: Sequence[int], over: int) -> None:
    """A window too narrow for two columns: the wider one gives way, and neither vanishes."""
    for column in sorted(shown, key=lambda column: -widths[column]):
        give = min(over, max(0, widths[column] - NARROWEST))
        widths[column] -= give
        over -= give


def _share(widths: list[int], wants: Sequence[int], shown: Sequence[int], free: int) -> None:
    """Room left over, a like share to every column that wants more, until none does."""
    hungry = [column for column in shown if widths[column] < wants[column]]
    while free > 0 and hungry:
        each = max(1, free // len(hungry))
        for column in hungry:
            give = min(each, wants[column] - widths[column], free)
            widths[column] += give
            free -= give
        hungry = [column for column in hungry if widths[column] < wants[column]]
