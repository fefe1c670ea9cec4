"""JSON as SPEC-6.3 and SPEC-2.8 read it: one text, one value.

Every number becomes a double, because the protocol knows no other numbers. A number too large for one becomes infinity, and
anyone who uses it refuses it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

Json: TypeAlias = "bool | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = "dict[str, Json]"

_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


class Malformed(ValueError):
    """No JSON by SPEC-6.3."""


@dataclass(frozen=True)
class Document:
    """An object that was read, and whether it or one inside it has two members of one name.

    Of two such members `value` has the last, so nobody may use it then. That is told apart from what is no JSON because the
    checks of SPEC §6 tell it apart.
    """

    value: JsonObject
    repeats_a_name: bool


def parse_object(raw: bytes, levels: int) -> Document:
    """Reads an object in UTF-8 that has at most that many levels of objects and lists."""
    repeats_a_name = False

    def build(members: list[tuple[str, Json]]) -> JsonObject:
        nonlocal repeats_a_name
        for name, value in members:
            _require_unicode(name)
            _require_unicode(value)
        built = dict(members)
        repeats_a_name = repeats_a_name or len(built) != len(members)
        return built

    try:
        text = raw.decode("utf-8")
        _require_levels(text, levels)
        value = json.loads(text, object_pairs_hook=build, parse_int=float, parse_float=float, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
    if not isinstance(value, dict):
        raise Malformed("not an object")
    return Document(value, repeats_a_name)


def _require_levels(text: str, levels: int) -> None:
    """Counts brackets before anything is parsed, so that no text exhausts the stack."""
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        if match[0] in ("[", "{"):
            depth += 1
            if depth > levels:
                raise Malformed("too many levels")
        elif match[0] in ("]", "}"):
            depth -= 1


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
