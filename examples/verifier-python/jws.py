"""A token before any of it is verified: three segments, two JSON objects and a signature (SPEC §6, step 1).

The functions are called in the order of that table, each only after the ones before have held.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import base64url
import strict_json
from strict_json import Document, Json, JsonObject

SIGNATURE_BYTES = 64
LEVELS = 16

_UNREAD = Document({}, repeats_a_name=False)


@dataclass
class Token:
    """What came, and what has been read of it so far."""

    presented: Json
    text: str = ""
    segments: list[str] = field(default_factory=list)
    decoded: list[bytes] = field(default_factory=list)
    header_document: Document = _UNREAD
    claims_document: Document = _UNREAD

    @property
    def header(self) -> JsonObject:
        return self.header_document.value

    @property
    def claims(self) -> JsonObject:
        return self.claims_document.value

    @property
    def signed(self) -> bytes:
        return ".".join(self.segments[:2]).encode("ascii")

    @property
    def signature(self) -> bytes:
        return self.decoded[2]

    def header_text(self, name: str) -> str:
        """A member of the header, all of which are texts; empty where it is missing."""
        return str(self.header.get(name, ""))

    def seconds(self, name: str) -> int:
        """A claim that is a time."""
        value = self.claims[name]
        assert isinstance(value, float)
        return int(value)


def is_text(token: Token) -> bool:
    if not isinstance(token.presented, str):
        return False
    token.text = token.presented
    return True


def has_two_dots(token: Token) -> bool:
    token.segments = token.text.split(".")
    return len(token.segments) == 3


def is_canonical(token: Token) -> bool:
    decoded = [base64url.decode(segment) for segment in token.segments]
    token.decoded = [data for data in decoded if data is not None]
    return len(token.decoded) == 3


def has_signature(token: Token) -> bool:
    return len(token.signature) == SIGNATURE_BYTES


def header_is_json(token: Token) -> bool:
    try:
        token.header_document = strict_json.parse_object(token.decoded[0], LEVELS)
    except strict_json.Malformed:
        return False
    return True


def header_repeats_no_name(token: Token) -> bool:
    return not token.header_document.repeats_a_name


def header_has_its_members(token: Token) -> bool:
    return {"typ", "alg"} <= token.header.keys() <= {"typ", "alg", "kid"} and all(
        isinstance(value, str) for value in token.header.values()
    )


def claims_are_json(token: Token) -> bool:
    try:
        token.claims_document = strict_json.parse_object(token.decoded[1], LEVELS)
    except strict_json.Malformed:
        return False
    return True


def claims_repeat_no_name(token: Token) -> bool:
    return not token.claims_document.repeats_a_name
