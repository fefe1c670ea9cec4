# The reader of docs/behind-a-gateway.md, with the standard library: a test compares them.
import base64
import hashlib
import json
import time


def sha256(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def decode(text):
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


class Gateway:
    """The gateway in front of this server: its name, its keys, and what it calls this server."""

    SKEW = 30

    def __init__(self, issuer, audience, keys, signature_holds):
        self.issuer, self.audience = issuer, audience
        self.keys = {key["kid"]: key for key in keys}
        self.signature_holds = signature_holds

    def verified(self, field, method, body, session=None, access_token=None, now=None):
        """Who was verified for this request. `body` is its bytes; the rest are fields of the request, None if absent."""
        if field is None:
            return None
        now = time.time() if now is None else now
        parts = field.split(".")
        if len(parts) != 3:
            raise ValueError("no JWT")
        header, claims = json.loads(decode(parts[0])), json.loads(decode(parts[1]))
        if not isinstance(header, dict) or not isinstance(claims, dict):
            raise ValueError("no JWT")
        key = self.keys.get(header.get("kid"))
        algorithms = {"OKP": ("EdDSA", "Ed25519"), "EC": ("ES256",)}
        if key is None or header.get("alg") not in algorithms[key["kty"]]:
            raise ValueError("key or algorithm is not the gateway's")
        if header.get("typ") != "agent-attestation-verified+jwt":
            raise ValueError("another kind of JWT")
        if not self.signature_holds(key, f"{parts[0]}.{parts[1]}".encode(), decode(parts[2])):
            raise ValueError("the signature does not hold")
        iat, exp = claims.get("iat"), claims.get("exp")
        if type(iat) is not int or type(exp) is not int or not 0 < exp - iat <= 30:
            raise ValueError("no bounded lifetime")
        if not iat - self.SKEW <= now <= exp + self.SKEW:
            raise ValueError("not valid now")
        expected = {
            "iss": self.issuer,
            "aud": self.audience,
            "htm": method,
            "body_digest": sha256(body),
            "session": session,
            "ath": None if access_token is None else sha256(access_token.encode()),
        }
        for name, value in expected.items():
            if claims.get(name) != value:
                raise ValueError(f"{name} is not that of this request")
        for name in ("jti", "sub", "issuer", "trust_level"):
            if not isinstance(claims.get(name), str):
                raise ValueError(f"{name} is missing")
        return claims


import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    e, f = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    g, h = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = f - e, h - g, h + g, e + f
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(n, point):
    result = (0, 1, 1, 0)
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def point_of(data):
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    x = recover_x(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def signature_holds(key, data, signature):
    if key["kty"] != "OKP" or len(signature) != 64:
        return False
    public = decode(key["x"])
    a, r = point_of(public), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + data).digest(), "little") % L
    (x1, y1, z1, _), (x2, y2, z2, _) = multiply(s, BASE), add(r, multiply(h, a))
    return (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0
