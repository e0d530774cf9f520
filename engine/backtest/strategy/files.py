"""Strategies in files of the user's: one file is read and run, the one that is named, and nothing beside it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from inspect import Parameter, isclass, signature
from pathlib import Path
from traceback import extract_tb
from types import CodeType, ModuleType
from typing import cast

from engine.backtest.strategy.errors import StrategyError
from engine.backtest.strategy.interface import AnyStrategy

_LARGEST = 1_000_000  # bytes
METHODS = ("decide", "signals", "orders")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A strategy as it was read: ``digest`` (SHA-256 of its source) belongs to what makes a run repeatable."""

    name: str
    strategy: AnyStrategy
    parameters: Mapping[str, object]
    digest: str
    about: str


def listed(folder: Path) -> tuple[str, ...]:
    """Names that ``load`` takes, in order; no file is run."""
    if not folder.is_dir():
        return ()
    return tuple(
        sorted(each.stem for each in folder.glob("*.py") if each.stem.isidentifier() and each.stem[0] != "_")
    )


def load(folder: Path, name: str, parameters: Mapping[str, object] | None = None) -> Loaded:
    """The strategy of ``folder``/``name``.py, made with ``parameters``.

    The file defines one class with ``decide``, ``signals`` or ``orders``. It runs when it is loaded, as any Python
    does: load only what you trust. Nothing of it is kept on disk, and the folder is not searched for what it imports.

    Raises
    ------
    StrategyError
        No such file, one that is no Python or fails, no strategy in it or several, parameters that it does not take.
    """
    return _made(folder / f"{name}.py", name, _source(folder, name), parameters)


def loads(source: str, name: str, parameters: Mapping[str, str] | None = None) -> Loaded:
    """The strategy of a source that was read before, under the name that its file had.

    Parameters come as text, as they were typed: those whose default is a number (or true, false) are read as one.

    Raises
    ------
    StrategyError
        As ``load``; and a parameter that is no number where one is needed.
    """
    return _made(Path(f"{name}.py"), name, source.encode(), parameters, typed=True)


def _made(
    path: Path, name: str, source: bytes, parameters: Mapping[str, object] | None, *, typed: bool = False
) -> Loaded:
    module = _module(path, name, source)
    made = _class(module, name)
    given = dict(parameters or {})
    _takes(made, name, given)
    if typed:
        given = {each: _read(made, name, each, value) for each, value in given.items()}
    try:
        strategy = made(**given)
    except Exception as fault:
        raise _failed(name, "could not be made", fault) from fault
    about = (made.__doc__ or module.__doc__ or "").strip()
    return Loaded(name, strategy, given, sha256(source).hexdigest(), about)


def _read(made: Callable[..., object], name: str, parameter: str, value: object) -> object:
    """A parameter that was typed, in the kind of its default."""
    known = signature(made).parameters.get(parameter)
    kind = type(known.default) if known is not None else str
    if not isinstance(value, str) or kind not in (bool, int, float):
        return value
    try:
        if kind is bool:
            return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[
                value.lower()
            ]
        return kind(value)
    except (KeyError, ValueError):
        told = {bool: "true or false", int: "a whole number", float: "a number"}[kind]
        raise StrategyError(f"{name} takes {told} for {parameter}, not {value!r}.") from None


def _source(folder: Path, name: str) -> bytes:
    names = listed(folder)
    if name not in names:
        near = get_close_matches(name, names, n=1)
        meant = f"nearest is {near[0]}" if near else f"there are {', '.join(names) or 'none'}"
        raise StrategyError(
            f"No strategy is called {name} in {folder}: {meant}. A strategy is a file NAME.py there."
        )
    path = folder / f"{name}.py"
    try:
        if path.stat().st_size > _LARGEST:
            raise StrategyError(f"{name}.py has more than {_LARGEST:,} bytes: that is no strategy.")
        return path.read_bytes()
    except OSError as fault:
        raise StrategyError(f"{name}.py cannot be read: {fault.strerror}.") from fault


class _Source(SourceFileLoader):
    """Runs the source that was read (and whose digest is told), and leaves no compiled file behind."""

    def __init__(self, name: str, path: Path, source: bytes) -> None:
        super().__init__(name, str(path))
        self.source = source

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        code: CodeType = self.source_to_code(self.source, self.path)
        return code


def _module(path: Path, name: str, source: bytes) -> ModuleType:
    full = f"asof_strategy_{name}_{sha256(source).hexdigest()[:12]}"
    loader = _Source(full, path, source)
    module = module_from_spec(ModuleSpec(full, loader, origin=str(path)))
    sys.modules[full] = module  # dataclasses and pickles look their module up
    try:
        loader.exec_module(module)
    except SyntaxError as fault:
        del sys.modules[full]
        raise StrategyError(f"{name}.py is no Python at line {fault.lineno}: {fault.msg}.") from fault
    except (Exception, SystemExit) as fault:
        del sys.modules[full]
        raise _failed(name, "failed while it was read", fault) from fault
    return module


def _class(module: ModuleType, name: str) -> Callable[..., AnyStrategy]:
    own = [
        each
        for each in vars(module).values()
        if isclass(each)
        and each.__module__ == module.__name__
        and any(callable(getattr(each, name, None)) for name in METHODS)
    ]
    public = [each for each in dict.fromkeys(own) if not each.__name__.startswith("_")]
    if len(public) != 1:
        told = (
            "no class" if not public else f"several classes ({', '.join(each.__name__ for each in public)})"
        )
        raise StrategyError(
            f"{name}.py has {told} with decide(self, day), signals(self, view) or orders(self, day, account); one is "
            "needed. "
            "Names with a leading _ are passed over."
        )
    several = [name for name in METHODS if callable(getattr(public[0], name, None))]
    if len(several) > 1:
        raise StrategyError(f"{public[0].__name__} of {name}.py has {' and '.join(several)}: leave one.")
    return cast(Callable[..., AnyStrategy], public[0])


def _takes(made: Callable[..., object], name: str, given: Mapping[str, object]) -> None:
    """Refuses parameters that the class has not, and tells of those that it needs."""
    every = signature(made).parameters
    if any(each.kind is Parameter.VAR_KEYWORD for each in every.values()):
        return
    unknown = [each for each in given if each not in every]
    needed = [
        each.name for each in every.values() if each.default is Parameter.empty and each.name not in given
    ]
    if unknown:
        raise StrategyError(f"{name} has no parameter {unknown[0]}: it takes {', '.join(every) or 'none'}.")
    if needed:
        raise StrategyError(f"{name} needs {', '.join(needed)}: give {needed[0].upper()}=...")


def _failed(name: str, what: str, fault: BaseException) -> StrategyError:
    lines = [each.lineno for each in extract_tb(fault.__traceback__) if each.filename.endswith(f"{name}.py")]
    where = f" at line {lines[-1]}" if lines else ""
    return StrategyError(f"{name}.py {what}{where}: {type(fault).__name__}: {fault}")
