import { optionError, refuseUnknownOptions } from "@attest/core";
import { type Evidence, EvidenceError, type EvidenceVerifier } from "./evidence.ts";

/** Options of `secretEvidence`: one of the two. */
export interface SecretEvidenceOptions {
  /** Hexadecimal SHA-256 of the secret of the one workload. */
  readonly sha256?: string;
  /** Several workloads by their names, which become the subjects, each with the hash of its secret. */
  readonly workloads?: Readonly<Record<string, string>>;
}

const HASH = /^[0-9a-f]{64}$/;
/** 128 random bits in base64url. */
const MIN_LENGTH = 22;
const SECRET = /^[\x21-\x7e]{1,512}$/;

/**
 * Secrets that a workload was given, of which the authority knows the hash alone: for one's own machine, and where no platform
 * vouches for the workload. A hash is not salted, so a secret must be random: `openssl rand -base64 32 | tr '+/' '-_' | tr -d =`.
 * One of fewer than 22 characters is refused.
 *
 * A secret is presented again and again. Anyone who reads it is the workload until it is changed.
 *
 * @throws AttestationError `ERR_OPTION`, which repeats no hash (O1).
 */
export function secretEvidence(options: SecretEvidenceOptions): EvidenceVerifier {
  refuseUnknownOptions(options, { sha256: true, workloads: true }, "secret evidence");
  const { sha256, workloads } = options;
  if ((sha256 === undefined) === (workloads === undefined)) {
    throw optionError("sha256", "or workloads must be given, and not both");
  }
  const hashes = Object.entries(workloads ?? { workload: sha256 as string });
  if (hashes.length === 0) throw optionError("workloads", "must name at least one");
  for (const [name, hash] of hashes) {
    if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name))
      throw optionError("workloads", "must have names of 1–64 of a–z, 0–9 and -");
    if (typeof hash !== "string" || !HASH.test(hash)) {
      throw optionError(workloads ? `workloads.${name}` : "sha256", "must be 64 hexadecimal digits in lower case");
    }
  }
  if (new Set(hashes.map(([, hash]) => hash)).size < hashes.length) {
    throw optionError("workloads", "must have a secret each: two of them have the same");
  }
  return {
    kind: "secret",
    identifies: sha256 !== undefined,
    async verify({ credential }): Promise<Evidence> {
      if (credential === undefined) throw new EvidenceError("missing", "No secret was presented");
      if (!SECRET.test(credential))
        throw new EvidenceError("format", "The secret is no visible ASCII of at most 512 characters");
      if (credential.length < MIN_LENGTH)
        throw new EvidenceError("trap", `The secret is shorter than ${MIN_LENGTH} characters`);
      const presented = await hexDigest(credential);
      let found: string | undefined;
      // Every hash is compared, whichever fits.
      for (const [name, hash] of hashes) if (isSame(hash, presented)) found = name;
      if (found === undefined) throw new EvidenceError("signature", "The secret is not a registered one");
      return { subject: found, claims: { sub: found }, handle: `secret:${found}` };
    },
  };
}

async function hexDigest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** In the same time wherever two hashes differ. */
function isSame(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}
