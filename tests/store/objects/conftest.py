"""A server of objects, and the environment that names it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.objects.s3 import S3, serving


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[S3]:
    with serving() as held:
        for name, value in held.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("ASOF_OBJECT_CACHE", str(tmp_path / "kept"))
        yield held
