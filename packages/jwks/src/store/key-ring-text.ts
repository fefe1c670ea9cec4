import { AttestationError, decodeStrictJson, isKid, KeyPair, type PrivateJwk, type PublicJwk } from "@attest/core";
import type { KeyRing, RetainedKey } from "./key-ring.ts";

const VERSION = 1;

/** Writes a ring as the text that is stored. It holds private keys. */
export async function writeKeyRing(ring: KeyRing): Promise<string> {
  const { active, next, nextPublishedAt, rotateAt, retained } = ring;
  const stored = {
    version: VERSION,
    active: await active.toPrivateJwk(),
    next: await next.toPrivateJwk(),
    nextPublishedAt,
    rotateAt,
    retained: retained.map(({ jwk, until }) => ({ jwk, until })),
  };
  return `${JSON.stringify(stored, null, 2)}\n`;
}

/**
 * Reads what `writeKeyRing` wrote.
 *
 * @throws AttestationError `ERR_KEY_FORMAT` for anything else: new keys are never made instead of some that cannot
 * be read. No message repeats any part of the text.
 */
export async function readKeyRing(text: string): Promise<KeyRing> {
  const { value } = decodeStrictJson(new TextEncoder().encode(text));
  const stored = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (stored["version"] !== VERSION) throw formatError("is not a key store of this version");
  const [active, next] = await Promise.all([readKey(stored["active"]), readKey(stored["next"])]);
  if (!Array.isArray(stored["retained"])) throw formatError("has no list of retained keys");
  const retained = stored["retained"].map(readRetained);
  const kids = [active.kid, next.kid, ...retained.map(({ kid }) => kid)];
  if (new Set(kids).size < kids.length) throw formatError("has two keys with one kid");
  const [nextPublishedAt, rotateAt] = [readTime(stored["nextPublishedAt"]), readTime(stored["rotateAt"])];
  return { active, next, nextPublishedAt, rotateAt, retained };
}

async function readKey(jwk: unknown): Promise<KeyPair> {
  return KeyPair.fromJwk(jwk as PrivateJwk).catch(() => {
    throw formatError("has a signing key that is not usable");
  });
}

function readRetained(entry: unknown): RetainedKey {
  const { jwk, until } = (entry ?? {}) as { jwk?: PublicJwk; until?: unknown };
  if (typeof jwk !== "object" || jwk === null || !isKid(jwk.kid)) throw formatError("has a retained key without a kid");
  return { jwk, kid: jwk.kid, until: readTime(until) };
}

function readTime(time: unknown): number {
  if (!Number.isSafeInteger(time)) throw formatError("has a time that is not in whole seconds");
  return time as number;
}

function formatError(problem: string): AttestationError {
  return new AttestationError("ERR_KEY_FORMAT", `What is stored ${problem}`);
}
