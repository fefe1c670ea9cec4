"""Answers the runner of the test vectors: one JSON object a line in, one out (packages/vectors/README.md)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import base64url
import strict_json
from case import ABSENT, Presentation
from config import Config, Issuer
from digest import HttpRequest, Message, Request, Response, credential, digest, sha256
from keys import KeyFault, KeySet, possession_text, read_published_set
from replay import Answer, ReplayStore, Use
from verifier import NotPresented, Refused, Result, Unassessed, Verified, Verifier

MESSAGE_LEVELS = 500
"""Deeper messages are refused before they are read. What a digest leaves out may be deeper than what it covers."""
PLENTY = 1_000_000

Fields: TypeAlias = "dict[str, Any]"


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
    if options.get("tickets") or options.get("maxDelegationDepth"):
        raise Unsupported
    issuers = [_issuer(entry, options) for entry in options["trustedIssuers"]]
    config = Config(
        issuers={issuer.name: issuer for issuer in issuers},
        audience=tuple(options["audience"]),
        policy=options["policy"],
        allow_bearer=options["allowBearer"],
        allow_multiple_audiences=options["allowMultipleAudiences"],
        required_claims=tuple(options["requiredClaims"]),
        proof_algorithms=frozenset(options["proofAlgorithms"]),
        clock_tolerance=int(options["clockTolerance"]),
        proof_window=int(options["proofWindow"]),
        node_skew=int(options["nodeSkew"]),
        longest_lifetime=options["maxLifetime"],
    )
    return Verifier(config, _store(options), _revocations(options))


def _issuer(entry: Fields, options: Fields) -> Issuer:
    if any(entry.get(name) for name in ("formats", "statusLists", "nested")):
        raise Unsupported
    name = entry["issuer"]
    fails = "keys" in options.get("unavailable", []) or name in options.get("unavailableIssuers", [])
    return Issuer(
        name=name,
        trust_level=entry["trustLevel"],
        trust_domains=frozenset(entry["trustDomains"]),
        keys=None if fails else read_published_set(options["keys"][name]["keys"]),
        algorithms=frozenset(entry["algorithms"]),
    )


def _store(options: Fields) -> ReplayStore | FailingStore:
    if "replayCache" in options.get("unavailable", []):
        return FailingStore()
    return ReplayStore(options.get("replayCacheMadeAt", 0), int(options.get("replayCapacity", PLENTY)))


def _revocations(options: Fields) -> ListedRevocations | None:
    fails = "revocation" in options.get("unavailable", [])
    return ListedRevocations(options.get("revoked", []), fails) if fails or "revoked" in options else None


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
        case Verified():
            answer = {"outcome": "verified", "profile": result.profile, **_layer(result), "layers": [_layer(result)]}
            if result.key_thumbprint is not None:
                answer["keyThumbprint"] = result.key_thumbprint
            if result.tool_digest is not None:
                answer["toolDigest"] = result.tool_digest
            return {**answer, "recorded": {"key": result.use.key, "until": result.use.until}}


def _layer(result: Verified) -> Fields:
    """An attestation in which nothing nested is read is one layer (SPEC §20)."""
    return {"issuer": result.issuer, "trustLevel": result.trust_level, "subject": result.subject}


def _key(ask: Fields) -> Fields:
    keys = KeySet()
    answer: Fields = {}
    for jwk in ask["keys"]:
        try:
            answer = {"outcome": "accepted", "thumbprint": keys.add(jwk).thumbprint}
        except KeyFault as fault:
            answer = {"outcome": "refused", "code": fault.code}
    return answer


def _message(ask: Fields) -> Fields:
    """It refuses a message with two members of one name, and passes on the doubles that it digests (SPEC-3.15, SPEC-3.16)."""
    try:
        document = strict_json.parse_object(ask["text"].encode("utf-8"), MESSAGE_LEVELS)
    except ValueError:
        return {"refused": True}
    message, kinds = document.value, document.value.keys() & {"method", "result", "error"}
    if document.repeats_a_name or kinds not in ({"method"}, {"result"}):
        return {"refused": True}
    if kinds == {"method"}:
        return {"digest": digest(Message(message["method"], message.get("params", {})))}
    return {"digest": digest(Response(message.get("id"), message["result"]))}


def _possession(ask: Fields) -> Fields:
    return {"text": possession_text(ask["challenge"], ask["authority"] if ask["form"] == 2 else None)}


def _authorization(ask: Fields) -> Fields:
    try:
        found = credential(ask["field"])
    except ValueError:
        return {"outcome": "refused"}
    if found is None:
        return {"outcome": "none"}
    return {"outcome": "credential", "credential": found, "ath": sha256(found.encode("ascii"))}


def main() -> None:
    driver = Driver()
    for line in sys.stdin.buffer:
        print(json.dumps(driver.answer(json.loads(line, parse_int=float))), flush=True)


if __name__ == "__main__":
    main()
