"""XML from outside: parsed without document types, so that there are no entities to expand and nothing to fetch."""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from providers.errors import malformed

DEEPEST = 100  # elements inside one another; feeds have five or six


def parse_xml(content: bytes, what: str) -> Element:
    """The root element, names as ``{namespace}local``. SourceError (malformed) where it is no well-formed XML, an
    HTML page among others, and where it declares a document type: the billion laughs and outside entities
    both need one, and none of our sources has one.
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise malformed(f"{what} answered XML nested more than {DEEPEST} deep: not read")
        builder.start(_named(name), {_named(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_named(name))

    def refuse(*_: object) -> int:
        raise malformed(f"{what} answered a page with a document type (HTML, or XML with entities): not read")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError) as error:
        beginning = content[:60].decode("utf-8", "replace").strip()
        raise malformed(f"{what} answered no well-formed XML ({error}): {beginning!r}") from error
    return builder.close()


def _named(name: str) -> str:
    return "{" + name if "}" in name else name
