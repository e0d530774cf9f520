"""What an analyst may set, with defaults: shown and changed by SET, read by the functions' declarations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from engine.period import parse_period


@dataclass(frozen=True, slots=True)
class Preference:
    """One setting. ``check`` answers the value in its canonical form or raises ValueError with a sentence."""

    name: str
    default: str
    help: str
    check: Callable[[str], str]


def _one_of(*choices: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"takes {' | '.join(choices)}, not {text!r}")
        return text.lower()

    return check


def _zone(text: str) -> str:
    try:
        return str(ZoneInfo(text).key)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        wanted = text.replace(" ", "_").lower()
        for name in available_timezones():
            if wanted and name.lower().endswith(wanted):
                return name
        raise ValueError(f"takes a time zone such as America/New_York, not {text!r}") from fault


def _period(text: str) -> str:
    period = parse_period(text)
    if period is None or period.unit == "DATES":
        raise ValueError(f"takes 1M 6M YTD 1Y 5Y 10Y MAX and the like, not {text!r}")
    return str(period)


def _sources(text: str) -> str:
    names = [name for name in text.lower().replace(",", " ").split() if name]
    if names == ["auto"]:
        return "auto"
    from providers.sources import NAMES

    unknown = [name for name in names if name not in NAMES]
    if unknown or not names or len(set(names)) < len(names):
        wrong = f"not {unknown[0]!r}" if unknown else "each once"
        raise ValueError(f"takes auto, or names of sources with commas between ({', '.join(NAMES)}), {wrong}")
    return ",".join(names)


PREFERENCES: Mapping[str, Preference] = {
    preference.name: preference
    for preference in (
        Preference("theme", "amber", "colours: amber on near-black, or light", _one_of("amber", "light")),
        Preference("timezone", "America/New_York", "where the evening of ASOF's date is", _zone),
        Preference("period", "1Y", "range of GP and HP where none is typed", _period),
        Preference("adjust", "splits", "prices adjusted for splits, total return, or as traded",
                   _one_of("splits", "total", "none")),
        Preference("offline", "no", "yes: no source is asked, pages show what the store holds", _one_of("no", "yes")),
        Preference("sources", "auto", "which sources are asked first, as yahoo,massive", _sources),
    )
}  # fmt: skip


def defaults() -> dict[str, str]:
    return {name: preference.default for name, preference in PREFERENCES.items()}


def checked(kept: Mapping[str, object]) -> tuple[dict[str, str], dict[str, str]]:
    """The values in force, and by name what is wrong with each kept value that is passed over for its default.

    What is kept may have been written by another version of the program, or by hand.
    """
    values, faults = defaults(), {}
    for name, preference in PREFERENCES.items():
        if name not in kept:
            continue
        value = kept[name]
        try:
            if not isinstance(value, str):
                raise ValueError(f"takes a word, not {value!r:.40}")
            values[name] = preference.check(value)
        except ValueError as fault:
            faults[name] = f"{name} {fault}"
    return values, faults
