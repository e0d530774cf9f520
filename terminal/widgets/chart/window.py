"""The viewport of lines: any stretch of points spread evenly over the plot's width."""

from __future__ import annotations

from dataclasses import dataclass, replace

FEWEST = 5
ZOOM = 1.35


@dataclass(frozen=True, slots=True)
class Window:
    """``count`` points from ``first`` on, over ``width`` columns; same manners as Viewport."""

    total: int
    width: int
    first: int
    count: int
    fitted: bool = True

    @classmethod
    def fit(cls, total: int, width: int) -> Window:
        return cls(total, max(1, width), 0, max(1, total))

    @property
    def room(self) -> int:
        return self.count

    @property
    def last(self) -> int:
        """One past the last point on screen."""
        return min(self.total, self.first + self.count)

    @property
    def scale(self) -> float:
        """Columns from one point to the next."""
        return (self.width - 1) / max(1, self.count - 1)

    def column_of(self, bar: int) -> int:
        return round((bar - self.first) * self.scale)

    def bar_at(self, column: int) -> int:
        bar = self.first + round(column / self.scale) if self.scale else self.first
        return max(self.first, min(self.last - 1, bar))

    def step(self, bar: int, candles: int) -> int:
        """So many columns away, or points where these are farther apart than columns."""
        stride = max(1, round(self.count / self.width))
        return max(0, min(self.total - 1, bar + candles * stride))

    def bar_range(self, bar: int) -> tuple[int, int]:
        return bar, bar

    def pan(self, points: int) -> Window:
        return self._placed(self.first + points)

    def reveal(self, bar: int) -> Window:
        if bar < self.first:
            return self._placed(bar)
        return self._placed(bar - self.count + 1) if bar >= self.first + self.count else self

    def zoom(self, inward: bool, bar: int) -> Window:
        count = round(self.count / ZOOM) if inward else round(self.count * ZOOM) + 1
        count = max(min(FEWEST, self.total), min(self.total, count))
        if count == self.count:
            return self
        place = (bar - self.first) / self.count
        moved = replace(self, count=count, fitted=count == self.total)
        return moved._placed(round(bar - place * count))

    def resized(self, width: int) -> Window:
        return self if width == self.width else replace(self, width=max(1, width))

    def _placed(self, first: int) -> Window:
        return replace(self, first=max(0, min(first, self.total - self.count)))
