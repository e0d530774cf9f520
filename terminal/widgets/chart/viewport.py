"""Which bars are on screen, and how wide: pure arithmetic behind pan and zoom.

A level says how many bars make one candle and how many columns one candle takes. Few bars are
drawn wide; where there are more bars than columns several make one candle, always in equal counts
(candles of 2 and of 3 sessions beside one another would make volume lie).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

WIDEST = 16  # columns a candle: beyond it a handful of bars would only look like buildings
FEWEST = 5  # bars: the closest zoom
SPREAD = 1.03  # candles are spread where they would leave more than this part of the plot blank


@dataclass(frozen=True, slots=True)
class Level:
    """``bars`` bars make one candle (a bucket) that takes ``columns`` columns of the screen."""

    bars: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Viewport:
    """A window of buckets over ``total`` bars, in a plot ``width`` columns wide."""

    total: int
    width: int
    level: Level
    first: int = 0  # first bucket on screen
    fitted: bool = True  # shows everything, and goes on doing so when the size changes

    @classmethod
    def fit(cls, total: int, width: int) -> Viewport:
        """Everything on screen, the width used as fully as equal buckets allow."""
        return cls(total, max(1, width), fit_level(total, max(1, width)))

    @property
    def buckets(self) -> int:
        """How many buckets there are in all."""
        return -(-self.total // self.level.bars)

    @property
    def room(self) -> int:
        """How many buckets the screen has room for."""
        return max(1, self.width // self.level.columns)

    @property
    def last(self) -> int:
        """One past the last bucket on screen."""
        return min(self.buckets, self.first + self.room)

    def bucket(self, bar: int) -> int:
        return max(0, min(self.total - 1, bar)) // self.level.bars

    @property
    def pitch(self) -> float:
        """Columns from one candle to the next: the level's, or a part more, so that no end of the plot is blank.

        Gaps then differ by a column here and there; the sessions within candles never do.
        """
        spread = self.width / max(1, min(self.room, self.buckets))
        return min(spread, WIDEST) if spread > self.level.columns * SPREAD else self.level.columns

    def column_of(self, bar: int) -> int:
        """The middle column of a bar's candle (where its wick stands)."""
        return int((self.bucket(bar) - self.first + 0.5) * self.pitch)

    def middles(self, first: int, last: int) -> np.ndarray:
        """The middle columns of buckets ``first`` to ``last``, exclusive; those off screen lie outside."""
        import numpy as np

        return np.floor((np.arange(first, last) - self.first + 0.5) * self.pitch).astype(np.int64)

    def bar_at(self, column: int) -> int:
        """The last bar of the candle drawn at a column, kept to those on screen."""
        bucket = self.first + int((column + 0.5) / self.pitch)
        return self._last_bar(max(self.first, min(self.last - 1, bucket)))

    def step(self, bar: int, candles: int) -> int:
        """The bar so many candles away, kept to those there are."""
        return self._last_bar(max(0, min(self.buckets - 1, self.bucket(bar) + candles)))

    def bar_range(self, bar: int) -> tuple[int, int]:
        """First and last bar of the candle that holds ``bar``."""
        bucket = self.bucket(bar)
        return bucket * self.level.bars, self._last_bar(bucket)

    def pan(self, candles: int) -> Viewport:
        return self._placed(self.first + candles)

    def reveal(self, bar: int) -> Viewport:
        """Moved as little as it takes to show a bar."""
        bucket = self.bucket(bar)
        if bucket < self.first:
            return self._placed(bucket)
        return self._placed(bucket - self.room + 1) if bucket >= self.first + self.room else self

    def zoom(self, inward: bool, bar: int) -> Viewport:
        """One level closer or farther, ``bar`` staying at the same place on screen."""
        levels = ladder(self.total, self.width)
        density = self.level.bars / self.level.columns
        if inward:
            closer = [level for level in levels if level.bars / level.columns < density * 0.999]
            level = closer[-1] if closer else self.level
        else:
            farther = [level for level in levels if level.bars / level.columns > density * 1.001]
            level = farther[0] if farther else self.level
        if level == self.level:
            return self
        place = (self.bucket(bar) - self.first) / self.room
        moved = replace(self, level=level, fitted=level == levels[-1])
        return moved._placed(round(moved.bucket(bar) - place * moved.room))

    def resized(self, width: int) -> Viewport:
        """The same end of the data in a plot of another width."""
        width = max(1, width)
        if width == self.width:
            return self
        moved = replace(self, width=width)
        if self.fitted or moved.room >= moved.buckets:
            return Viewport.fit(self.total, width)
        return moved._placed(self.last - moved.room)

    def _last_bar(self, bucket: int) -> int:
        return min(self.total, (bucket + 1) * self.level.bars) - 1

    def _placed(self, first: int) -> Viewport:
        return replace(self, first=max(0, min(first, self.buckets - self.room)))


def fit_level(total: int, width: int) -> Level:
    """The level that shows all bars; where they must be merged, the one that leaves least blank."""
    if total * 2 <= width:
        return Level(1, min(WIDEST, width // max(1, total)))
    if total <= width:
        return Level(1, 1)
    best, best_fill = Level(-(-total // width), 1), 0.0
    for columns in range(1, min(3, width) + 1):
        bars = -(-total * columns // width)
        while -(-total // bars) * columns > width:
            bars += 1
        fill = -(-total // bars) * columns / width - 0.1 * (columns - 1)  # detail is worth some blank
        if fill > best_fill:
            best, best_fill = Level(bars, columns), fill
    return best


def ladder(total: int, width: int) -> list[Level]:
    """The levels of zoom, closest first; the last shows everything."""
    end = fit_level(total, width)
    widest = min(WIDEST, max(1, width // FEWEST))
    wide = [Level(1, columns) for columns in (16, 12, 9, 7, 5, 4, 3, 2, 1) if columns <= widest]
    merged: list[Level] = []
    bars = 2
    while bars < 4096:
        merged.append(Level(bars, 1))
        bars = max(bars + 1, round(bars * 1.35))
    limit = end.bars / end.columns
    return [level for level in wide + merged if level.bars / level.columns < limit * 0.95] + [end]
