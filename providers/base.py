"""What every provider shares: where a source's bytes come from, and what it hands over.

A provider turns one outside answer into canonical frames and knows nothing but the store's schema. Until
ids are allotted its frames name a security by ``identity`` (a stable text) instead of ``security_id``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from store.batch import Quarantined

if TYPE_CHECKING:
    import polars as pl


class ProviderError(Exception):
    """A source cannot be read; the message is written for the user."""


class MissingSource(ProviderError):
    """A file that the source should carry is not there."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A data file inside an installed distribution, or in what stands in for it in a test."""

    distribution: str
    package: str
    path: str


class Shelf(Protocol):
    """Where source files are read from."""

    def read(self, file: SourceFile) -> bytes:
        """The file's bytes; MissingSource if it is not there."""

    def version(self, distribution: str) -> str:
        """The installed version of a distribution."""


class InstalledPackages:
    """Files of installed packages, read from disk without importing the packages (skfolio takes 4 s)."""

    def read(self, file: SourceFile) -> bytes:
        path = _package_folder(file.package)
        if path is None or not (path / file.path).is_file():
            raise MissingSource(
                f"{file.path} is not in the installed package {file.distribution}; "
                f"reinstall it (pip install --force-reinstall {file.distribution})"
            )
        return (path / file.path).read_bytes()

    def version(self, distribution: str) -> str:
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version(distribution)
        except PackageNotFoundError as error:
            raise MissingSource(
                f"the package {distribution}, which carries embedded data, is not installed"
            ) from error


@cache
def _package_folder(package: str) -> Path | None:
    """The folder of a top-level package; finding a top-level spec does not run the package's code."""
    from importlib.util import find_spec

    spec = find_spec(package)
    locations = spec.submodule_search_locations if spec is not None else None
    return Path(next(iter(locations))) if locations else None


@dataclass(frozen=True, slots=True)
class Part:
    """What one source says about one dataset: canonical frames keyed by ``identity``, and where from."""

    source: str
    dataset: str
    answer_hash: str
    frames: Mapping[str, pl.DataFrame]
    note: str
    quarantined: tuple[Quarantined, ...] = ()
    positive: bool = True  # False where a price may stand at or below zero


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load did: rows written by source and table (none where all was there already: ``duplicate``),
    rows set aside, and what the packages did not have."""

    seq: int
    duplicate: bool
    rows: Mapping[str, Mapping[str, int]]
    quarantined: int
    seconds: float
    missing: tuple[str, ...] = ()
    tables: Mapping[str, int] = field(default_factory=dict)


def answer_hash(rules: str, *contents: bytes) -> str:
    """Names an answer: the bytes as they came, and the rules that read them."""
    digest = hashlib.sha256(rules.encode())
    for content in contents:
        digest.update(len(content).to_bytes(8, "little") + content)
    return digest.hexdigest()
