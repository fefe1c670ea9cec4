// Chains of delegations: honest, or with one thing altered in one link.
import { AUDIENCE, agent, NOW } from "./baseline.mjs";
import { sha256 } from "./bytes.mjs";
import { ed25519Key, es256Key } from "./test-keys.mjs";
import { forge } from "./tokens.mjs";

/** The keys of sub-agents: the first is the attested agent's own. */
export const KEYS = [agent, ...[1, 2, 3, 4, 5].map((nth) => ed25519Key(`sub-agent-${nth}`))];
export const subAgentP256 = es256Key("sub-agent-p256");

export const confirming = ({ jwk: { crv, kty, x, y } }) => ({ jwk: { crv, kty, x, y } });

/**
 * One link after a text.
 *
 * @param change As `forge` takes it; and `by` and `to`, the keys that sign it and that it is for.
 */
export function link(parent, nth, { by = KEYS[nth - 1], to = KEYS[nth], ...change } = {}) {
  const payload = {
    parent: sha256(parent),
    cnf: confirming(to),
    iat: NOW,
    exp: NOW + 295 - nth,
    jti: `delegation-${nth}`,
    depth: 4 - nth,
    aud: AUDIENCE,
  };
  return forge({ header: { alg: by.algorithm, typ: "agent-attestation-delegation+jwt" }, payload, key: by }, change);
}

/** An attestation and a link for each of the changes. */
export function chain(attestation, ...changes) {
  const texts = [attestation];
  for (const [i, change] of changes.entries()) texts.push(link(texts[i], i + 1, change));
  return texts.join("~");
}
