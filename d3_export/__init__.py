"""Pages as one standalone HTML file: interactive figures, no network, a hash that the file itself verifies.

    html = render([page])               # one text, the same bytes for the same page
    data = opened(html)                 # what the file holds, and whether it is as it was written

``render`` raises ``MissingD3`` where D3 did not come with the install. See ``docs/exports.md``.
"""

from d3_export.document import render
from d3_export.opened import Opened, Unreadable, opened
from d3_export.vendored import MissingD3

__all__ = ["MissingD3", "Opened", "Unreadable", "opened", "render"]
