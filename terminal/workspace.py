"""What is kept of a session, so that a dropped connection loses nothing, and how sessions share one document."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from terminal.visits import Visit, Visits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from terminal.seams import StateLike

KIND, NAME = "workspace", "last"
_LINES = 200  # typed lines kept
_VISITS = 30


@dataclass(slots=True)
class Workspace:
    """Lines visited with their clocks, where among them the screen stands, and what was typed."""

    visits: list[dict[str, Any]] = field(default_factory=list)
    position: int = -1
    asof: str = ""  # ISO instant of the desk's clock; empty: NOW
    security: str = ""
    history: list[str] = field(default_factory=list)  # of a session being kept: the lines it added
    theme: str = ""
    draft: str = ""  # what stood in the command bar when the session was cut short
    worked_at: str = ""  # ISO instant of the last page shown: of several sessions the newest comes back

    @property
    def fits(self) -> bool:
        """Whether its fields are of their kinds: what was kept may be of another version, or damaged."""
        texts = [getattr(self, each.name) for each in fields(self) if each.default == ""]
        return isinstance(self.history, list) and all(
            isinstance(text, str) for text in (*texts, *self.history)
        )

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


def capture(visits: Visits, **parts: Any) -> Workspace:
    """The workspace of a session as it stands; ``parts`` are the fields that are not about visits."""
    items = [visit for visit in visits.items if visit.again]
    here = sum(visit.again for visit in visits.items[: visits.position + 1]) - 1
    first = max(0, min(here - _VISITS // 2, len(items) - _VISITS))
    kept = items[first : first + _VISITS]
    bodies = [{"line": v.line, "asof": v.asof, "title": v.title, "panels": list(v.panels)} for v in kept]
    return Workspace(bodies, here - first, **parts)


def merged(held: Mapping[str, Any] | None, ours: Workspace) -> dict[str, Any]:
    """The document after a session wrote to it: every session's lines, the visits of the one worked in last."""
    held = held or {}
    newer = str(held.get("worked_at", "")) > ours.worked_at
    others = [line for line in held.get("history", ()) if line not in ours.history]
    return {**(held if newer else asdict(ours)), "history": [*others, *ours.history][-_LINES:]}


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
