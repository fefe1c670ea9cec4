"""A replay store in the memory of one process (SPEC §9)."""

from __future__ import annotations

import hashlib
import heapq
from dataclasses import dataclass
from enum import Enum, auto

import base64url
from forms import MAX_TIME

KEY_BYTES = 16
SWEEP = 4
"""How many expired uses are dropped for a new one. More than one, so that a full store empties."""


class Answer(Enum):
    RECORDED = auto()
    UNAVAILABLE = auto()
    BEFORE_START = auto()
    REPLAY = auto()
    FULL = auto()


@dataclass(frozen=True)
class Use:
    """One proof or bearer attestation, by its meaning (SPEC-9.2).

    `until` is when it may be forgotten (SPEC-9.3), `made_at` the time from which on it may have been used, or None where it
    does not matter that a restart empties a store (SPEC-9.9). Both are Unix seconds.
    """

    profile: str
    issuer: str
    audience: str
    thumbprint: str
    jti: str
    until: int
    made_at: int | None

    @property
    def written(self) -> str:
        parts = (self.profile, self.issuer, self.audience, self.thumbprint, self.jti)
        return "".join(f"{len(part)}:{part}" for part in parts)

    @property
    def key(self) -> str:
        return base64url.encode(hashlib.sha256(self.written.encode("ascii")).digest()[:KEY_BYTES])


class ReplayStore:
    """It forgets everything when the process ends, so each server needs to be one process (SPEC-9.7).

    A single thread calls it. Asking and recording are one call and nothing comes between (SPEC-9.1). Python salts the hashes of
    text, so no agent can choose where its uses lie (SPEC-9.10).
    """

    def __init__(self, made_at: float, capacity: int) -> None:
        self._made_at = int(made_at)
        self._capacity = capacity
        self._recorded: set[str] = set()
        self._by_expiry: list[tuple[int, str]] = []
        self._dropped_up_to = -1

    def use(self, use: Use, now: int) -> Answer:
        self._drop_expired(now)
        if not max(now, self._dropped_up_to) < use.until <= MAX_TIME:
            return Answer.UNAVAILABLE
        if use.made_at is not None and use.made_at <= self._made_at:
            return Answer.BEFORE_START
        if use.key in self._recorded:
            return Answer.REPLAY
        if len(self._recorded) >= self._capacity:
            return Answer.FULL
        self._recorded.add(use.key)
        heapq.heappush(self._by_expiry, (use.until, use.key))
        return Answer.RECORDED

    def _drop_expired(self, now: int) -> None:
        for _ in range(SWEEP):
            if not self._by_expiry or self._by_expiry[0][0] > now:
                return
            until, key = heapq.heappop(self._by_expiry)
            self._recorded.discard(key)
            self._dropped_up_to = max(self._dropped_up_to, until)
