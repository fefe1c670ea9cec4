"""A token as it is before anybody believes it: three segments, two JSON objects and a signature (SPEC §6, step 1).

The functions are called in the order of that table, each only after the one before has held.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import base64url
import strict_json
from strict_json import Json, JsonObject

SIGNATURE_BYTES = 64
LEVELS = 16


@dataclass
class Token:
    """What came, and what has been read of it so far."""

    presented: Json
    text: str = ""
    segments: list[str] = field(default_factory=list)
    decoded: list[bytes] = field(default_factory=list)
    header: JsonObject = field(default_factory=dict)
    claims: JsonObject = field(default_factory=dict)

    @property
    def signed(self) -> bytes:
        return f"{self.segments[0]}.{self.segments[1]}".encode("ascii")

    @property
    def signature(self) -> bytes:
        return self.decoded[2]

    @property
    def alg(self) -> Json:
        return self.header.get("alg")

    @property
    def typ(self) -> Json:
        return self.header.get("typ")


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
        token.header = strict_json.parse_object(token.decoded[0], LEVELS)
    except strict_json.DuplicateMember:
        return True
    except strict_json.Malformed:
        return False
    return True


def header_has_single_names(token: Token) -> bool:
    return _has_single_names(token.decoded[0])


def header_has_its_members(token: Token) -> bool:
    names = token.header.keys()
    return (
        {"typ", "alg"} <= names <= {"typ", "alg", "kid"}
        and all(isinstance(value, str) for value in token.header.values())
    )


def claims_are_json(token: Token) -> bool:
    try:
        token.claims = strict_json.parse_object(token.decoded[1], LEVELS)
    except strict_json.DuplicateMember:
        return True
    except strict_json.Malformed:
        return False
    return True


def claims_have_single_names(token: Token) -> bool:
    return _has_single_names(token.decoded[1])


def _has_single_names(raw: bytes) -> bool:
    try:
        strict_json.parse(raw, LEVELS)
    except strict_json.DuplicateMember:
        return False
    return True
