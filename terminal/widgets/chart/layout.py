"""Which rows and columns of a chart hold what; small charts give up what matters least."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows from the top: readout, legend, plot, rule, volume, date rule, dates. 0 rows: left out."""

    width: int
    height: int
    plot_width: int
    axis_width: int  # with the axis line itself; 0: no axis
    legend: int
    plot_top: int
    plot_rows: int
    divider: int
    volume_rows: int
    rule: int
    dates: int

    @property
    def volume_top(self) -> int:
        return self.plot_top + self.plot_rows + self.divider

    @property
    def rule_row(self) -> int:
        return self.volume_top + self.volume_rows

    @property
    def dates_row(self) -> int:
        return self.rule_row + self.rule

    @property
    def line_end(self) -> int:
        """One past the last row of the crosshair's line."""
        return self.volume_top + self.volume_rows


def lay_out(width: int, height: int, axis_label: int, *, volume: bool) -> Layout:
    """Rows and columns for a chart of this size; ``axis_label`` is its longest label at the right."""
    readout = 1 if height >= 3 else 0
    legend = 1 if height >= 9 else 0
    dates = 1 if height >= 4 else 0
    rule = 1 if height >= 7 else 0
    rest = max(1, height - readout - legend - dates - rule)
    axis = axis_label + 2 if width >= axis_label + 12 else 0
    strip = max(2, min(8, rest // 5)) if volume and rest >= 10 else 0
    divider = 1 if strip and rest >= 14 else 0
    return Layout(
        width=width,
        height=height,
        plot_width=max(1, width - axis),
        axis_width=axis,
        legend=legend,
        plot_top=readout + legend,
        plot_rows=max(1, rest - strip - divider),
        divider=divider,
        volume_rows=strip,
        rule=rule,
        dates=dates,
    )
