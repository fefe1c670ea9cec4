"""Steps 0 to 6 of SPEC §6: what came, and the attestation.

Each function is one row of the table there. It is asked only after those before it have held, and says whether its own does.
The table itself is in verifier.py, the rows of step 1 in jws.py.
"""

from __future__ import annotations

import math

from case import ABSENT, Case
from claims import attestation_has_its_types, audiences, has_path
from forms import MAX_TIME, is_short_id, trust_domain
from keys import KeyFault, read_key
from strict_json import Json

MAX_CHARACTERS = 6144

_PROFILES = {"agent-attestation+jwt": "bound", "JWT": "bearer"}
_ALGORITHMS = {
    "bound": {"Ed25519": "Ed25519", "ES256": "ES256"},
    "bearer": {"EdDSA": "Ed25519", "Ed25519": "Ed25519"},
}
_VERSIONS = {"bound": "0.2.0", "bearer": "0.1.0"}


# Step 0: what came


def something_came(case: Case) -> bool:
    return case.presented.attestation is not ABSENT or case.presented.proof is not ABSENT


def proof_is_not_alone(case: Case) -> bool:
    return case.presented.attestation is not ABSENT


def clock_tells_a_time(case: Case) -> bool:
    time = case.presented.time
    if time is None or not 0 <= time <= MAX_TIME:
        return False
    case.now = math.floor(time)
    return True


# Step 1: structure


def is_no_chain(case: Case) -> bool:
    """This verifier accepts no delegation, so it refuses every chain (SPEC-21.10)."""
    return "~" not in case.attestation.text


def is_short(case: Case) -> bool:
    return len(case.attestation.text) <= MAX_CHARACTERS


# Step 2: profile


def typ_is_known(case: Case) -> bool:
    case.profile = _PROFILES.get(case.attestation.header_text("typ"), "")
    return case.profile != ""


def bearer_is_accepted(case: Case) -> bool:
    return not case.is_bearer or case.config.allow_bearer


def alg_is_of_the_profile(case: Case) -> bool:
    return case.attestation.header_text("alg") in _ALGORITHMS[case.profile]


def kid_has_its_form(case: Case) -> bool:
    return is_short_id(case.attestation.header.get("kid"))


# Step 3: issuer


def issuer_is_trusted(case: Case) -> bool:
    name = case.attestation.claims.get("iss")
    case.found_issuer = case.config.issuers.get(name) if isinstance(name, str) else None
    return case.found_issuer is not None


def alg_is_of_the_issuer(case: Case) -> bool:
    return _algorithm(case) in case.issuer.algorithms


# Step 4: key


def keys_are_available(case: Case) -> bool:
    return case.issuer.keys is not None


def kid_is_known(case: Case) -> bool:
    keys = case.issuer.keys
    case.found_key = None if keys is None else keys.find(case.attestation.header_text("kid"))
    return case.found_key is not None


# Step 5: signature


def signature_holds(case: Case) -> bool:
    key = case.found_key
    return (
        key is not None
        and key.algorithm == _algorithm(case)
        and key.verifies(case.attestation.signature, case.attestation.signed)
    )


# Step 6: claims


def claims_have_their_types(case: Case) -> bool:
    return attestation_has_its_types(case.attestation.claims)


def version_is_of_the_profile(case: Case) -> bool:
    return _metadata(case, "attestation_version") == _VERSIONS[case.profile]


def is_not_expired(case: Case) -> bool:
    return case.now < case.attestation.seconds("exp") + case.config.clock_tolerance


def is_valid_already(case: Case) -> bool:
    latest = case.now + case.config.clock_tolerance
    begins = [name for name in ("iat", "nbf") if name in case.attestation.claims]
    return all(case.attestation.seconds(name) <= latest for name in begins)


def lifetime_is_short(case: Case) -> bool:
    lifetime = case.attestation.seconds("exp") - case.attestation.seconds("iat")
    return 0 < lifetime <= case.config.longest_lifetime[case.profile]


def agent_key_is_good(case: Case) -> bool:
    if case.is_bearer:
        return True
    cnf = case.attestation.claims.get("cnf")
    try:
        case.confirmed_key = read_key(cnf.get("jwk") if isinstance(cnf, dict) else None)
    except KeyFault:
        return False
    return True


def bearer_has_no_key(case: Case) -> bool:
    return not case.is_bearer or "cnf" not in case.attestation.claims


def bearer_has_an_audience(case: Case) -> bool:
    return not case.is_bearer or "aud" in case.attestation.claims


def audience_is_one(case: Case) -> bool:
    return case.config.allow_multiple_audiences or len(audiences(case.attestation.claims)) <= 1


def audience_is_this_server(case: Case) -> bool:
    claims = case.attestation.claims
    return "aud" not in claims or any(name in case.config.audience for name in audiences(claims))


def subject_has_its_form(case: Case) -> bool:
    subject = _subject(case)
    may_be_another = case.is_bearer and not subject.lower().startswith("spiffe:")
    return may_be_another or trust_domain(subject) is not None


def trust_domain_is_of_the_issuer(case: Case) -> bool:
    domain = trust_domain(_subject(case))
    return domain is None or domain in case.issuer.trust_domains


def type_is_the_trust_level(case: Case) -> bool:
    says, level = _metadata(case, "attestation_type"), case.issuer.trust_level
    return says == level or (case.is_bearer and level == "enterprise" and says == "provider")


def required_claims_are_there(case: Case) -> bool:
    return all(has_path(case.attestation.claims, path) for path in case.config.required_claims)


def revocations_are_available(case: Case) -> bool:
    if case.revocations is None:
        return True
    try:
        answer: object = case.revocations.is_revoked(case.issuer.name, str(case.attestation.claims["jti"]))
    except Exception:  # whatever went wrong there, it could not tell (SPEC-6.10)
        return False
    case.revoked = answer is True
    return isinstance(answer, bool)


def is_not_revoked(case: Case) -> bool:
    return not case.revoked


def _algorithm(case: Case) -> str:
    return _ALGORITHMS[case.profile][case.attestation.header_text("alg")]


def _subject(case: Case) -> str:
    return str(case.attestation.claims["sub"])


def _metadata(case: Case, name: str) -> Json:
    metadata = case.attestation.claims["attestation_metadata"]
    assert isinstance(metadata, dict)
    return metadata[name]
