"""The two themes of the terminal, and the inks that strip widgets draw with.

Amber labels on near-black, values in warm white; the light theme keeps the same roles on paper. Each
colour was chosen so that its nearest of the 16 terminal colours keeps the role apart from its neighbours.
Widgets that draw strips take an :class:`Ink` (rich styles, made once a theme); widgets styled by CSS, the
charts' component classes among them, use the variables of the theme.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rich.style import Style
from textual.theme import Theme

DARK, LIGHT = "asof-dark", "asof-light"


@dataclass(frozen=True, slots=True)
class Colours:
    """The roles of colour. ``label`` is the house amber."""

    background: str
    surface: str
    panel: str
    text: str
    label: str
    muted: str
    rule: str
    up: str
    down: str
    info: str
    on_label: str  # text on an amber ground
    on_alarm: str
    series: tuple[str, ...]  # lines of a chart, first to last


_DARK = Colours(
    background="#0b0a08",
    surface="#16140f",
    panel="#262218",
    text="#eee8d5",
    label="#ffb000",
    muted="#9a927f",
    rule="#5f5a4c",
    up="#5fd75f",
    down="#ff5f5f",
    info="#5fafff",
    on_label="#0b0a08",
    on_alarm="#0b0a08",
    series=("#ffb000", "#5fafff", "#5fd7af", "#d787ff", "#ff875f", "#d7d75f", "#87d7ff", "#ff87af"),
)

_LIGHT = Colours(
    background="#fbf7ec",
    surface="#f3eddc",
    panel="#e9e0c8",
    text="#1c1810",
    label="#8a4b00",
    muted="#6b6455",
    rule="#a79f8a",
    up="#00702a",
    down="#b00020",
    info="#0050a0",
    on_label="#fbf7ec",
    on_alarm="#fbf7ec",
    series=("#8a4b00", "#0050a0", "#00702a", "#7a1fa2", "#b3261e", "#5d6000", "#006a7a", "#a0006a"),
)


@dataclass(frozen=True, slots=True)
class Ink:
    """Rich styles by role, for widgets that draw their own strips."""

    base: Style
    text: Style
    strong: Style
    muted: Style
    label: Style
    title: Style
    head: Style
    rule: Style
    up: Style
    down: Style
    info: Style
    warning: Style
    error: Style
    cursor: Style  # the row under the cursor
    cell: Style  # the cell under the cursor
    banner: Style
    bar: Style  # command bar
    caret: Style
    popup: Style
    popup_detail: Style
    popup_cursor: Style
    status: Style
    status_strong: Style
    key: Style

    def emphasis(self, word: str | None) -> Style:
        """The style of a row whose figure marks it "up", "down", "strong" or "muted"."""
        return {"up": self.up, "down": self.down, "strong": self.strong, "muted": self.muted}.get(
            word or "", self.text
        )


def _ink(colours: Colours) -> Ink:
    ground = colours.background

    def on(foreground: str, background: str = ground, *, bold: bool = False) -> Style:
        return Style(color=foreground, bgcolor=background, bold=bold or None)

    return Ink(
        base=on(colours.text),
        text=on(colours.text),
        strong=on(colours.text, bold=True),
        muted=on(colours.muted),
        label=on(colours.label),
        title=on(colours.label, bold=True),
        head=on(colours.label, colours.panel),
        rule=on(colours.rule),
        up=on(colours.up),
        down=on(colours.down),
        info=on(colours.info),
        warning=on(colours.label, bold=True),
        error=on(colours.down, bold=True),
        cursor=on(colours.text, colours.panel, bold=True),
        cell=on(colours.on_label, colours.label, bold=True),
        banner=on(colours.on_label, colours.label, bold=True),
        bar=on(colours.text, colours.surface),
        caret=on(colours.on_label, colours.label),
        popup=on(colours.text, colours.panel),
        popup_detail=on(colours.muted, colours.panel),
        popup_cursor=on(colours.on_label, colours.label),
        status=on(colours.muted, colours.surface),
        status_strong=on(colours.text, colours.surface),
        key=on(colours.label, colours.surface),
    )


@cache
def ink(dark: bool) -> Ink:
    """The inks of the dark or of the light theme."""
    return _ink(_DARK if dark else _LIGHT)


def _theme(name: str, colours: Colours, *, dark: bool) -> Theme:
    series = {f"series-{number}": colour for number, colour in enumerate(colours.series, 1)}
    return Theme(
        name=name,
        primary=colours.label,
        secondary=colours.info,
        accent=colours.label,
        warning=colours.label,
        error=colours.down,
        success=colours.up,
        foreground=colours.text,
        background=colours.background,
        surface=colours.surface,
        panel=colours.panel,
        dark=dark,
        variables={
            "up": colours.up,
            "down": colours.down,
            "label": colours.label,
            "muted": colours.muted,
            "rule": colours.rule,
            "info": colours.info,
            "on-label": colours.on_label,
            "screen-selection-background": colours.info,
            "screen-selection-foreground": colours.background,
            "scrollbar": colours.rule,
            "scrollbar-hover": colours.label,
            "scrollbar-active": colours.label,
            "scrollbar-background": colours.surface,
            "scrollbar-background-hover": colours.surface,
            "scrollbar-background-active": colours.surface,
            "scrollbar-corner-color": colours.surface,
            **series,
        },
    )


def themes() -> tuple[Theme, Theme]:
    """The dark theme and the light one, for the app to register."""
    return _theme(DARK, _DARK, dark=True), _theme(LIGHT, _LIGHT, dark=False)


def theme_name(preference: object) -> str:
    """The theme that a preference names: "light" or anything else, which is dark."""
    return LIGHT if str(preference).lower() == "light" else DARK
