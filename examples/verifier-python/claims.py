"""What attestations and proofs say, in types (SPEC-2.7 and SPEC-3.4). Claims that are not named here are ignored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from forms import (
    is_compact_jws,
    is_config_hash,
    is_hash,
    is_identifier,
    is_integer,
    is_proof_id,
    is_short_id,
    is_text,
    is_time,
)
from strict_json import Json, JsonObject

Form: TypeAlias = Callable[[Json], bool]

MAX_AUDIENCES = 64
MAX_CAPABILITIES = 64
MAX_DELEGATION_DEPTH = 4
MAX_STATUS_INDEX = 2**53 - 1


def attestation_has_its_types(claims: JsonObject) -> bool:
    return _has(_ATTESTATION, _ATTESTATION_OPTIONAL, claims)


def proof_has_its_forms(claims: JsonObject) -> bool:
    return _has(_PROOF, _PROOF_OPTIONAL, claims)


def audiences(claims: JsonObject) -> list[str]:
    """The members of `aud`, which is of its type; none where it is missing."""
    aud = claims.get("aud")
    members = aud if isinstance(aud, list) else [aud]
    return [member for member in members if isinstance(member, str)]


def has_path(claims: JsonObject, path: str) -> bool:
    """Whether a claim is there that is named by members joined by dots (SPEC-5.10)."""
    value: Json = claims
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return True


def _has(required: Mapping[str, Form], optional: Mapping[str, Form], value: Json) -> bool:
    return (
        isinstance(value, dict)
        and all(name in value and form(value[name]) for name, form in required.items())
        and all(name not in value or form(value[name]) for name, form in optional.items())
    )


def _object(required: Mapping[str, Form], optional: Mapping[str, Form] | None = None) -> Form:
    return lambda value: _has(required, optional or {}, value)


def _one_of(*names: str) -> Form:
    return lambda value: isinstance(value, str) and value in names


def _is_audience(value: Json) -> bool:
    if isinstance(value, list):
        return 1 <= len(value) <= MAX_AUDIENCES and all(map(is_identifier, value))
    return is_identifier(value)


def _is_capabilities(value: Json) -> bool:
    return isinstance(value, list) and len(value) <= MAX_CAPABILITIES and all(map(is_text, value))


_ENTERPRISE: Mapping[str, Form] = {"org_id": is_text, "workload_id": is_text, "deployment_env": is_text}

_STATUS: Mapping[str, Form] = {
    "status_list": _object({"idx": lambda value: is_integer(value, MAX_STATUS_INDEX), "uri": is_identifier}),
}

_JWK: Mapping[str, Form] = {"kty": is_short_id, "crv": is_short_id}

_JWK_OPTIONAL: Mapping[str, Form] = dict.fromkeys(("x", "y", "kid", "alg", "use"), is_short_id)

_ATTESTATION: Mapping[str, Form] = {
    "iss": is_identifier,
    "sub": is_identifier,
    "iat": is_time,
    "exp": is_time,
    "jti": is_short_id,
    "agent_identity": _object(
        {"model_family": is_text, "model_version": is_text, "provider": is_text},
        {"deployment_id": is_text, "enterprise": _object(_ENTERPRISE)},
    ),
    "attestation_metadata": _object(
        {
            "attestation_version": is_text,
            "attestation_type": _one_of("provider", "enterprise"),
            "safety_level": _one_of("standard", "enhanced", "minimal"),
            "capabilities_declared": _is_capabilities,
        },
        {
            "nested_attestation": is_compact_jws,
            "max_delegation_depth": lambda value: is_integer(value, MAX_DELEGATION_DEPTH),
        },
    ),
}

_ATTESTATION_OPTIONAL: Mapping[str, Form] = {
    "aud": _is_audience,
    "nbf": is_time,
    "cnf": _object({"jwk": _object(_JWK, _JWK_OPTIONAL)}),
    "status": _object(_STATUS),
    "agent_integrity": _object({}, {"config_hash": is_config_hash, "system_prompt_hash": is_config_hash}),
}

_PROOF: Mapping[str, Form] = {"aud": is_identifier, "jti": is_proof_id, "iat": is_time, "att_hash": is_hash}

_PROOF_OPTIONAL: Mapping[str, Form] = {
    "mcp_digest": is_hash,
    "htm": is_short_id,
    "body_digest": is_hash,
    "session": is_identifier,
    "ath": is_hash,
    "tool_digest": is_hash,
}
