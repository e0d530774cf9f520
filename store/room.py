"""Room in a folder of things that can be made again: the longest unused go first."""

from __future__ import annotations

from pathlib import Path


def make_room(folder: Path, suffix: str, wanted: int, most: int) -> None:
    """Delete files of one kind until ``wanted`` bytes more are no more than ``most`` together; what lies beside one
    as JSON goes first."""
    held = []
    for path in folder.glob(f"*{suffix}"):
        try:
            found = path.stat()
        except FileNotFoundError:  # another process made room
            continue
        held.append((found.st_mtime, found.st_size, path))
    excess = sum(size for _, size, _ in held) + wanted - most
    for _, size, path in sorted(held, key=lambda each: each[:2]):
        if excess <= 0:
            return
        path.with_suffix(".json").unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        excess -= size
