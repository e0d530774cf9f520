"""A desk with one model: VALUE grows sales and discounts them; its assumptions are a form, its steps a waterfall."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import polars as pl
from fake_desk import AAPL, HOSTILE, FakeDesk, FakeStanding

from engine.command import Command, parse
from engine.edit import with_argument
from engine.errors import DataError
from engine.figures import Field, Form, Step, Waterfall
from engine.function import Argument, Function, Kind
from engine.page import Column, Metric, Metrics, Page, Panel, Table
from engine.registry import Registry

ARGUMENTS = (
    Argument("growth", Kind.NUMBER, "of sales, a year", minimum=-0.5, maximum=1.0, named_only=True),
    Argument("margin", Kind.NUMBER, "operating margin", minimum=-1.0, maximum=1.0, named_only=True),
    Argument("years", Kind.INTEGER, "years forecast", 5, minimum=1, maximum=40, named_only=True),
    Argument("wacc", Kind.NUMBER, "rate at which cash is discounted", minimum=0.0, maximum=0.5, named_only=True),
    Argument("method", Kind.CHOICE, "how the terminal value is found",
             choices=dict.fromkeys(("GORDON", "MULTIPLE", "NONE"), ())),
    Argument("note", Kind.WORD, "kept with the case", named_only=True),
)  # fmt: skip
VALUE = Function("VALUE", "a model", lambda _c, _a: Page("", ()), ARGUMENTS, security="required")
FUNCTIONS = Registry([VALUE])
DEFAULTS: dict[str, Any] = {
    "growth": 0.05,
    "margin": 0.3,
    "wacc": 0.089,
    "years": 5,
    "method": "GORDON",
    "note": "",
}
BASES = {
    "growth": "mean of 5 fiscal years", "margin": "last fiscal year", "wacc": "CAPM: 4.1% + 1.2 x 4.0%",
    "years": "default", "method": "default",
}  # fmt: skip


@dataclass(frozen=True)
class FormStanding(FakeStanding):
    def edited(self, line: str, name: str, text: str) -> str:
        return with_argument(line, name, text, FUNCTIONS)


class FormDesk(FakeDesk):
    """``gate``, where it is set, holds VALUE until it is opened."""

    def __init__(self, *, hostile: bool = False) -> None:
        super().__init__(hostile=hostile)
        self.gate: threading.Event | None = None

    def _answer(self, words: list[str], progress: Any, cancelled: Any) -> Page:
        line = self.lines[-1] if self.lines else " ".join(words)
        if words[0] != "VALUE":
            return super()._answer(words, progress, cancelled)
        if self.gate is not None:
            self.gate.wait(10)
        command = parse(line, FUNCTIONS)
        assert isinstance(command, Command)
        return value_page(dict(command.args), HOSTILE if self.hostile else "Apple Inc")

    def standing(self) -> FormStanding:
        return FormStanding(self.asof, self.security, self.zone, dict(self.preferences), tuple(self._names))


def value_page(given: dict[str, Any], name: str = "Apple Inc") -> Page:
    """The page of VALUE. A rate below growth has no value: that the function refuses, not the grammar."""
    args = {**DEFAULTS, **{key: value for key, value in given.items() if value is not None}}
    if args["wacc"] <= args["growth"]:
        raise DataError(
            "The cost of capital must lie above the growth of sales: Gordon's sum has no value else."
        )
    start = 100.0
    grown = start * ((1 + args["growth"]) ** args["years"] - 1)
    costs = -(start + grown) * (1 - args["margin"])
    steps = (
        Step("Sales", start, total=True, formula="last fiscal year"),
        Step("growth", grown, formula="sales x ((1 + growth) ^ years - 1)"),
        Step("costs", costs, note=f"as {name} reports them"),
        Step("cash flow", start + grown + costs, total=True),
        Step("terminal value", (start + grown + costs) / (args["wacc"] - args["growth"])),
        Step("net debt", -12.5),
    )
    total = Step("value", sum(step.value for step in steps[3:]), total=True)
    fields = tuple(
        Field(
            argument.name, _LABELS[argument.name], str(args[argument.name]), _shown(argument, args[argument.name]),
            _UNITS.get(argument.name, ""), argument.help, argument.name in given, BASES.get(argument.name, name),
            _GROUPS.get(argument.name, ""), tuple(argument.choices or ()),
        )
        for argument in ARGUMENTS
    )  # fmt: skip
    table = Table(
        pl.DataFrame({"year": list(range(2024, 2024 + args["years"])), "command": ["IBM DES"] * args["years"]}),
        (Column("year", "year", "integer"),), key=("year",), command="command",
    )  # fmt: skip
    return Page(
        f"AAPL US EQUITY {name} value",
        (
            Panel("assumptions", "assumptions", Form(fields)),
            Panel("result", "result", Metrics((Metric("value", total.value, "price", 1, "USD"),))),
            Panel("steps", "from sales to value", Waterfall((*steps, total), "price", 1, "USD"), 2),
            Panel("years", "forecast", table),
        ),
        function="VALUE",
        security=AAPL,
    )


_LABELS = {
    "growth": "sales growth", "margin": "operating margin", "wacc": "cost of capital", "years": "years forecast",
    "method": "terminal value", "note": "note",
}  # fmt: skip
_UNITS = {"growth": "a year"}
_GROUPS = {
    "growth": "Forecast",
    "margin": "Forecast",
    "years": "Forecast",
    "wacc": "Discount",
    "method": "Discount",
}


def _shown(argument: Argument, value: Any) -> str:
    return f"{value:.1%}" if argument.kind is Kind.NUMBER else str(value)
