"""Whether anybody can be asked at all, before work is begun that would fail task by task for one reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from providers.backfill_plan import Task
    from providers.router import Router

_TYPED = re.compile(r"KEYS (?:(?:ALLOW|SET) \w+|CONTACT|UNLOCK)")


def unready(router: Router, tasks: Sequence[Task]) -> str:
    """Why nobody can be asked for any of the tasks, and what to type; empty where somebody can for some."""
    if way := router.why_offline:
        return f"No source is asked while offline: {way}."
    steps: dict[str, None] = {}
    kinds = {(task.dataset, task.subject.asset_class): task.subject for task in tasks}
    for (dataset, _), subject in kinds.items():
        for info in router.candidates(dataset, subject):
            why = router.not_ready(info)
            if not why:
                return ""
            steps |= dict.fromkeys(_TYPED.findall(why))
    what = " or ".join(sorted({dataset for dataset, _ in kinds}))
    if not steps:
        return f"No source serves {what} of this." if tasks else ""
    *others, last = sorted(steps, key=lambda step: "ALLOW" not in step)  # without a key first
    ways = f"{', '.join(others)} or {last}" if others else last
    return f"No source may be asked for {what} yet. Type {ways}; KEYS shows what each gives."
