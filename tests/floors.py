"""Reads the imports of every module and says which of them climb a floor they must not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OURS = ("store", "providers", "engine", "rl", "agents", "d3_export", "terminal")
SCREEN = ("textual", "rich", "textual_plotext", "plotext")  # only terminal/ draws
NETWORK = ("httpx", "httpx2", "requests", "urllib.request", "urllib3", "aiohttp", "yfinance", "fredapi")


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement: who asks for what, and whether only type checkers follow it."""

    module: str  # "engine.quant.resample"
    target: str  # "store.reads"
    line: int
    typing_only: bool = False

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


# What tells figures in words and numbers: no desk, no store, no screen.
_ABOUT_FIGURES = (
    "engine.page", "engine.figures", "engine.format", "engine.sanitize", "engine.cells", "engine.spells",
    "engine.waterfall",
)  # fmt: skip

# From the most particular folder to the least: what its modules may import of ours.
ALLOWED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("store", ("store",)),
    ("providers", ("providers", "store")),
    ("engine.quant", ("engine.quant",)),
    ("engine.backtest", ("engine.backtest", "engine.quant")),
    ("engine.encode", ("engine.encode", *_ABOUT_FIGURES)),
    ("engine.cells", _ABOUT_FIGURES),
    ("engine.spells", _ABOUT_FIGURES),
    ("engine.waterfall", _ABOUT_FIGURES),
    ("engine.page", ("engine.figures",)),
    ("engine.figures", ("engine.page",)),
    ("engine.errors", ()),
    ("engine.sanitize", ()),
    ("engine", ("engine", "store", "providers")),
    ("d3_export", ("d3_export", "engine.encode", "engine.errors", "engine.version", *_ABOUT_FIGURES)),
    ("terminal", ("terminal", "d3_export", "engine", "store", "providers")),
)


def violations(root: Path) -> list[str]:
    """Every import in our packages under ``root`` that breaks a floor, as sentences."""
    found = []
    carriers: dict[str, set[str]] = {}
    for one in imports(root):
        if fault := broken(one):
            found.append(f"{one}: {fault}")
        for name in ("httpx", "httpx2"):
            if within(one.target, name):
                carriers.setdefault("httpx", set()).add(one.module)
    for name, modules in carriers.items():
        if len(modules) > 1:
            found.append(f"{name} is imported in {', '.join(sorted(modules))}: one file only")
    return found


def broken(one: Import) -> str | None:
    """What is wrong with an import, or None."""
    if any(within(one.target, name) for name in SCREEN) and not within(one.module, "terminal"):
        return "only terminal/ draws"
    if any(within(one.target, name) for name in NETWORK) and not within(one.module, "providers"):
        return "only providers/ reach the network"
    if within(one.target, "obstore") and not within(one.module, "store.objects"):
        return "only store/objects/ reaches object storage"
    if one.target.partition(".")[0] not in OURS:
        return None
    for folder, allowed in ALLOWED:
        if within(one.module, folder):
            # a name in an annotation makes nothing run: page.py may speak of the reads it carries
            if one.typing_only and within(one.target, "store") and within(one.module, "engine"):
                return None
            fine = any(within(one.target, name) for name in allowed) or one.target == folder
            return None if fine else f"{folder} imports only {', '.join(allowed) or 'nothing'} of ours"
    return None


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def imports(root: Path) -> Iterator[Import]:
    """Every import in our packages, also those inside functions."""
    for package in OURS:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            yield from imports_of(path.read_text("utf-8"), module, package=path.name == "__init__.py")


def imports_of(source: str, module: str, *, package: bool = False) -> Iterator[Import]:
    """The imports of one module's source."""
    tree = ast.parse(source)
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for statement in block.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(module, name.name, node.lineno, id(node) in typing_only)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module, package)
            for name in node.names:
                # "from engine import desk" imports engine.desk, as far as the floors care
                target = f"{base}.{name.name}" if base in OURS else base
                yield Import(module, target, node.lineno, id(node) in typing_only)
        elif isinstance(node, ast.Call) and _imports_by_name(node):
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield Import(module, argument.value, node.lineno)


def _imports_by_name(node: ast.Call) -> bool:
    return bool(node.args) and ast.unparse(node.func) in (
        "importlib.import_module",
        "import_module",
        "__import__",
    )


def _absolute(node: ast.ImportFrom, module: str, package: bool) -> str:
    """The module that a relative import means."""
    if not node.level:
        return node.module or ""
    parents = module.split(".")
    kept = parents[: len(parents) - node.level + (1 if package else 0)]
    return ".".join([*kept, *([node.module] if node.module else [])])
