"""A second implementation of docs/snapshots.md, written from that page: plain Python over lists of rows."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TAGS = {
    "integer": b"i8..",
    "number": b"f8..",
    "text": b"text",
    "date": b"date",
    "instant": b"time",
    "flag": b"flag",
}


def micros(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)


def rows_hash(rows: Sequence[Mapping[str, object]], types: Mapping[str, str], key: Sequence[str]) -> str:
    def place(row: Mapping[str, object]) -> list[object]:
        return [v.encode() if isinstance(v := row[name], str) else v for name in key]

    ordered = sorted(rows, key=place)  # type: ignore[arg-type]
    out = b"asof rows 1" + struct.pack("<Q", len(ordered))
    for name in sorted(types, key=str.encode):
        values = [row[name] for row in ordered]
        out += struct.pack("<Q", len(name.encode())) + name.encode() + TAGS[types[name]]
        bits = bytearray((len(values) + 7) // 8)
        for at, value in enumerate(values):
            if value is None:
                bits[at // 8] |= 1 << (at % 8)
        out += bytes(bits) + column(types[name], values)
    return hashlib.sha256(out).hexdigest()


def column(kind: str, values: Sequence[object]) -> bytes:
    if kind == "text":
        texts = ["" if value is None else str(value).encode() for value in values]
        encoded = [text if isinstance(text, bytes) else b"" for text in texts]
        offsets = [0]
        for text in encoded:
            offsets.append(offsets[-1] + len(text))
        return b"".join(struct.pack("<q", at) for at in offsets) + b"".join(encoded)
    return b"".join(number(kind, value) for value in values)


def number(kind: str, value: object) -> bytes:
    if kind == "flag":
        return b"\x01" if value else b"\x00"
    if kind == "number":
        plain = 0.0 if value is None or value == 0 else float(str(value))
        return struct.pack("<Q", 0x7FF8 << 48) if math.isnan(plain) else struct.pack("<d", plain)
    if isinstance(value, datetime):
        return struct.pack("<q", micros(value))
    if isinstance(value, date):
        return struct.pack("<q", value.toordinal() - date(1970, 1, 1).toordinal())
    return struct.pack("<q", 0 if value is None else int(str(value)))


def parts_hash(tag: str, parts: Sequence[object]) -> str:
    out = tag.encode()
    for part in parts:
        text = str(part).encode()
        out += struct.pack("<Q", len(text)) + text
    return hashlib.sha256(out).hexdigest()


def snapshot_id(body: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()
