from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from providers.base import InstalledPackages, MissingSource, SourceFile
from providers.embedded import load_embedded
from store import Store, open_store

SHARED = Path(__file__).resolve().parents[3] / "shared"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class FakeShelf:
    """The installed packages, some of their files replaced or taken away (None)."""

    replaced: Mapping[str, bytes | None] = field(default_factory=dict)

    def read(self, file: SourceFile) -> bytes:
        if file.path in self.replaced:
            content = self.replaced[file.path]
            if content is None:
                raise MissingSource(f"{file.path} is not there")
            return content
        return InstalledPackages().read(file)

    def version(self, distribution: str) -> str:
        return InstalledPackages().version(distribution)


def gz(text: str) -> bytes:
    return gzip.compress(text.encode())


def zipped(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("eurofxref-hist.csv", text)
    return buffer.getvalue()


def ids(store: Store, *tickers: str) -> list[int]:
    """Permanent ids of securities by the latest ticker, or by a former one."""
    rows = store.securities(asof=NOW).sort("valid_from")
    found = {row["ticker"]: row["security_id"] for row in rows.iter_rows(named=True)}
    return [found[ticker] for ticker in tickers]


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with all embedded data, for tests that only read."""
    store = open_store(tmp_path_factory.mktemp("embedded") / "home")
    load_embedded(store)
    yield store
    store.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "home")
    yield store
    store.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Outside data, for comparison only."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the outside data of ../shared are not on this machine")
    return SHARED / "data"
