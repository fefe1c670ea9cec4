import type { ReplayUse } from "@attest/core";

/** Far from any real clock: a backend must take the time from the use. */
export const NOW = 1_000_000_000;

/** A use of a key that nobody used before, good for a minute and a half. */
export function freshUse(overrides: Partial<ReplayUse> = {}): ReplayUse {
  const { now = NOW } = overrides;
  return {
    key: freshKey(),
    now,
    issuedAt: now,
    expiresAt: now + 95,
    clockTolerance: 30,
    nodeSkew: 5,
    holder: "holder",
    ...overrides,
  };
}

/** A key as the verifier makes it: the base64url form of 128 bits. */
export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .slice(0, 22);
}
