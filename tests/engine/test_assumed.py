"""What forms say of their fields, on every page that has one: typed, or where the value comes from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.desk import Desk
from engine.figures import Field, Form

MakeDesk = Callable[..., Desk]


def fields(desk: Desk, line: str) -> dict[str, Field]:
    forms = [panel.figure for panel in desk.run(line).panels if isinstance(panel.figure, Form)]
    assert forms, line
    return {field.name: field for form in forms for field in form.fields}


@pytest.mark.parametrize(
    "line",
    [
        "CORR AAPL MSFT IBM",
        "AAPL QUANT",
        "PORT AAPL MSFT",
        "OPT AAPL MSFT IBM",
        "STRESS AAPL MSFT",
        "AAPL OVME",
    ],
)
def test_nothing_is_called_given_that_was_not_typed(line: str, make_desk: MakeDesk) -> None:
    found = fields(make_desk(), line)
    assert not [field.name for field in found.values() if field.given]
    assert not [field.name for field in found.values() if not field.basis]
    assert not [field.name for field in found.values() if not field.help and field.name not in ("spot",)]


def test_what_is_typed_is_called_given(make_desk: MakeDesk) -> None:
    desk = make_desk()
    found = fields(desk, "CORR AAPL MSFT IBM WEEKLY 3Y")
    assert (found["frequency"].given, found["period"].given, found["window"].given) == (True, True, False)
    assert fields(desk, "CORR AAPL MSFT IBM")["period"].basis == "default: 2Y"


def test_a_name_of_another_function_is_no_ticker(make_desk: MakeDesk) -> None:
    from engine.errors import CommandError

    with pytest.raises(
        CommandError, match="CORR does not take 'BENCHMARK=SPX'; it takes PERIOD=, FREQUENCY="
    ):
        make_desk().run("CORR AAPL MSFT BENCHMARK=SPX")


@pytest.mark.parametrize("name", ["SPX", "spx", '"SPX INDEX"'])
def test_a_benchmark_may_carry_its_market(name: str, make_desk: MakeDesk) -> None:
    assert fields(make_desk(), f"AAPL QUANT BENCHMARK={name}")["benchmark"].shown == "SPX INDEX"
