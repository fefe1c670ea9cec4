"""What a proof covers (SPEC §3): the RFC 8785 form of a message and its digest, and those of an HTTP request."""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

import base64url
from strict_json import Json, JsonObject

LEVELS = 64
PREFIX = "io.github.attest/"

_TRACE_CONTEXT = frozenset({"traceparent", "tracestate", "baggage"})
_SCHEME = re.compile(r"(bearer|dpop)(?![!#$%&'*+.^_`|~0-9a-z-])(.*)", re.IGNORECASE | re.DOTALL)
_CREDENTIAL = re.compile(r" +([\x21-\x7e]+)")


class NoDigest(ValueError):
    """There is no digest of this (SPEC-3.9)."""


@dataclass(frozen=True)
class Message:
    """A request or notification. Missing `params` are an empty object."""

    method: Json
    params: Json


@dataclass(frozen=True)
class Response:
    """A result response."""

    id: Json
    result: Json


@dataclass(frozen=True)
class HttpRequest:
    """An HTTP request whose credentials are in its fields."""

    method: str
    body: bytes


Request: TypeAlias = Message | Response | HttpRequest


def digest(request: Request) -> str | None:
    """`mcp_digest` or `body_digest`, or None where there is none."""
    if isinstance(request, HttpRequest):
        return sha256(request.body)
    try:
        return sha256(canonical(_covered(request)).encode("utf-8"))
    except NoDigest:
        return None


def sha256(data: bytes) -> str:
    return base64url.encode(hashlib.sha256(data).digest())


def canonical(value: Json, level: int = 1) -> str:
    """The RFC 8785 form."""
    if isinstance(value, (dict, list)) and level > LEVELS:
        raise NoDigest("too many levels")
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: _utf16(member[0]))
        return "{" + ",".join(f"{_string(name)}:{canonical(item, level + 1)}" for name, item in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, level + 1) for item in value) + "]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number(value)
    return "null"


def number(value: float) -> str:
    """A double as ECMAScript writes it, which RFC 8785 §3.2.2.3 asks for.

    Both languages find the shortest digits that read back as the same double; they differ in where they put the point.
    """
    if not math.isfinite(value):
        raise NoDigest("no finite number")
    if value == 0:
        return "0"
    sign, (digits, point) = "-" if value < 0 else "", _shortest(abs(value))
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{point - 1:+d}"


def credential(authorization: str | None) -> str | None:
    """The credential that `ath` is the hash of (SPEC-3.12), None where there is none, or a ValueError (SPEC-4.28)."""
    match = _SCHEME.fullmatch((authorization or "").strip(" \t"))
    if match is None:
        return None
    word = _CREDENTIAL.fullmatch(match[2])
    if word is None:
        raise ValueError("not exactly one credential")
    return str(word[1])


def _covered(request: Message | Response) -> JsonObject:
    if isinstance(request, Response):
        if isinstance(request.id, bool) or not isinstance(request.id, (str, float)):
            raise NoDigest("an id is a string or a number")
        return {"id": request.id, "result": _without_what_may_change(request.result)}
    if not isinstance(request.method, str):
        raise NoDigest("a method is a string")
    return {"method": request.method, "params": _without_what_may_change(request.params)}


def _without_what_may_change(body: Json) -> JsonObject:
    """Leaves out what SPEC-3.8 names, and nothing else."""
    if not isinstance(body, dict):
        raise NoDigest("params and result are objects")
    meta = body.get("_meta")
    if not isinstance(meta, dict):
        return body
    kept = {name: value for name, value in meta.items() if not name.startswith(PREFIX) and name not in _TRACE_CONTEXT}
    rest = {name: value for name, value in body.items() if name != "_meta"}
    return {**rest, "_meta": kept} if kept else rest


def _shortest(value: float) -> tuple[str, int]:
    """The fewest digits that read back as this positive double, and where among them the point is."""
    _, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    return "".join(map(str, digits)), len(digits) + exponent


def _utf16(text: str) -> bytes:
    """RFC 8785 sorts by UTF-16 code units."""
    try:
        return text.encode("utf-16-be")
    except UnicodeEncodeError as error:
        raise NoDigest("an unpaired surrogate") from error


def _string(text: str) -> str:
    _utf16(text)
    return json.dumps(text, ensure_ascii=False)
