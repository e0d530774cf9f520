"""The file's text: the same for the same page, whole by itself, under a policy that holds its own hashes."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from d3_export import MissingD3, Unreadable, opened, render, vendored
from d3_export.assets import lean
from engine.page import Note, Page
from tests.pages import every_figure

SCRIPT = re.compile(r"<script>(.*?)</script>", re.S)
STYLE = re.compile(r"<style>(.*?)</style>", re.S)
POLICY = re.compile(r'Content-Security-Policy" content="([^"]*)"')


@pytest.fixture(scope="module")
def html() -> str:
    return render([every_figure()])


def source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_the_same_page_is_the_same_bytes(html: str) -> None:
    assert render([every_figure()]) == html


def test_who_made_it_and_how_fast_changes_nothing(html: str) -> None:
    page = every_figure(seconds=7.5)
    assert page.lineage is not None
    lineage = replace(page.lineage, user="bob")
    passing = Note("Saved as x", passing=True)
    assert render([replace(page, lineage=lineage, notes=(*page.notes, passing))]) == html
    assert "ann" not in [opened(html).pages[0]["lineage"].get("user")]


def test_another_value_is_another_hash(html: str) -> None:
    other = render([replace(every_figure(), title="another")])
    assert opened(other).expected != opened(html).expected


def test_the_policy_allows_its_own_parts_by_hash_and_nothing_else(html: str) -> None:
    policy = dict(part.strip().split(" ", 1) for part in POLICY.findall(html)[0].split(";"))
    assert policy.pop("default-src") == policy.pop("base-uri") == policy.pop("form-action") == "'none'"
    assert policy.pop("script-src").split() == [source(one) for one in SCRIPT.findall(html)]
    assert policy.pop("style-src").split() == [source(one) for one in STYLE.findall(html)]
    assert policy.pop("img-src") == "data: blob:"
    assert policy == {"require-trusted-types-for": "'script'", "trusted-types": "'none'"}


def test_the_policy_comes_before_what_it_governs(html: str) -> None:
    assert html.index("Content-Security-Policy") < html.index("<style>") < html.index("<script")


def test_markup_has_no_style_no_handler_and_no_address(html: str) -> None:
    markup = STYLE.sub("", SCRIPT.sub("", html))
    markup = re.sub(r"<script type=.*?</script>|<!--.*?-->", "", markup, flags=re.S)
    assert not re.search(r"\s(style|on\w+|src|href|action)\s*=", markup)


def test_the_file_names_d3_its_version_and_its_licence(html: str) -> None:
    told = re.findall(r"<!--\n(.*?)\n-->", html, re.S)[0]
    assert told.startswith(f"Drawn by D3 {vendored.d3().version}.")
    assert "Mike Bostock" in told
    assert "THE SOFTWARE IS PROVIDED" in told


def test_the_file_is_small_beside_its_data(html: str) -> None:
    data = html.split('id="asof-data">', 1)[1].split("</script>", 1)[0]
    assert len(html.encode()) - len(data.encode()) < 400_000


def test_a_page_without_a_clock_can_be_read_too() -> None:
    assert opened(render([Page("Help", ())])).pages[0]["lineage"] is None


def test_a_file_needs_a_page() -> None:
    with pytest.raises(ValueError, match="needs a page"):
        render([])


def test_without_d3_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingD3, match="make install"):
        vendored.d3(tmp_path)


def test_the_data_read_back_are_verified(html: str) -> None:
    held = opened(html)
    assert held.verified
    assert [panel["name"] for panel in held.pages[0]["panels"]][:3] == ["table", "metrics", "candles"]


def test_an_altered_byte_is_found(html: str) -> None:
    at = html.index('"close":[') + 12
    altered = html[:at] + ("1" if html[at] != "1" else "2") + html[at + 1 :]
    assert not opened(altered).verified


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda html: "<html></html>", "no HTML file that asof wrote"),
        (lambda html: html[: html.index('id="asof-data">') + 400], "missing or cut"),
        (lambda html: html.replace('{"pages":', '{"pages"', 1), "no JSON"),
        (lambda html: html.replace('"schema":"asof.export/1"', '"schema":"asof.export/9"'), "no form"),
    ],
)
def test_what_cannot_be_read_is_told(html: str, damage: object, why: str) -> None:
    assert callable(damage)
    with pytest.raises(Unreadable, match=why):
        opened(damage(html))


def test_scripts_lose_whole_comments_only() -> None:
    text = '/** what\n * it does */\nfunction f() {\n  // why\n  return "// kept"; // kept too\n}\n\n'
    assert lean(text, "a.js") == 'function f() {\nreturn "// kept"; // kept too\n}\n'
    with pytest.raises(ValueError, match="several lines"):
        lean("const a = `x\ny`;", "a.js")
    with pytest.raises(ValueError, match="behind a comment"):
        lean("/* a */ b();", "a.js")
