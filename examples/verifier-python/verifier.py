"""The verifier: the table of SPEC §6, check by check.

Each function below `CHECKS` is one row. It is asked only after all before it have held, and says whether its own does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, TypeAlias

import jws
from claims import attestation_has_its_types, audiences, has_path, proof_has_its_forms
from config import Config, Issuer
from digest import HttpRequest, Request, digest, sha256
from forms import MAX_TIME, is_short_id, trust_domain
from jws import Token
from keys import KeyFault, PublicKey, read_key
from replay import Answer, ReplayStore, Use
from strict_json import Json

ATTESTATION_CHARACTERS = 6144
PROOF_CHARACTERS = 2048
BEARER_BACKDATING = 5

_TYP = {"agent-attestation+jwt": "bound", "JWT": "bearer"}
_PROOF_TYP = "agent-attestation-pop+jwt"
_ALG = {"bound": {"Ed25519": "Ed25519", "ES256": "ES256"}, "bearer": {"EdDSA": "Ed25519", "Ed25519": "Ed25519"}}
_PROOF_ALG = frozenset({"Ed25519", "ES256"})
_VERSION = {"bound": "0.2.0", "bearer": "0.1.0"}


class Absent(Enum):
    """Nothing came. What came may be anything, `null` too (SPEC-4.5)."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True)
class Presentation:
    """What came, and when by the verifier's clock, in Unix seconds; a clock that tells nothing is None."""

    time: float | None
    attestation: Json | Absent = ABSENT
    proof: Json | Absent = ABSENT
    request: Request | None = None
    session: Json = None
    access_token: str | None = None
    over_http: bool = False


@dataclass(frozen=True)
class Verified:
    profile: str
    trust_level: str
    subject: str
    key_thumbprint: str | None
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
    """`server_time` goes with `attestation_expired` alone (SPEC-7.4)."""

    code: str
    reason: str
    server_time: int | None


Result: TypeAlias = Verified | NotPresented | Unassessed | Refused


class Revocations(Protocol):
    """A source of revocations. Raises where it cannot tell."""

    def is_revoked(self, issuer: str, jti: str) -> bool: ...


class Store(Protocol):
    def use(self, use: Use, now: int) -> Answer: ...


@dataclass
class _Case:
    """One presentation, and what the checks that held have found out about it."""

    config: Config
    store: Store
    revocations: Revocations | None
    presented: Presentation
    attestation: Token
    proof: Token
    profile: str = ""
    now: int = 0
    issuer: Issuer | None = None
    issuer_key: PublicKey | None = None
    agent_key: PublicKey | None = None
    revoked: bool = False
    proof_faults: list[str] = field(default_factory=list)
    use: Use | None = None
    answer: Answer = Answer.UNAVAILABLE

    def text(self, name: str) -> str:
        return str(self.attestation.claims[name])

    def seconds(self, name: str) -> int:
        return _seconds(self.attestation, name)


@dataclass(frozen=True)
class Check:
    """One row of the table: what must hold, and what is said where it does not."""

    holds: Callable[[_Case], bool]
    code: str
    reason: str
    may_pass: bool = False


class Verifier:
    """Verifies presentations for one server. It keeps nothing between them but the uses in its store."""

    def __init__(self, config: Config, store: Store, revocations: Revocations | None = None) -> None:
        self._config = config
        self._store = store
        self._revocations = revocations

    def verify(self, presented: Presentation) -> Result:
        lenient = self._config.policy != "required"
        if presented.attestation is ABSENT and presented.proof is ABSENT and lenient:
            return NotPresented()
        case = _Case(
            self._config,
            self._store,
            self._revocations,
            presented,
            Token(None if isinstance(presented.attestation, Absent) else presented.attestation),
            Token(None if isinstance(presented.proof, Absent) else presented.proof),
        )
        for check in CHECKS:
            if check.holds(case):
                continue
            reason = f"attestation_{check.reason}"
            if check.may_pass and lenient:
                return Unassessed(f"ERR_{check.code}", reason)
            return Refused(f"ERR_{check.code}", reason, case.now if check.reason == "expired" else None)
        assert case.issuer is not None and case.use is not None
        thumbprint = case.agent_key.thumbprint if case.agent_key is not None else None
        return Verified(case.profile, case.issuer.trust_level, case.text("sub"), thumbprint, case.use)


# Step 0


def something_came(case: _Case) -> bool:
    return case.presented.attestation is not ABSENT or case.presented.proof is not ABSENT


def proof_is_not_alone(case: _Case) -> bool:
    return case.presented.attestation is not ABSENT


def clock_tells_a_time(case: _Case) -> bool:
    time = case.presented.time
    if time is None or not 0 <= time <= MAX_TIME:
        return False
    case.now = math.floor(time)
    return True


# Step 1: jws.py


def attestation_is_short(case: _Case) -> bool:
    return len(case.attestation.text) <= ATTESTATION_CHARACTERS


# Step 2


def typ_is_known(case: _Case) -> bool:
    case.profile = _TYP.get(str(case.attestation.typ), "")
    return case.profile != ""


def bearer_is_accepted(case: _Case) -> bool:
    return case.profile == "bound" or case.config.allow_bearer


def alg_is_of_the_profile(case: _Case) -> bool:
    return case.attestation.alg in _ALG[case.profile]


def kid_has_its_form(case: _Case) -> bool:
    return is_short_id(case.attestation.header.get("kid"))


# Step 3


def issuer_is_trusted(case: _Case) -> bool:
    name = case.attestation.claims.get("iss")
    case.issuer = case.config.issuers.get(name) if isinstance(name, str) else None
    return case.issuer is not None


def issuer_uses_alg(case: _Case) -> bool:
    return _algorithm(case) in _issuer(case).algorithms


# Step 4


def keys_are_available(case: _Case) -> bool:
    return _issuer(case).keys is not None


def kid_is_known(case: _Case) -> bool:
    keys = _issuer(case).keys
    case.issuer_key = keys.find(str(case.attestation.header["kid"])) if keys is not None else None
    return case.issuer_key is not None


# Step 5


def attestation_signature_holds(case: _Case) -> bool:
    key = case.issuer_key
    return (
        key is not None
        and key.algorithm == _algorithm(case)
        and key.verifies(case.attestation.signature, case.attestation.signed)
    )


# Step 6


def claims_have_their_types(case: _Case) -> bool:
    return attestation_has_its_types(case.attestation.claims)


def version_is_that_of_the_profile(case: _Case) -> bool:
    return _metadata(case, "attestation_version") == _VERSION[case.profile]


def is_not_expired(case: _Case) -> bool:
    return case.now < case.seconds("exp") + case.config.clock_tolerance


def is_valid_already(case: _Case) -> bool:
    latest = case.now + case.config.clock_tolerance
    return all(case.seconds(name) <= latest for name in ("iat", "nbf") if name in case.attestation.claims)


def lifetime_is_short(case: _Case) -> bool:
    return 0 < case.seconds("exp") - case.seconds("iat") <= case.config.longest_lifetime[case.profile]


def agent_key_is_good(case: _Case) -> bool:
    if case.profile == "bearer":
        return True
    cnf = case.attestation.claims.get("cnf")
    try:
        case.agent_key = read_key(cnf.get("jwk") if isinstance(cnf, dict) else None)
    except KeyFault:
        return False
    return True


def bearer_has_no_key(case: _Case) -> bool:
    return case.profile == "bound" or "cnf" not in case.attestation.claims


def bearer_has_an_audience(case: _Case) -> bool:
    return case.profile == "bound" or "aud" in case.attestation.claims


def audience_is_one(case: _Case) -> bool:
    return case.config.allow_multiple_audiences or len(audiences(case.attestation.claims)) <= 1


def audience_is_this_server(case: _Case) -> bool:
    claims = case.attestation.claims
    return "aud" not in claims or any(name in case.config.audience for name in audiences(claims))


def subject_has_its_form(case: _Case) -> bool:
    subject = case.text("sub")
    may_be_another = case.profile == "bearer" and not subject.lower().startswith("spiffe:")
    return may_be_another or trust_domain(subject) is not None


def trust_domain_is_the_issuers(case: _Case) -> bool:
    domain = trust_domain(case.text("sub"))
    return domain is None or domain in _issuer(case).trust_domains


def type_is_the_trust_level(case: _Case) -> bool:
    says, level = _metadata(case, "attestation_type"), _issuer(case).trust_level
    return says == level or (case.profile == "bearer" and level == "enterprise" and says == "provider")


def required_claims_are_there(case: _Case) -> bool:
    return all(has_path(case.attestation.claims, path) for path in case.config.required_claims)


def revocations_are_available(case: _Case) -> bool:
    if case.revocations is None:
        return True
    try:
        answer = case.revocations.is_revoked(_issuer(case).name, case.text("jti"))
    except Exception:  # whatever goes wrong there, it could not tell (SPEC-6.10)
        return False
    case.revoked = answer is True
    return answer is True or answer is False


def is_not_revoked(case: _Case) -> bool:
    return not case.revoked


# Step 7


def bearer_has_no_proof(case: _Case) -> bool:
    return case.profile == "bound" or case.presented.proof is ABSENT


def bound_has_a_proof(case: _Case) -> bool:
    return case.presented.proof is not ABSENT


def is_no_mac_proof(case: _Case) -> bool:
    """This verifier has no tickets, so it refuses every MAC proof (SPEC-19.11, SPEC-19.18)."""
    proof = case.presented.proof
    return not (isinstance(proof, str) and proof.startswith("mac1~"))


def proof_is_short(case: _Case) -> bool:
    return len(case.proof.text) <= PROOF_CHARACTERS


def proof_typ_is_that_of_a_proof(case: _Case) -> bool:
    return case.proof.typ == _PROOF_TYP


def proof_alg_is_that_of_the_key(case: _Case) -> bool:
    alg = case.proof.alg
    return alg in _PROOF_ALG and alg == _agent_key(case).algorithm and alg in case.config.proof_algorithms


def proof_signature_holds(case: _Case) -> bool:
    return _agent_key(case).verifies(case.proof.signature, case.proof.signed)


def proof_claims_have_their_forms(case: _Case) -> bool:
    return proof_has_its_forms(case.proof.claims)


def message_came_with_proof(case: _Case) -> bool:
    return case.presented.request is not None


def proof_is_for_its_carrier(case: _Case) -> bool:
    names = case.proof.claims.keys() & {"mcp_digest", "htm", "body_digest"}
    return names == ({"htm", "body_digest"} if _in_fields(case) else {"mcp_digest"})


def proof_is_for_this_attestation(case: _Case) -> bool:
    return case.proof.claims["att_hash"] == sha256(case.attestation.text.encode("ascii"))


def proof_is_for_this_server(case: _Case) -> bool:
    aud = case.proof.claims["aud"]
    return aud in case.config.audience and (
        "aud" not in case.attestation.claims or aud in audiences(case.attestation.claims)
    )


def proof_is_of_now(case: _Case) -> bool:
    tolerance, window = case.config.clock_tolerance, case.config.proof_window
    return case.now - window - tolerance <= _seconds(case.proof, "iat") <= case.now + tolerance


def proof_is_for_this_method(case: _Case) -> bool:
    request = case.presented.request
    return not isinstance(request, HttpRequest) or case.proof.claims["htm"] == request.method


def proof_is_for_this_content(case: _Case) -> bool:
    request = case.presented.request
    expected = digest(request) if request is not None else None
    claimed = case.proof.claims["body_digest" if _in_fields(case) else "mcp_digest"]
    return expected is not None and claimed == expected


def proof_is_for_this_session(case: _Case) -> bool:
    return case.proof.claims.get("session") == case.presented.session


def proof_is_for_this_access_token(case: _Case) -> bool:
    token = case.presented.access_token
    return case.proof.claims.get("ath") == (None if token is None else sha256(token.encode("utf-8")))


# Step 8


def store_answers(case: _Case) -> bool:
    """Records the use. The three checks after this one look at what the store answered."""
    case.use = _use(case)
    try:
        case.answer = case.store.use(case.use, case.now)
    except Exception:  # whatever goes wrong there, it could not tell (SPEC-9.6)
        return False
    return case.answer is not Answer.UNAVAILABLE


def store_is_older_than_use(case: _Case) -> bool:
    return case.answer is not Answer.BEFORE_START


def use_is_new(case: _Case) -> bool:
    return case.answer is not Answer.REPLAY


def store_has_room(case: _Case) -> bool:
    return case.answer is Answer.RECORDED


def _use(case: _Case) -> Use:
    config, over_http = case.config, case.presented.over_http or _in_fields(case)
    if case.profile == "bearer":
        audience = next(name for name in audiences(case.attestation.claims) if name in config.audience)
        until = case.seconds("exp") + config.clock_tolerance + config.node_skew
        made_at = case.seconds("iat") + BEARER_BACKDATING if over_http else None
        return Use("bearer", _issuer(case).name, audience, "", case.text("jti"), until, made_at)
    iat = _seconds(case.proof, "iat")
    return Use(
        "bound",
        _issuer(case).name,
        str(case.proof.claims["aud"]),
        _agent_key(case).thumbprint,
        str(case.proof.claims["jti"]),
        iat + config.proof_window + config.clock_tolerance + config.node_skew,
        iat if over_http else None,
    )


# What several checks read


def _issuer(case: _Case) -> Issuer:
    assert case.issuer is not None
    return case.issuer


def _agent_key(case: _Case) -> PublicKey:
    assert case.agent_key is not None
    return case.agent_key


def _algorithm(case: _Case) -> str:
    return _ALG[case.profile][str(case.attestation.alg)]


def _metadata(case: _Case, name: str) -> Json:
    metadata = case.attestation.claims["attestation_metadata"]
    assert isinstance(metadata, dict)
    return metadata[name]


def _seconds(token: Token, name: str) -> int:
    value = token.claims[name]
    assert isinstance(value, float)
    return int(value)


def _in_fields(case: _Case) -> bool:
    return isinstance(case.presented.request, HttpRequest)


# The table


def _of_attestation(holds: Callable[[Token], bool]) -> Callable[[_Case], bool]:
    return lambda case: holds(case.attestation)


def _of_proof(holds: Callable[[Token], bool]) -> Callable[[_Case], bool]:
    """A check of a proof, which a bearer attestation has none of."""
    return lambda case: holds(case.proof)


def _structure(
    name: str, reason: str, of: Callable[[Callable[[Token], bool]], Callable[[_Case], bool]], size: Callable[[_Case], bool]
) -> Iterable[Check]:
    return (
        Check(of(jws.is_text), f"{name}_FORMAT", reason),
        Check(size, f"{name}_SIZE", reason),
        Check(of(jws.has_two_dots), f"{name}_FORMAT", reason),
        Check(of(jws.is_canonical), f"{name}_ENCODING", reason),
        Check(of(jws.has_signature), f"{name}_FORMAT", reason),
        Check(of(jws.header_is_json), f"{name}_JSON", reason),
        Check(of(jws.header_has_single_names), f"{name}_DUPLICATE_MEMBER", reason),
        Check(of(jws.header_has_its_members), f"{name}_HEADER", reason),
        Check(of(jws.claims_are_json), f"{name}_JSON", reason),
        Check(of(jws.claims_have_single_names), f"{name}_DUPLICATE_MEMBER", reason),
    )


def _bound(check: Check) -> Check:
    """A check that is asked of bound attestations alone."""
    holds = check.holds
    return Check(lambda case: case.profile == "bearer" or holds(case), check.code, check.reason, check.may_pass)


_PROOF_CHECKS: tuple[Check, ...] = (
    Check(bound_has_a_proof, "PROOF_REQUIRED", "proof_invalid"),
    Check(is_no_mac_proof, "TICKET_REFUSED", "ticket_refused"),
    *_structure("PROOF", "proof_invalid", _of_proof, proof_is_short),
    Check(proof_typ_is_that_of_a_proof, "PROOF_TYP", "proof_invalid"),
    Check(proof_alg_is_that_of_the_key, "PROOF_ALG", "proof_invalid"),
    Check(proof_signature_holds, "PROOF_SIGNATURE", "proof_invalid"),
    Check(proof_claims_have_their_forms, "PROOF_CLAIMS", "proof_invalid"),
    Check(message_came_with_proof, "PROOF_REQUEST", "proof_invalid"),
    Check(proof_is_for_its_carrier, "PROOF_CARRIER", "proof_invalid"),
    Check(proof_is_for_this_attestation, "PROOF_ATTESTATION", "proof_invalid"),
    Check(proof_is_for_this_server, "PROOF_AUDIENCE", "proof_invalid"),
    Check(proof_is_of_now, "PROOF_TIME", "expired"),
    Check(proof_is_for_this_method, "PROOF_METHOD", "proof_invalid"),
    Check(proof_is_for_this_content, "PROOF_DIGEST", "proof_invalid"),
    Check(proof_is_for_this_session, "PROOF_SESSION", "proof_invalid"),
    Check(proof_is_for_this_access_token, "PROOF_ACCESS_TOKEN", "proof_invalid"),
)

CHECKS: tuple[Check, ...] = (
    Check(something_came, "ATTESTATION_REQUIRED", "required"),
    Check(proof_is_not_alone, "PROOF_UNEXPECTED", "proof_invalid"),
    Check(clock_tells_a_time, "CLOCK", "unavailable"),
    *_structure("ATTESTATION", "invalid", _of_attestation, attestation_is_short),
    Check(typ_is_known, "ATTESTATION_TYP", "invalid", may_pass=True),
    Check(bearer_is_accepted, "BEARER_NOT_ALLOWED", "invalid", may_pass=True),
    Check(alg_is_of_the_profile, "ATTESTATION_ALG", "invalid", may_pass=True),
    Check(kid_has_its_form, "ATTESTATION_HEADER", "invalid"),
    Check(issuer_is_trusted, "ISSUER_UNTRUSTED", "issuer_untrusted", may_pass=True),
    Check(issuer_uses_alg, "ATTESTATION_ALG", "invalid", may_pass=True),
    Check(keys_are_available, "KEY_SOURCE_UNAVAILABLE", "unavailable", may_pass=True),
    Check(kid_is_known, "KEY_NOT_FOUND", "invalid"),
    Check(attestation_signature_holds, "ATTESTATION_SIGNATURE", "invalid"),
    Check(claims_have_their_types, "ATTESTATION_CLAIMS", "invalid"),
    Check(version_is_that_of_the_profile, "ATTESTATION_VERSION", "invalid", may_pass=True),
    Check(is_not_expired, "ATTESTATION_EXPIRED", "expired"),
    Check(is_valid_already, "ATTESTATION_NOT_YET_VALID", "expired"),
    Check(lifetime_is_short, "ATTESTATION_LIFETIME", "invalid"),
    Check(agent_key_is_good, "CONFIRMATION_KEY", "invalid"),
    Check(bearer_has_no_key, "BEARER_CONFIRMATION", "invalid"),
    Check(bearer_has_an_audience, "ATTESTATION_AUDIENCE", "invalid"),
    Check(audience_is_one, "ATTESTATION_AUDIENCES", "invalid"),
    Check(audience_is_this_server, "ATTESTATION_AUDIENCE", "invalid"),
    Check(subject_has_its_form, "ATTESTATION_SUBJECT", "invalid"),
    Check(trust_domain_is_the_issuers, "TRUST_DOMAIN", "invalid"),
    Check(type_is_the_trust_level, "ATTESTATION_TYPE", "invalid"),
    Check(required_claims_are_there, "CLAIM_REQUIRED", "claims_insufficient"),
    Check(revocations_are_available, "REVOCATION_UNAVAILABLE", "unavailable"),
    Check(is_not_revoked, "REVOKED", "revoked"),
    Check(bearer_has_no_proof, "PROOF_UNEXPECTED", "proof_invalid"),
    *map(_bound, _PROOF_CHECKS),
    Check(store_answers, "REPLAY_CACHE_UNAVAILABLE", "unavailable"),
    Check(store_is_older_than_use, "REPLAY_BEFORE_START", "expired"),
    Check(use_is_new, "REPLAY", "replay"),
    Check(store_has_room, "REPLAY_CACHE_FULL", "unavailable"),
)
"""The order is the protocol's (SPEC-6.1)."""
