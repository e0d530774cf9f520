"""BACKTEST's line on its universe: where it comes from, how exactly it is dated, and who of it died."""

from __future__ import annotations

from engine.functions._backtest_found import Found
from engine.page import Text


def universe(found: Found) -> Text:
    """Source and basis of what could be chosen, and how many positions ended in a delisting, in one paragraph."""
    run = found.run
    facts = dict(run.facts)
    said = [_members(word, facts) for word, _ in run.asked.universes]
    if not said:
        said = ["Securities named in the command: no list tells who else could have been chosen."]
    ended = sum(event.kind in ("delisting", "merger") for event in run.outcome.result.events)
    positions = "No position" if not ended else f"{ended:,} position{'s' * (ended > 1)}"
    return Text((" ".join([*said, f"{positions} ended in a delisting."]),))


def _members(word: str, facts: dict[str, str | int | float]) -> str:
    """What is known of an index's list."""
    counts = (
        ("members in the run", "in the run"), ("of them left it", "of them left"),
        ("of them ended in a delisting", "delisted"), ("members without any price", "without a price here"),
    )  # fmt: skip
    told = [f"{facts[f'{word}: {name}']:,} {words}" for name, words in counts if f"{word}: {name}" in facts]
    source = facts.get(f"{word}: source and basis", "a source that is not told")
    return f"Members of {word.upper()} on each day, from {source}: {', '.join(told)}."
