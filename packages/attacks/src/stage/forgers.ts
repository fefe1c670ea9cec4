import { KeyPair, type Signer } from "@attest/core";
import { signToken, type TokenPart } from "../forge/sign-token.ts";
import type { PresentedCredentials } from "../targets/message.ts";
import type { Forger } from "./define-attack.ts";
import type { AttestationChanges, Json, ProofChanges, Situation } from "./situation.ts";

/** An attestation signed by the tester's authority, wrong in one way, with an honest proof. Needs `authority`. */
export function minted(changes: AttestationChanges): Forger {
  return async (s) => {
    const attestation = await s.minted(changes);
    return { attestation, proof: await s.prove(attestation) };
  };
}

/** The honest attestation with a proof that is wrong in one way. */
export function proved(changes: ProofChanges): Forger {
  return async (s) => ({ attestation: s.attestation, proof: await s.prove(s.attestation, changes) });
}

/** An attestation for a key of the attacker's, headed and signed as one likes, with a good proof by that key. */
export function selfMade(
  make: (s: Situation, own: KeyPair) => { header?: Json; sign?: Signer["sign"]; claims?: Json },
): Forger {
  return async (s) => {
    const own = await KeyPair.generate();
    const { header = s.header, sign = (data) => own.sign(data), claims = {} } = make(s, own);
    const attestation = await signToken(header, { ...s.claims, cnf: { jwk: bare(own) }, ...claims }, sign);
    return { attestation, proof: await s.prove(attestation, { signer: own }) };
  };
}

/** The honest credentials with the attestation, or the proof, written differently; no try where it comes out the same. */
export function rewritten(part: keyof PresentedCredentials, rewrite: (token: string) => string | undefined): Forger {
  return async (s) => {
    const { attestation } = s;
    const token = part === "proof" ? await s.prove(attestation) : attestation;
    const other = rewrite(token);
    if (other === undefined || other === token) return undefined;
    return part === "proof" ? { attestation, proof: other } : { attestation: other, proof: await s.prove(other) };
  };
}

/** One forger for each of several values. */
export function each<T>(values: Readonly<Record<string, T>>, forge: (value: T) => Forger): Record<string, Forger> {
  return Object.fromEntries(Object.entries(values).map(([label, value]) => [label, forge(value)]));
}

/** Claims with members of an object within them changed. */
export function within(claims: Json, name: string, change: Json): Json {
  return { ...claims, [name]: { ...(claims[name] as Json), ...change } };
}

/** Claims without one of them. */
export function without(claims: Json, name: string): Json {
  const { [name]: _, ...rest } = claims;
  return rest;
}

/** An object as JSON text that begins with these members, written as they are. */
export function beginning(members: string, object: Json): TokenPart {
  return `{${members},${JSON.stringify(object).slice(1)}`;
}

/** A public key as it stands in an attestation. */
export function bare(key: Signer): Json {
  const { kty, crv, x, y } = key.toJwk();
  return { kty, crv, x, ...(y !== undefined && { y }) };
}
