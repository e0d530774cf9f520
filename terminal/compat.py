"""Everything that leans on the inside of textual 8.2.8, with the reason. Nothing else in the terminal does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App


def lean(app: App[Any]) -> None:
    """Leave out the tooltip and the toast rack: two widgets and 60 lines of CSS at the first paint, never used."""
    app._disable_tooltips = True
    app._disable_notifications = True
