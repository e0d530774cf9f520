"""A workaround for textual 8.2.8: a partial update repaints from the left end of a line, not from the change.

``ChopsUpdate.render_segments`` crops a dirty span on its right only (its source says "TODO: crop to x
extents"), so that a crosshair moving at the right of a chart repainted every line up to it: 21 kB a
key instead of 4. Cropping on the left as well changes no picture and helps every widget that
refreshes regions. It is installed for exactly the version it was written against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import textual
from rich.control import Control
from textual._compositor import ChopsUpdate

if TYPE_CHECKING:
    from rich.console import Console

WRITTEN_FOR = "8.2.8"


def render_segments(self: ChopsUpdate, console: Console) -> str:
    """The update as terminal sequences, each span cropped to the columns that changed."""
    out: list[str] = []
    last_y = self.spans[-1][0]
    for y, x1, x2 in self.spans:
        for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
            if strip is None or x >= x2 or end <= x1:
                continue
            start, stop = max(x, x1), min(end, x2)
            part = strip if (start, stop) == (x, end) else strip.crop(start - x, stop - x)
            out += (Control.move_to(start, y).segment.text, part.render(console))
        if y != last_y:
            out.append("\n")
    return "".join(out)


def install() -> bool:
    """Use it from now on; False, and nothing done, under any other version of textual."""
    if textual.__version__ != WRITTEN_FOR:
        return False
    ChopsUpdate.render_segments = render_segments  # type: ignore[method-assign]
    return True
