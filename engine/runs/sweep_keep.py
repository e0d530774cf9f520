"""A sweep's folder: its order, and a file for each batch that is done, whole or not there."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

from engine.runs.sweep_order import Order, order_of
from engine.runs.sweep_work import Part, unpacked

FOLDER, MOST = "sweeps", 40  # sweeps kept: the oldest go when another begins


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a sweep under the store's home."""

    folder: Path

    @classmethod
    def at(cls, home: Path, id_: str) -> Kept:
        return cls(home / FOLDER / id_)

    def begin(self, order: Order) -> None:
        """Make the folder and write the order, where they are not there."""
        from store.paths import make_folder, replace_atomically

        make_folder(self.folder.parent)
        make_folder(self.folder)
        if not self._order.exists():
            replace_atomically(self._order, order.document().encode())
        _tidy(self.folder.parent, self.folder)

    @property
    def _order(self) -> Path:
        return self.folder / "order.json"

    def order(self) -> Order | None:
        """The order; None where there is no such sweep (any more)."""
        try:
            return order_of(self._order.read_text("utf-8"))
        except FileNotFoundError:
            return None

    def done(self) -> set[int]:
        """Numbers of the batches that are there."""
        names = (each.name for each in self.folder.glob("[0-9]*.npz")) if self.folder.exists() else ()
        return {int(name.removesuffix(".npz")) for name in names}

    def whole(self, order: Order) -> bool:
        """Whether every batch is there."""
        return len(self.done()) == len(order.batches)

    def put(self, number: int, content: bytes) -> None:
        from store.paths import replace_atomically

        replace_atomically(self._file(number), content)

    def get(self, number: int) -> Part | None:
        """A batch; None where it is not there. A file that cannot be read is taken away, to be made again."""
        file = self._file(number)
        try:
            return unpacked(file.read_bytes())
        except FileNotFoundError:
            return None
        except (BadZipFile, ValueError, KeyError, EOFError):
            file.unlink(missing_ok=True)
            return None

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:06d}.npz"


def _tidy(folder: Path, but: Path) -> None:
    """Leave the newest sweeps."""
    held = sorted(
        (each for each in folder.iterdir() if each.is_dir() and each != but), key=_age, reverse=True
    )
    for each in held[MOST - 1 :]:
        shutil.rmtree(each, ignore_errors=True)


def _age(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0
