"""JSON as SPEC-6.3 and SPEC-2.8 read it: one value, one reading.

Every number becomes a double, because the protocol knows no other numbers. A number too large for one becomes infinity, and
whoever uses it refuses it.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn, TypeAlias

Json: TypeAlias = "None | bool | float | str | list[Json] | dict[str, Json]"
JsonObject: TypeAlias = "dict[str, Json]"

_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


class Malformed(ValueError):
    """No JSON by SPEC-6.3."""


class DuplicateMember(ValueError):
    """JSON by SPEC-6.3, but for an object that has two members of one name."""


def parse(raw: bytes, levels: int) -> Json:
    """Reads UTF-8 JSON of at most that many levels of objects and lists."""
    duplicates: list[str] = []

    def build(pairs: list[tuple[str, Json]]) -> JsonObject:
        for name, value in pairs:
            _require_unicode(name)
            _require_unicode(value)
        members = dict(pairs)
        if len(members) != len(pairs):
            duplicates.append("")
        return members

    try:
        text = raw.decode("utf-8")
        if _levels(text) > levels:
            raise Malformed("too many levels")
        value: Json = json.loads(
            text, object_pairs_hook=build, parse_int=float, parse_float=float, parse_constant=_refuse_constant
        )
        _require_unicode(value)
    except Malformed:
        raise
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
    if duplicates:
        raise DuplicateMember("two members of one name")
    return value


def parse_object(raw: bytes, levels: int) -> JsonObject:
    """Reads UTF-8 JSON that is an object."""
    try:
        value = parse(raw, levels)
    except DuplicateMember:
        if not raw.lstrip(b" \t\r\n").startswith(b"{"):
            raise Malformed("not an object") from None
        raise
    if not isinstance(value, dict):
        raise Malformed("not an object")
    return value


def _levels(text: str) -> int:
    """How deep the brackets of a text go. It is counted before parsing, so that no text exhausts the stack."""
    depth = deepest = 0
    for token in _STRING_OR_BRACKET.findall(text):
        if token in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token in "]}":
            depth -= 1
    return deepest


def _require_unicode(value: Json) -> None:
    """Refuses unpaired surrogates. Objects inside were looked at when they were built."""
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise Malformed("an unpaired surrogate")
    elif isinstance(value, list):
        for item in value:
            _require_unicode(item)


def _refuse_constant(name: str) -> NoReturn:
    """Python's reader knows NaN and Infinity, JSON does not."""
    raise Malformed(f"{name} is not JSON")
