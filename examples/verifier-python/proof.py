"""Steps 7 and 8 of SPEC §6: the proof, and that it is used once.

Each function is one row of the table, as in attestation.py.
"""

from __future__ import annotations

from case import ABSENT, Case
from claims import audiences, proof_has_its_forms
from digest import HttpRequest, Message, digest, sha256
from replay import Answer, Use

MAX_CHARACTERS = 2048
BEARER_BACKDATING = 5
"""Authorities date `iat` that many seconds back (SPEC-2.20, SPEC-9.9)."""

_TYP = "agent-attestation-pop+jwt"
_ALGORITHMS = frozenset({"Ed25519", "ES256"})


# Step 7: proof


def bearer_has_no_proof(case: Case) -> bool:
    return not case.is_bearer or case.presented.proof is ABSENT


def bound_has_a_proof(case: Case) -> bool:
    return case.presented.proof is not ABSENT


def is_no_mac_proof(case: Case) -> bool:
    """This verifier has no tickets, so it refuses every MAC proof (SPEC-19.11, SPEC-19.18)."""
    return not case.proof.text.startswith("mac1~")


def is_short(case: Case) -> bool:
    return len(case.proof.text) <= MAX_CHARACTERS


def typ_is_of_a_proof(case: Case) -> bool:
    return case.proof.header_text("typ") == _TYP


def alg_is_of_the_agent_key(case: Case) -> bool:
    alg = case.proof.header_text("alg")
    return alg in _ALGORITHMS and alg == case.agent_key.algorithm and alg in case.config.proof_algorithms


def signature_holds(case: Case) -> bool:
    return case.agent_key.verifies(case.proof.signature, case.proof.signed)


def claims_have_their_forms(case: Case) -> bool:
    return proof_has_its_forms(case.proof.claims)


def message_came_with_it(case: Case) -> bool:
    return case.presented.request is not None


def claims_are_of_the_carrier(case: Case) -> bool:
    names = case.proof.claims.keys() & {"mcp_digest", "htm", "body_digest"}
    return names == ({"htm", "body_digest"} if case.presented.in_http_fields else {"mcp_digest"})


def is_for_this_attestation(case: Case) -> bool:
    return case.proof.claims["att_hash"] == sha256(case.attestation.text.encode("ascii"))


def is_for_this_server(case: Case) -> bool:
    aud, attested = case.proof.claims["aud"], case.attestation.claims
    return aud in case.config.audience and ("aud" not in attested or aud in audiences(attested))


def is_of_now(case: Case) -> bool:
    tolerance, window = case.config.clock_tolerance, case.config.proof_window
    return case.now - window - tolerance <= case.proof.seconds("iat") <= case.now + tolerance


def is_for_this_method(case: Case) -> bool:
    request = case.presented.request
    return not isinstance(request, HttpRequest) or case.proof.claims["htm"] == request.method


def is_for_this_content(case: Case) -> bool:
    request = case.presented.request
    expected = None if request is None else digest(request)
    claimed = case.proof.claims["body_digest" if case.presented.in_http_fields else "mcp_digest"]
    return expected is not None and claimed == expected


def is_for_this_session(case: Case) -> bool:
    return case.proof.claims.get("session") == case.presented.session


def is_for_this_access_token(case: Case) -> bool:
    token = case.presented.access_token
    return case.proof.claims.get("ath") == (None if token is None else sha256(token.encode("utf-8")))


def tool_digest(case: Case) -> str | None:
    """Which definition the agent decided on, of a message that calls a tool (SPEC-23.3)."""
    request = case.presented.request
    if case.is_bearer or not isinstance(request, Message) or request.method != "tools/call":
        return None
    claimed = case.proof.claims.get("tool_digest")
    return claimed if isinstance(claimed, str) else None


# Step 8: replay


def store_answers(case: Case) -> bool:
    """Records the use, in one step. The three checks after this one look at what the store answered."""
    case.recorded = _bearer_use(case) if case.is_bearer else _bound_use(case)
    try:
        case.answer = case.store.use(case.recorded, case.now)
    except Exception:  # whatever went wrong there, it could not tell (SPEC-9.6)
        return False
    return isinstance(case.answer, Answer) and case.answer is not Answer.UNAVAILABLE


def store_is_older_than_the_use(case: Case) -> bool:
    return case.answer is not Answer.BEFORE_START


def use_is_new(case: Case) -> bool:
    return case.answer is not Answer.REPLAY


def store_has_room(case: Case) -> bool:
    return case.answer is Answer.RECORDED


def _bound_use(case: Case) -> Use:
    config, iat = case.config, case.proof.seconds("iat")
    return Use(
        profile="bound",
        issuer=case.issuer.name,
        audience=str(case.proof.claims["aud"]),
        thumbprint=case.agent_key.thumbprint,
        jti=str(case.proof.claims["jti"]),
        until=iat + config.proof_window + config.clock_tolerance + config.node_skew,
        made_at=iat if _came_over_http(case) else None,
    )


def _bearer_use(case: Case) -> Use:
    config, token = case.config, case.attestation
    return Use(
        profile="bearer",
        issuer=case.issuer.name,
        audience=next(name for name in audiences(token.claims) if name in config.audience),
        thumbprint="",
        jti=str(token.claims["jti"]),
        until=token.seconds("exp") + config.clock_tolerance + config.node_skew,
        made_at=token.seconds("iat") + BEARER_BACKDATING if _came_over_http(case) else None,
    )


def _came_over_http(case: Case) -> bool:
    return case.presented.over_http or case.presented.in_http_fields
