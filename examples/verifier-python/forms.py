"""The forms of values (SPEC §1)."""

from __future__ import annotations

import re

from strict_json import Json

MAX_TIME = 2**53 - 1

_IDENTIFIER = re.compile(r"[\x21-\x7e]{1,2048}")
_SHORT_ID = re.compile(r"[\x21-\x7e]{1,256}")
_TEXT = re.compile(r"[\x20-\x7e]{1,256}")
_PROOF_ID = re.compile(r"[\x21-\x7e]{16,256}")
_HASH = re.compile(r"[A-Za-z0-9_-]{43}")
_COMPACT_JWS = re.compile(r"[A-Za-z0-9_.-]{1,4096}")
_CONFIG_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_SPIFFE_ID = re.compile(r"spiffe://([a-z0-9._-]{1,255})((?:/[A-Za-z0-9._-]+)+)")
_SPIFFE_ID_CHARACTERS = 2048


def is_identifier(value: Json) -> bool:
    return isinstance(value, str) and _IDENTIFIER.fullmatch(value) is not None


def is_short_id(value: Json) -> bool:
    return isinstance(value, str) and _SHORT_ID.fullmatch(value) is not None


def is_text(value: Json) -> bool:
    return isinstance(value, str) and _TEXT.fullmatch(value) is not None


def is_proof_id(value: Json) -> bool:
    return isinstance(value, str) and _PROOF_ID.fullmatch(value) is not None


def is_hash(value: Json) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def is_config_hash(value: Json) -> bool:
    return isinstance(value, str) and _CONFIG_HASH.fullmatch(value) is not None


def is_compact_jws(value: Json) -> bool:
    """Whether it has the characters of one, which is all that is asked of what nobody interprets."""
    return isinstance(value, str) and _COMPACT_JWS.fullmatch(value) is not None


def is_integer(value: Json, highest: int) -> bool:
    """An integer from 0, however it is written (SPEC-2.8)."""
    return isinstance(value, float) and value.is_integer() and 0 <= value <= highest


def is_time(value: Json) -> bool:
    return is_integer(value, MAX_TIME)


def trust_domain(subject: str) -> str | None:
    """The trust domain of a SPIFFE ID with a path, and None of anything else."""
    match = _SPIFFE_ID.fullmatch(subject)
    if match is None or len(subject) > _SPIFFE_ID_CHARACTERS:
        return None
    domain, path = match.groups()
    return None if {".", ".."} & set(path.split("/")) else domain
