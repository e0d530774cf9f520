"""The body of an answer, read piece by piece within a bound, unpacked by ourselves.

A library that unpacks for us unpacks each piece whole: 64 kB of gzip become 64 MB before anyone counts.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping

from providers.errors import Kind, SourceError

ENCODINGS = "gzip"  # what requests ask for
_PIECE = 1 << 20


class CutShort(Exception):
    """The body ended before its end."""


def too_large(shown: str, most: int) -> SourceError:
    return SourceError(
        Kind.TOO_LARGE,
        f"{shown} answers more than {most:,} bytes, the bound for this source: nothing was kept",
    )


def read_body(pieces: Iterable[bytes], headers: Mapping[str, str], shown: str, most: int) -> bytes:
    """The whole body, at most ``most`` bytes of it, packed or not.

    Raises
    ------
    SourceError
        Too large, or packed in a way that was not asked for.
    CutShort
        What is packed ends before its end.
    """
    if headers.get("content-length", "").isdigit() and int(headers["content-length"]) > most:
        raise too_large(shown, most)
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return _plain(pieces, shown, most)
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _unpacked(pieces, shown, most)
    raise SourceError(Kind.MALFORMED, f"{shown} answers in {encoding!r}, which was not asked for")


def _plain(pieces: Iterable[bytes], shown: str, most: int) -> bytes:
    parts, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise too_large(shown, most)
        parts.append(piece)
    return b"".join(parts)


def _unpacked(pieces: Iterable[bytes], shown: str, most: int) -> bytes:
    """Gzip (also of several members) or zlib, never more than a piece beyond the bound in memory."""
    parts: list[bytes] = []
    size = packed = 0
    unpack = zlib.decompressobj(wbits=47)
    try:
        for piece in pieces:
            packed += len(piece)
            if packed > most:
                raise too_large(shown, most)
            rest = piece
            while rest:
                if unpack.eof:
                    unpack = zlib.decompressobj(wbits=47)
                part = unpack.decompress(rest, min(_PIECE, most - size + 1))
                size += len(part)
                if size > most:
                    raise too_large(shown, most)
                parts.append(part)
                rest = unpack.unconsumed_tail or unpack.unused_data
    except zlib.error:
        raise SourceError(Kind.MALFORMED, f"{shown} says that it answers in gzip, and does not") from None
    if packed and not unpack.eof:
        raise CutShort
    return b"".join(parts)
