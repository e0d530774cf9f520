"""All functions, found in ``engine/functions/``: adding a function is adding a file there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from engine.function import Argument, Function, Kind

# What every function with needs takes beside its own arguments. It is about the line, not about the page: the
# desk asks by it and leaves it out of the page's command.
REFRESH = Argument(
    "refresh", Kind.CHOICE, "ask the sources again, also for what is held", None, choices={"REFRESH": ()}
)


class Registry:
    """Functions by mnemonic and alias, in the order HELP shows them."""

    def __init__(self, functions: Iterable[Function]) -> None:
        self._functions = tuple(
            replace(each, arguments=(*each.arguments, REFRESH)) if each.needs is not None else each
            for each in sorted(functions, key=lambda f: (f.order, f.mnemonic))
        )
        self._by_name: dict[str, Function] = {}
        for function in self._functions:
            for name in (function.mnemonic, *function.aliases):
                if name in self._by_name:
                    other = self._by_name[name].mnemonic
                    raise ValueError(f"{name} names both {other} and {function.mnemonic}")
                self._by_name[name] = function

    def __iter__(self) -> Iterator[Function]:
        return iter(self._functions)

    def get(self, name: str) -> Function | None:
        return self._by_name.get(name.upper())

    def names(self) -> tuple[str, ...]:
        return tuple(self._by_name)


@cache
def registry() -> Registry:
    """The registry of every ``FUNCTIONS`` tuple in ``engine/functions/``."""
    import importlib
    import pkgutil

    import engine.functions as package

    found: list[Function] = []
    for module in pkgutil.iter_modules(package.__path__):
        if not module.name.startswith("_"):
            found += importlib.import_module(f"{package.__name__}.{module.name}").FUNCTIONS
    return Registry(found)
