"""One presentation while it is verified, and what a check of it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from config import Config, Issuer
from digest import HttpRequest, Request
from jws import Token
from keys import PublicKey
from replay import Answer, Use
from strict_json import Json


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
    session: str | None = None
    access_token: str | None = None
    over_http: bool = False

    @property
    def in_http_fields(self) -> bool:
        return isinstance(self.request, HttpRequest)


class Revocations(Protocol):
    """A source of revocations. Raises where it cannot tell."""

    def is_revoked(self, issuer: str, jti: str) -> bool: ...


class Store(Protocol):
    """What remembers uses. Raises where it cannot tell."""

    def use(self, use: Use, now: int) -> Answer: ...


@dataclass
class Case:
    """One presentation, and what the checks that held have found out about it.

    A check may read what those before it have set; the properties below are for that.
    """

    config: Config
    store: Store
    revocations: Revocations | None
    presented: Presentation
    attestation: Token = field(init=False)
    proof: Token = field(init=False)
    profile: str = ""
    now: int = 0
    found_issuer: Issuer | None = None
    found_key: PublicKey | None = None
    confirmed_key: PublicKey | None = None
    revoked: bool = False
    recorded: Use | None = None
    answer: Answer = Answer.UNAVAILABLE

    def __post_init__(self) -> None:
        self.attestation = Token(_or_none(self.presented.attestation))
        self.proof = Token(_or_none(self.presented.proof))

    @property
    def is_bearer(self) -> bool:
        return self.profile == "bearer"

    @property
    def issuer(self) -> Issuer:
        assert self.found_issuer is not None
        return self.found_issuer

    @property
    def agent_key(self) -> PublicKey:
        assert self.confirmed_key is not None
        return self.confirmed_key


@dataclass(frozen=True)
class Check:
    """One row of the table of SPEC §6: what must hold, and what is said where it does not.

    `may_pass` is the table's question mark: the policies `preferred` and `optional` let it pass unverified.
    """

    holds: Callable[[Case], bool]
    code: str
    reason: str
    may_pass: bool = False


def _or_none(presented: Json | Absent) -> Json:
    """What came, for a check that wants a text."""
    return None if isinstance(presented, Absent) else presented
