"""Which code worked something out, for names of what is kept on disk: the version, and the source itself."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from engine.version import VERSION

_ENGINE = Path(__file__).parent.parent


@cache
def source_of(*places: str) -> str:
    """A hash of the version and of Python files, named from ``engine/`` on, or of all in a folder. A version stands
    for many states of its source while that is written: what other code worked out is not found."""
    digest = sha256(VERSION.encode())
    for place in places:
        path = _ENGINE / place
        for each in sorted(path.glob("*.py")) if path.is_dir() else filter(Path.is_file, [path]):
            digest.update(each.name.encode() + each.read_bytes())
    return digest.hexdigest()
