"""What is kept of a session so that a dropped connection loses nothing: saved as it changes, off the UI's thread."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from terminal.visits import Visit, Visits

if TYPE_CHECKING:
    from terminal.seams import StateLike

KIND, NAME = "workspace", "last"
_LINES = 200  # typed lines kept
_VISITS = 30
_CALM = 0.3  # seconds without a change before it is written


@dataclass(slots=True)
class Workspace:
    """Lines visited with their clocks, where among them the screen stands, and what was typed."""

    visits: list[dict[str, Any]] = field(default_factory=list)
    position: int = -1
    asof: str = ""  # ISO instant of the desk's clock; empty: NOW
    security: str = ""
    history: list[str] = field(default_factory=list)
    theme: str = ""
    draft: str = ""  # what stood in the command bar

    @property
    def fits(self) -> bool:
        """Whether its fields are of their kinds: what was kept may be of another version, or damaged."""
        texts = [getattr(self, each.name) for each in fields(self) if each.default == ""]
        return isinstance(self.history, list) and all(isinstance(text, str) for text in (*texts, *self.history))

    @property
    def clock(self) -> datetime | None:
        """The desk's clock; None is NOW, and what is no instant."""
        try:
            instant = datetime.fromisoformat(self.asof)
        except ValueError:
            return None
        return instant if instant.tzinfo is not None else None

    def to_visits(self) -> Visits:
        visits = Visits()
        for body in self.visits:
            visits.items.append(
                Visit(str(body.get("line", "")), str(body.get("asof", "")), str(body.get("title", "")),
                      tuple(str(name) for name in body.get("panels", ())))
            )  # fmt: skip
        visits.position = max(min(self.position, len(visits.items) - 1), -1 if not visits.items else 0)
        return visits


def capture(
    visits: Visits, *, asof: str, security: str, history: list[str], theme: str, draft: str
) -> Workspace:
    """The workspace of a session as it stands."""
    items = [visit for visit in visits.items if visit.again]
    here = sum(visit.again for visit in visits.items[: visits.position + 1]) - 1
    first = max(0, min(here - _VISITS // 2, len(items) - _VISITS))
    kept = items[first : first + _VISITS]
    bodies = [{"line": v.line, "asof": v.asof, "title": v.title, "panels": list(v.panels)} for v in kept]
    return Workspace(bodies, here - first, asof, security, history[-_LINES:], theme, draft)


def load(state: StateLike | None) -> Workspace:
    """The last workspace; an empty one where there is none or it cannot be read."""
    try:
        body = state.get(KIND, NAME) if state is not None else None
        known = {
            name: value for name, value in (body or {}).items() if name in Workspace.__dataclass_fields__
        }
        workspace = Workspace(**known)
        workspace.to_visits()
        if not workspace.fits:
            return Workspace()
    except Exception:  # a damaged workspace must not keep anyone from starting
        return Workspace()
    return replace(workspace, asof=workspace.asof if workspace.clock else "")


class Keeper(threading.Thread):
    """Writes the newest workspace once changes calm down, and at once when asked to flush."""

    def __init__(self, state: StateLike) -> None:
        super().__init__(name="asof-keeper", daemon=True)
        self._state = state
        self._wake = threading.Condition()
        self._writing = threading.Lock()
        self._newest: Workspace | None = None
        self._written: Workspace | None = None
        self.error: Exception | None = None

    def keep(self, workspace: Workspace) -> None:
        """Note a change; it is on disk within a moment."""
        with self._wake:
            if workspace == self._newest:
                return
            self._newest = workspace
            self._wake.notify()
        if not self.is_alive() and not self.ident:
            self.start()

    def run(self) -> None:
        while True:
            with self._wake:
                while self._newest is self._written:
                    self._wake.wait()
                while self._wake.wait(_CALM):
                    pass
            self.flush()

    def flush(self) -> None:
        """Write what is newest, now, on the caller's thread."""
        with self._writing:
            newest = self._newest
            if newest is None or newest is self._written:
                return
            self._written = newest
            try:
                self._state.put(KIND, NAME, asdict(newest))
                self.error = None
            except Exception as error:  # a full disk or a lost mount: told on the status line, never a crash
                self.error = error
