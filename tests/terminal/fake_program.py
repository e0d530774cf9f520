"""The terminal program over the fake desk, its state in a file: what the pty tests run.

fake_program.py [hostile] [stuck] [form] [STATE.json]
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "terminal")]


class FileState:
    """Documents in one JSON file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def _all(self) -> dict[str, Any]:
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def get(self, kind: str, name: str = "") -> dict[str, Any] | None:
        return self._all().get(f"{kind}/{name}")

    def update(self, kind: str, name: str, change: Any) -> dict[str, Any]:
        body = dict(change(self.get(kind, name)))
        self.path.write_text(json.dumps({**self._all(), f"{kind}/{name}": body}))
        return body


def main() -> int:
    from terminal.app import AsofApp
    from terminal.run import drive

    words = sys.argv[1:]
    path = next((Path(word) for word in words if word.endswith(".json")), None)

    def factory(progress: Any, _cancelled: Any) -> Any:
        from fake_desk import FakeDesk

        if "loading" in words:
            for step in range(1_000):
                progress(step, 1_000, f"file {step}")
                time.sleep(0.02)
        if "form" in words:
            from form_desk import FormDesk

            return FormDesk(hostile="hostile" in words)
        return FakeDesk(offers=100, hostile="hostile" in words)

    app = AsofApp(factory, state=FileState(path) if path else None, place="~/asof", user="ann")
    if "stuck" in words:  # a loop that never comes round again
        app.action_redraw = lambda: time.sleep(30)  # type: ignore[method-assign]
    if path:
        return drive(app, Path(path).with_suffix(".log"))
    with TemporaryDirectory() as folder:
        return drive(app, Path(folder) / "stderr.log")


if __name__ == "__main__":
    sys.exit(main())
