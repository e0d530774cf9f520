"""What a user chose about sources: which may be asked, in which order, and how the user can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from providers.keys import Keys
from providers.source import SourceInfo

if TYPE_CHECKING:
    from store.state import UserState

KIND = "sources"  # of the user's documents


@dataclass(frozen=True, slots=True)
class Choices:
    """``allowed``: sources whose terms the user said yes to. ``order``: those to ask first, best first."""

    allowed: frozenset[str] = field(default_factory=frozenset)
    contact: str = ""
    order: tuple[str, ...] = ()


def read_choices(state: UserState) -> Choices:
    """What is kept; nothing is chosen where it cannot be read."""
    kept = state.get(KIND) or {}
    contact = kept.get("contact")
    return Choices(
        frozenset(_words(kept.get("allowed"))),
        contact if isinstance(contact, str) else "",
        tuple(dict.fromkeys(_words(kept.get("order")))),
    )


def write_choices(state: UserState, choices: Choices) -> None:
    """Keep them; fields of other programs in the document stay."""

    def joined(held: Mapping[str, Any] | None) -> Mapping[str, Any]:
        return {
            **(held or {}),
            "allowed": sorted(choices.allowed),
            "contact": choices.contact,
            "order": list(choices.order),
        }

    state.update(KIND, "", joined)


def _words(value: object) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def ready(info: SourceInfo, keys: Keys, choices: Choices) -> str:
    """Why a source cannot be asked yet and what to type, or ``""``."""
    name = info.name.upper()
    if info.consent and info.name not in choices.allowed:
        return f"{info.title} is not asked without your yes to its terms. KEYS ALLOW {name} shows them"
    if info.contact and "@" not in choices.contact:
        return f"{info.title} wants to know how to reach you. Type KEYS CONTACT and your mail address"
    if info.key is not None and not info.key.optional and not keys.secrets(info):
        if keys.locked and info.name in keys.held_in_file:
            return (
                f"the key of {info.title} lies in a file that is locked. KEYS UNLOCK asks for its passphrase"
            )
        variables = " or ".join(names[0] for names in info.key.variables)
        return f"{info.title} needs a key ({info.key.where}). KEYS SET {name} takes it, or the variable {variables}"
    return ""
