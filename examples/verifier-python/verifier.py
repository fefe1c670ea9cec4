"""The verifier: the table of SPEC §6, row by row, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import attestation
import jws
import proof
from case import ABSENT, Case, Check, Presentation, Revocations, Store
from config import Config
from jws import Token
from replay import Use


@dataclass(frozen=True)
class Verified:
    """`key_thumbprint` is that of the agent's key; a bearer attestation has none.

    `tool_digest` is which definition of the called tool the agent says it decided on (SPEC-23.3).
    """

    profile: str
    issuer: str
    trust_level: str
    subject: str
    key_thumbprint: str | None
    tool_digest: str | None
    use: Use


@dataclass(frozen=True)
class NotPresented:
    """Nothing came, and the policy lets that pass."""


@dataclass(frozen=True)
class Unassessed:
    """It cannot be judged, and the policy lets it pass unverified."""

    code: str
    reason: str


@dataclass(frozen=True)
class Refused:
    """`code` is for the operator alone (SPEC-7.2). `server_time` goes with `attestation_expired` (SPEC-7.4)."""

    code: str
    reason: str
    server_time: int | None


Result: TypeAlias = Verified | NotPresented | Unassessed | Refused


class Verifier:
    """Verifies what is presented to one server. Between presentations it keeps nothing but the uses in its store."""

    def __init__(self, config: Config, store: Store, revocations: Revocations | None = None) -> None:
        self._config = config
        self._store = store
        self._revocations = revocations

    def verify(self, presented: Presentation) -> Result:
        is_lenient = self._config.policy != "required"
        if is_lenient and presented.attestation is ABSENT and presented.proof is ABSENT:
            return NotPresented()
        case = Case(self._config, self._store, self._revocations, presented)
        for check in CHECKS:
            if check.holds(case):
                continue
            code, reason = f"ERR_{check.code}", f"attestation_{check.reason}"
            if check.may_pass and is_lenient:
                return Unassessed(code, reason)
            return Refused(code, reason, case.now if reason == "attestation_expired" else None)
        return _verified(case)


def _verified(case: Case) -> Verified:
    assert case.recorded is not None
    return Verified(
        profile=case.profile,
        issuer=case.issuer.name,
        trust_level=case.issuer.trust_level,
        subject=str(case.attestation.claims["sub"]),
        key_thumbprint=None if case.is_bearer else case.agent_key.thumbprint,
        tool_digest=proof.tool_digest(case),
        use=case.recorded,
    )


def _structure(
    name: str,
    reason: str,
    of: Callable[[Callable[[Token], bool]], Callable[[Case], bool]],
    no_other_kind: Check,
    is_short: Callable[[Case], bool],
) -> tuple[Check, ...]:
    """Step 1, which attestations and proofs have in common. `no_other_kind` refuses another kind of text in its place."""
    return (
        Check(of(jws.is_text), f"{name}_FORMAT", reason),
        no_other_kind,
        Check(is_short, f"{name}_SIZE", reason),
        Check(of(jws.has_two_dots), f"{name}_FORMAT", reason),
        Check(of(jws.is_canonical), f"{name}_ENCODING", reason),
        Check(of(jws.has_signature), f"{name}_FORMAT", reason),
        Check(of(jws.header_is_json), f"{name}_JSON", reason),
        Check(of(jws.header_repeats_no_name), f"{name}_DUPLICATE_MEMBER", reason),
        Check(of(jws.header_has_its_members), f"{name}_HEADER", reason),
        Check(of(jws.claims_are_json), f"{name}_JSON", reason),
        Check(of(jws.claims_repeat_no_name), f"{name}_DUPLICATE_MEMBER", reason),
    )


def _of_attestation(holds: Callable[[Token], bool]) -> Callable[[Case], bool]:
    return lambda case: holds(case.attestation)


def _of_proof(holds: Callable[[Token], bool]) -> Callable[[Case], bool]:
    return lambda case: holds(case.proof)


def _asked_of_bound(check: Check) -> Check:
    """A check that a bearer attestation, which comes without a proof, passes unasked."""
    return Check(lambda case: case.is_bearer or check.holds(case), check.code, check.reason, check.may_pass)


_NO_CHAIN = Check(attestation.is_no_chain, "DELEGATION_NOT_ALLOWED", "invalid")
_NO_MAC_PROOF = Check(proof.is_no_mac_proof, "TICKETS_OFF", "ticket_refused")

_PROOF_CHECKS: tuple[Check, ...] = (
    Check(proof.bound_has_a_proof, "PROOF_REQUIRED", "proof_invalid"),
    *_structure("PROOF", "proof_invalid", _of_proof, _NO_MAC_PROOF, proof.is_short),
    Check(proof.typ_is_of_a_proof, "PROOF_TYP", "proof_invalid"),
    Check(proof.alg_is_of_the_agent_key, "PROOF_ALG", "proof_invalid"),
    Check(proof.signature_holds, "PROOF_SIGNATURE", "proof_invalid"),
    Check(proof.claims_have_their_forms, "PROOF_CLAIMS", "proof_invalid"),
    Check(proof.message_came_with_it, "PROOF_REQUEST", "proof_invalid"),
    Check(proof.claims_are_of_the_carrier, "PROOF_CARRIER", "proof_invalid"),
    Check(proof.is_for_this_attestation, "PROOF_ATTESTATION", "proof_invalid"),
    Check(proof.is_for_this_server, "PROOF_AUDIENCE", "proof_invalid"),
    Check(proof.is_of_now, "PROOF_TIME", "expired"),
    Check(proof.is_for_this_method, "PROOF_METHOD", "proof_invalid"),
    Check(proof.is_for_this_content, "PROOF_DIGEST", "proof_invalid"),
    Check(proof.is_for_this_session, "PROOF_SESSION", "proof_invalid"),
    Check(proof.is_for_this_access_token, "PROOF_ACCESS_TOKEN", "proof_invalid"),
)

CHECKS: tuple[Check, ...] = (
    # 0: what came
    Check(attestation.something_came, "ATTESTATION_REQUIRED", "required"),
    Check(attestation.proof_is_not_alone, "PROOF_UNEXPECTED", "proof_invalid"),
    Check(attestation.clock_tells_a_time, "CLOCK", "unavailable"),
    # 1: structure
    *_structure("ATTESTATION", "invalid", _of_attestation, _NO_CHAIN, attestation.is_short),
    # 2: profile
    Check(attestation.typ_is_known, "ATTESTATION_TYP", "invalid", may_pass=True),
    Check(attestation.bearer_is_accepted, "BEARER_NOT_ALLOWED", "invalid", may_pass=True),
    Check(attestation.alg_is_of_the_profile, "ATTESTATION_ALG", "invalid", may_pass=True),
    Check(attestation.kid_has_its_form, "ATTESTATION_HEADER", "invalid"),
    # 3: issuer
    Check(attestation.issuer_is_trusted, "ISSUER_UNTRUSTED", "issuer_untrusted", may_pass=True),
    Check(attestation.alg_is_of_the_issuer, "ATTESTATION_ALG", "invalid", may_pass=True),
    # 4: key
    Check(attestation.keys_are_available, "KEY_SOURCE_UNAVAILABLE", "unavailable", may_pass=True),
    Check(attestation.kid_is_known, "KEY_NOT_FOUND", "invalid"),
    # 5: signature
    Check(attestation.signature_holds, "ATTESTATION_SIGNATURE", "invalid"),
    # 6: claims
    Check(attestation.claims_have_their_types, "ATTESTATION_CLAIMS", "invalid"),
    Check(attestation.version_is_of_the_profile, "ATTESTATION_VERSION", "invalid", may_pass=True),
    Check(attestation.is_not_expired, "ATTESTATION_EXPIRED", "expired"),
    Check(attestation.is_valid_already, "ATTESTATION_NOT_YET_VALID", "expired"),
    Check(attestation.lifetime_is_short, "ATTESTATION_LIFETIME", "invalid"),
    Check(attestation.agent_key_is_good, "CONFIRMATION_KEY", "invalid"),
    Check(attestation.bearer_has_no_key, "BEARER_CONFIRMATION", "invalid"),
    Check(attestation.bearer_has_an_audience, "ATTESTATION_AUDIENCE", "invalid"),
    Check(attestation.audience_is_one, "ATTESTATION_AUDIENCES", "invalid"),
    Check(attestation.audience_is_this_server, "ATTESTATION_AUDIENCE", "invalid"),
    Check(attestation.subject_has_its_form, "ATTESTATION_SUBJECT", "invalid"),
    Check(attestation.trust_domain_is_of_the_issuer, "TRUST_DOMAIN", "invalid"),
    Check(attestation.type_is_the_trust_level, "ATTESTATION_TYPE", "invalid"),
    Check(attestation.required_claims_are_there, "CLAIM_REQUIRED", "claims_insufficient"),
    Check(attestation.revocations_are_available, "REVOCATION_UNAVAILABLE", "unavailable"),
    Check(attestation.is_not_revoked, "REVOKED", "revoked"),
    # 7: proof
    Check(proof.bearer_has_no_proof, "PROOF_UNEXPECTED", "proof_invalid"),
    *map(_asked_of_bound, _PROOF_CHECKS),
    # 8: replay
    Check(proof.store_answers, "REPLAY_CACHE_UNAVAILABLE", "unavailable"),
    Check(proof.store_is_older_than_the_use, "REPLAY_BEFORE_START", "expired"),
    Check(proof.use_is_new, "REPLAY", "replay"),
    Check(proof.store_has_room, "REPLAY_CACHE_FULL", "unavailable"),
)
"""In the order of the specification; the first that does not hold decides (SPEC-6.1)."""
