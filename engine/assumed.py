"""What a page's form says of each assumption: typed by the reader, or where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.figures import Form
from engine.function import Args, Function
from engine.period import Period

if TYPE_CHECKING:
    from engine.figures import Field
    from engine.page import Page

DEFAULT = "default"


def told(page: Page, function: Function, args: Args) -> Page:
    """The page, its forms' fields marked as given or default where the function itself said neither, and told
    as HELP tells the argument where it said nothing else."""
    if not any(isinstance(panel.figure, Form) for panel in page.panels):
        return page
    usual = {each.name: each.default for each in function.arguments}
    helps = {each.name: each.help for each in function.arguments}
    panels = tuple(
        replace(
            panel, figure=Form(tuple(_marked(field, usual, helps, args) for field in panel.figure.fields))
        )
        if isinstance(panel.figure, Form)
        else panel
        for panel in page.panels
    )
    return replace(page, panels=panels)


def _marked(field: Field, usual: Args, helps: Mapping[str, str], args: Args) -> Field:
    field = field if field.help else replace(field, help=helps.get(field.name, ""))
    if field.given or field.basis or field.name not in usual:
        return field
    if args.get(field.name) != usual[field.name]:
        return replace(field, given=True)
    counted_back = isinstance(usual[field.name], Period) and field.shown != field.text
    return replace(field, basis=f"{DEFAULT}: {field.text}" if counted_back else DEFAULT)
