"""Public keys (SPEC §8) and the signatures that hold for them (SPEC-6.7)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

import base64url
from forms import is_short_id
from strict_json import Json, JsonObject

COORDINATE_BYTES = 32

_FIELD = 2**255 - 19
_GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _FIELD) % _FIELD
_SIGN_BIT = 1 << 255

_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_ALGORITHMS = {("OKP", "Ed25519"): "Ed25519", ("EC", "P-256"): "ES256"}
_NAMES_OF_ALGORITHM = {"Ed25519": ("EdDSA", "Ed25519"), "ES256": ("ES256",)}


class KeyFault(ValueError):
    """A JWK that is no key of this protocol. `code` is what the vectors call the fault."""

    code = "ERR_KEY_FORMAT"


class PrivateKey(KeyFault):
    """More than a public key (SPEC-8.3)."""

    code = "ERR_KEY_PRIVATE"


class UnsupportedKey(KeyFault):
    """A key of another kind, with which nothing is wrong (SPEC-8.5)."""

    code = "ERR_KEY_UNSUPPORTED"


class WeakKey(KeyFault):
    """A point for which trivial signatures could hold (SPEC-8.2)."""

    code = "ERR_KEY_WEAK"


class DuplicateKey(KeyFault):
    """A second key of one issuer under one name (SPEC-8.6)."""

    code = "ERR_KEY_DUPLICATE"


@dataclass(frozen=True)
class PublicKey:
    """A key that meets SPEC §8. It has one algorithm, decided here (SPEC-6.6)."""

    algorithm: str
    thumbprint: str
    _key: ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        try:
            if isinstance(self._key, ed25519.Ed25519PublicKey):
                if not _is_strict_ed25519(signature):
                    return False
                self._key.verify(signature, signed)
            else:
                r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
                self._key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


def read_key(jwk: Json) -> PublicKey:
    """The public key in a JWK, or a KeyFault."""
    if not isinstance(jwk, dict):
        raise KeyFault("no object")
    if _PRIVATE_MEMBERS & jwk.keys():
        raise PrivateKey("a private member")
    algorithm = _algorithm(jwk)
    if "alg" in jwk and jwk["alg"] not in _NAMES_OF_ALGORITHM[algorithm]:
        raise KeyFault("alg is not that of the key")
    if "kid" in jwk and not is_short_id(jwk["kid"]):
        raise KeyFault("kid is no short identifier")
    if "use" in jwk and jwk["use"] != "sig":
        raise KeyFault("use is not sig")
    if "key_ops" in jwk and not (isinstance(jwk["key_ops"], list) and "verify" in jwk["key_ops"]):
        raise KeyFault("key_ops has no verify")
    return _read_ed25519(jwk) if algorithm == "Ed25519" else _read_p256(jwk)


class KeySet:
    """One issuer's keys by name."""

    def __init__(self) -> None:
        self._keys: dict[str, PublicKey] = {}

    def add(self, jwk: Json) -> PublicKey:
        key = read_key(jwk)
        kid = _kid(jwk)
        if kid is None:
            raise KeyFault("a key of a set needs a kid")
        if kid in self._keys:
            raise DuplicateKey("two keys with one kid")
        self._keys[kid] = key
        return key

    def find(self, kid: str) -> PublicKey | None:
        return self._keys.get(kid)


def read_published_set(jwks: list[Json]) -> KeySet:
    """A set as an authority publishes it: keys that cannot be used are passed over (SPEC-8.15), and so are both of two that can
    be used and have one name (SPEC-8.6)."""
    usable = [jwk for jwk in jwks if _is_usable(jwk)]
    names = [_kid(jwk) for jwk in usable]
    keys = KeySet()
    for jwk, name in zip(usable, names, strict=True):
        if name is not None and names.count(name) == 1:
            keys.add(jwk)
    return keys


def possession_text(challenge: str, authority: str | None) -> str:
    """What an agent signs to show that it holds a key (SPEC-8.9; without the authority's address SPEC-8.17)."""
    if authority is None:
        return f"io.github.attest/possession\n{challenge}"
    return f"io.github.attest/possession/2\n{authority}\n{challenge}"


def _is_usable(jwk: Json) -> bool:
    try:
        read_key(jwk)
    except KeyFault:
        return False
    return True


def _kid(jwk: Json) -> str | None:
    kid = jwk.get("kid") if isinstance(jwk, dict) else None
    return kid if isinstance(kid, str) else None


def _algorithm(jwk: JsonObject) -> str:
    kty, crv = jwk.get("kty"), jwk.get("crv")
    if not isinstance(kty, str) or not isinstance(crv, str) or (kty, crv) not in _ALGORITHMS:
        raise UnsupportedKey("neither Ed25519 nor P-256")
    return _ALGORITHMS[kty, crv]


def _coordinate(jwk: JsonObject, name: str) -> bytes:
    text = jwk.get(name)
    data = base64url.decode(text) if isinstance(text, str) else None
    if data is None or len(data) != COORDINATE_BYTES:
        raise KeyFault(f"{name} is not 32 bytes of base64url")
    return data


def _read_ed25519(jwk: JsonObject) -> PublicKey:
    x = _coordinate(jwk, "x")
    if not _is_good_point(x):
        raise WeakKey("a point of small order, or not canonical")
    thumbprint = _thumbprint({"crv": "Ed25519", "kty": "OKP", "x": base64url.encode(x)})
    try:
        return PublicKey("Ed25519", thumbprint, ed25519.Ed25519PublicKey.from_public_bytes(x))
    except ValueError as error:
        raise KeyFault("no point of the curve") from error


def _read_p256(jwk: JsonObject) -> PublicKey:
    x, y = _coordinate(jwk, "x"), _coordinate(jwk, "y")
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
    try:
        key = numbers.public_key()
    except ValueError as error:
        raise KeyFault("no point of the curve") from error
    members = {"crv": "P-256", "kty": "EC", "x": base64url.encode(x), "y": base64url.encode(y)}
    return PublicKey("ES256", _thumbprint(members), key)


def _thumbprint(members: dict[str, str]) -> str:
    """RFC 7638. The members are given in the order of their names."""
    return base64url.encode(hashlib.sha256(json.dumps(members, separators=(",", ":")).encode("ascii")).digest())


def _is_good_point(encoded: bytes) -> bool:
    """Whether y is below the field's prime and the point, if there is one, not of small order (SPEC-8.2).

    The points of order 1, 2 and 4 have y = 1, -1 and 0. Doubling one of order 8 gives y = 0, and with the equation of the curve
    that means d*y^4 + 2*y^2 - 1 = 0.
    """
    y = int.from_bytes(encoded, "little") & ~_SIGN_BIT
    if y >= _FIELD or y in (0, 1, _FIELD - 1):
        return False
    return (_D * y**4 + 2 * y**2 - 1) % _FIELD != 0


def _is_strict_ed25519(signature: bytes) -> bool:
    """What OpenSSL, which verifies without the cofactor, is not relied upon for (SPEC-6.7)."""
    return int.from_bytes(signature[32:], "little") < _GROUP_ORDER and _is_good_point(signature[:32])
