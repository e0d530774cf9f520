"""What a page's form says of each assumption: typed by the reader, or where it comes from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.figures import Form
from engine.function import Args, Function

if TYPE_CHECKING:
    from engine.figures import Field
    from engine.page import Page

DEFAULT = "default"


def told(page: Page, function: Function, args: Args) -> Page:
    """The page, its forms' fields marked as given or default where the function itself said neither."""
    if not any(isinstance(panel.figure, Form) for panel in page.panels):
        return page
    usual = {each.name: each.default for each in function.arguments}
    panels = tuple(
        replace(panel, figure=Form(tuple(_marked(field, usual, args) for field in panel.figure.fields)))
        if isinstance(panel.figure, Form)
        else panel
        for panel in page.panels
    )
    return replace(page, panels=panels)


def _marked(field: Field, usual: Args, args: Args) -> Field:
    if field.given or field.basis or field.name not in usual:
        return field
    if args.get(field.name) != usual[field.name]:
        return replace(field, given=True)
    return replace(field, basis=DEFAULT)
