"""What a verifier is configured with, and nothing that a token could add to (SPEC-1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from keys import KeySet

POLICIES = ("required", "preferred", "optional")
TRUST_LEVELS = ("provider", "enterprise")


class Misconfigured(ValueError):
    """A configuration that cannot mean what it says (SPEC-1.2)."""


@dataclass(frozen=True)
class Issuer:
    """A trusted authority. `keys` is None while its keys are not available."""

    name: str
    trust_level: str
    trust_domains: frozenset[str]
    keys: KeySet | None
    algorithms: frozenset[str] = frozenset({"Ed25519"})


@dataclass(frozen=True)
class Config:
    """All times are seconds."""

    issuers: Mapping[str, Issuer]
    audience: tuple[str, ...]
    policy: str = "required"
    allow_bearer: bool = False
    allow_multiple_audiences: bool = False
    required_claims: tuple[str, ...] = ()
    proof_algorithms: frozenset[str] = frozenset({"Ed25519"})
    clock_tolerance: int = 30
    proof_window: int = 60
    node_skew: int = 5
    longest_lifetime: Mapping[str, int] = field(default_factory=lambda: {"bound": 3600, "bearer": 900})

    def __post_init__(self) -> None:
        if not self.issuers:
            raise Misconfigured("no trusted issuer")
        if not self.audience or not all(urlsplit(name).scheme for name in self.audience):
            raise Misconfigured("a name of this server is no absolute URI")
        if self.policy not in POLICIES:
            raise Misconfigured("no such policy")
        if any(issuer.trust_level not in TRUST_LEVELS for issuer in self.issuers.values()):
            raise Misconfigured("no such trust level")
        domains = [domain for issuer in self.issuers.values() for domain in issuer.trust_domains]
        if len(domains) != len(set(domains)):
            raise Misconfigured("one trust domain of two issuers")
        if min(self.clock_tolerance, self.proof_window, self.node_skew) < 0:
            raise Misconfigured("a time below zero")
