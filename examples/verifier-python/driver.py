"""Answers the runner of the test vectors: one JSON object a line in, one out (packages/vectors/README.md)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

import base64url
import strict_json
from config import Config, Issuer, Misconfigured
from digest import HttpRequest, Message, Request, Response, credential, digest, possession_text, sha256
from keys import DuplicateKey, KeyFault, KeySet, UnsupportedKey, read_published_set
from replay import Answer, ReplayStore, Use
from strict_json import Json
from verifier import ABSENT, NotPresented, Presentation, Refused, Result, Unassessed, Verified, Verifier

MESSAGE_LEVELS = 500
PLENTY = 1_000_000

Fields = dict[str, Any]

_KNOWN_OPTIONS = frozenset(
    "trustedIssuers keys audience policy allowBearer allowMultipleAudiences requiredClaims proofAlgorithms clockTolerance "
    "proofWindow nodeSkew maxLifetime revoked unavailable unavailableIssuers replayCapacity replayCacheMadeAt".split()
)
_KNOWN_ISSUER_OPTIONS = frozenset("issuer trustLevel trustDomains algorithms".split())


class Unsupported(Exception):
    """Something that this verifier leaves out."""


class Unavailable(Exception):
    """A source that a vector makes fail."""


class ListedRevocations:
    def __init__(self, revoked: Iterable[Fields], fails: bool) -> None:
        self._revoked = {(entry["iss"], entry["jti"]) for entry in revoked}
        self._fails = fails

    def is_revoked(self, issuer: str, jti: str) -> bool:
        if self._fails:
            raise Unavailable
        return (issuer, jti) in self._revoked


class FailingStore:
    def use(self, use: Use, now: int) -> Answer:
        raise Unavailable


class Driver:
    def __init__(self) -> None:
        self._verifier: Verifier | None = None
        self._asks: dict[str, Callable[[Fields], Fields]] = {
            "verifier": self._make_verifier,
            "verify": self._verify,
            "key": _key,
            "digest": lambda ask: {"digest": digest(_request(ask["request"]))},
            "message": _message,
            "possession": _possession,
            "authorization": _authorization,
        }

    def answer(self, ask: Fields) -> Fields:
        try:
            if ask["ask"] not in self._asks:
                raise Unsupported
            answer = self._asks[ask["ask"]](ask)
        except Unsupported:
            answer = {"unsupported": True}
        return {"id": int(ask["id"]), **answer}

    def _make_verifier(self, ask: Fields) -> Fields:
        self._verifier = None
        self._verifier = _verifier(ask["verifier"])
        return {}

    def _verify(self, ask: Fields) -> Fields:
        if self._verifier is None:
            raise Unsupported
        presented = Presentation(
            time=ask["time"],
            attestation=ask.get("attestation", ABSENT),
            proof=ask.get("proof", ABSENT),
            request=_request(ask["request"]) if "request" in ask else None,
            session=ask.get("sessionId"),
            access_token=ask.get("accessToken"),
            over_http=ask.get("overHttp", False),
        )
        return _result(self._verifier.verify(presented))


def _verifier(options: Fields) -> Verifier:
    if not options.keys() <= _KNOWN_OPTIONS and options.keys() - _KNOWN_OPTIONS != {"tickets"}:
        raise Unsupported
    if options.get("tickets", False) is not False:
        raise Unsupported
    unavailable = options.get("unavailable", [])
    no_keys = unavailable and "keys" in unavailable
    without_keys = {entry["issuer"] for entry in options["trustedIssuers"]} if no_keys else set()
    without_keys.update(options.get("unavailableIssuers", []))
    issuers = [_issuer(entry, options["keys"], without_keys) for entry in options["trustedIssuers"]]
    audience = options["audience"]
    config = Config(
        issuers={issuer.name: issuer for issuer in issuers},
        audience=(audience,) if isinstance(audience, str) else tuple(audience),
        policy=options.get("policy", "required"),
        allow_bearer=options.get("allowBearer", False),
        allow_multiple_audiences=options.get("allowMultipleAudiences", False),
        required_claims=tuple(options.get("requiredClaims", [])),
        proof_algorithms=frozenset(options.get("proofAlgorithms", ["Ed25519"])),
        clock_tolerance=int(options.get("clockTolerance", 30)),
        proof_window=int(options.get("proofWindow", 60)),
        node_skew=int(options.get("nodeSkew", 5)),
        longest_lifetime={"bound": 3600, "bearer": 900, **options.get("maxLifetime", {})},
    )
    fails = "revocation" in unavailable
    revocations = ListedRevocations(options.get("revoked", []), fails) if "revoked" in options or fails else None
    store = ReplayStore(options.get("replayCacheMadeAt", 0), int(options.get("replayCapacity", PLENTY)))
    return Verifier(config, FailingStore() if "replayCache" in unavailable else store, revocations)


def _issuer(entry: Fields, sets: Fields, without_keys: set[str]) -> Issuer:
    if not entry.keys() <= _KNOWN_ISSUER_OPTIONS:
        raise Unsupported
    name = entry["issuer"]
    jwks = sets.get(name, {"keys": []})["keys"]
    return Issuer(
        name=name,
        trust_level=entry["trustLevel"],
        trust_domains=frozenset(entry["trustDomains"]),
        keys=None if name in without_keys else read_published_set(jwks),
        algorithms=frozenset(entry.get("algorithms", ["Ed25519"])),
    )


def _request(request: Fields) -> Request:
    if request["kind"] == "http":
        return HttpRequest(request["method"], base64url.decode(request.get("body", "")) or b"")
    if request["kind"] == "response":
        return Response(request.get("id"), request.get("result"))
    return Message(request.get("method"), request.get("params", {}))


def _result(result: Result) -> Fields:
    match result:
        case NotPresented():
            return {"outcome": "absent"}
        case Unassessed(code, reason):
            return {"outcome": "unassessed", "reason": reason, "code": code}
        case Refused(code, reason, server_time):
            answer: Fields = {"outcome": "refused", "reason": reason, "code": code}
            return answer if server_time is None else {**answer, "serverTime": server_time}
        case Verified(profile, trust_level, subject, key_thumbprint, use):
            answer = {"outcome": "verified", "profile": profile, "trustLevel": trust_level, "subject": subject}
            if key_thumbprint is not None:
                answer["keyThumbprint"] = key_thumbprint
            return {**answer, "recorded": {"key": use.key, "until": use.until}}


def _key(ask: Fields) -> Fields:
    keys = KeySet()
    answer: Fields = {}
    for jwk in ask["keys"]:
        try:
            answer = {"outcome": "accepted", "thumbprint": keys.add(jwk).thumbprint}
        except UnsupportedKey:
            answer = {"outcome": "refused", "code": "ERR_KEY_UNSUPPORTED"}
        except DuplicateKey:
            answer = {"outcome": "refused", "code": "ERR_KEY_DUPLICATE"}
        except KeyFault:
            answer = {"outcome": "refused", "code": "ERR_KEY_MALFORMED"}
    return answer


def _message(ask: Fields) -> Fields:
    """This verifier refuses a message with two members of one name, and passes on the doubles that it digests."""
    try:
        message = strict_json.parse_object(ask["text"].encode("utf-8"), MESSAGE_LEVELS)
    except ValueError:
        return {"refused": True}
    if "method" in message and not {"result", "error"} & message.keys():
        return {"digest": digest(Message(message["method"], message.get("params", {})))}
    if "result" in message and not {"method", "error"} & message.keys():
        return {"digest": digest(Response(message.get("id"), message["result"]))}
    return {"refused": True}


def _possession(ask: Fields) -> Fields:
    return {"text": possession_text(ask["challenge"], ask["authority"] if ask["form"] == 2 else None)}


def _authorization(ask: Fields) -> Fields:
    try:
        found = credential(ask["field"])
    except ValueError:
        return {"outcome": "refused"}
    return {"outcome": "none"} if found is None else {"outcome": "credential", "credential": found, "ath": sha256(found.encode())}


def main() -> None:
    driver = Driver()
    for line in sys.stdin.buffer:
        answer: Json = driver.answer(json.loads(line, parse_int=float))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
