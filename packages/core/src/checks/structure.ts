import type { Credential } from "../jose/jws-limits.ts";
import { PROOF_LIMITS } from "../jose/jws-limits.ts";
import { type CompactJws, type JwsProblem, limitProblem, readCompactJws } from "../jose/strict-jws.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { Presented, Recognised } from "./statement.ts";
import type { UseFacts } from "./use.ts";

const PROBLEMS: Readonly<Record<JwsProblem, string>> = {
  SIZE: "is longer than allowed",
  FORMAT: "is not a compact JWS of three segments with a signature of the right length",
  ENCODING: "is not canonical base64url",
  JSON: "is not strict JSON: objects of valid UTF-8, of bounded depth, without byte-order mark or unpaired surrogates",
  DUPLICATE_MEMBER: "repeats a member",
  HEADER: "has a header with members other than typ, alg and kid, or of wrong types",
};

/** §6 step 1 of the attestation. */
export function readToken({ token, configuration }: Presented): Refusal | { jws: CompactJws } {
  const jws = readCompactJws(token, configuration.tokenLimits);
  return typeof jws === "string" ? structureRefusal("ATTESTATION", jws) : { jws };
}

/** The same by the limits of its own format, where a verifier accepts formats that differ in them. */
export function checkLimits({ token, jws, format }: Recognised): Refusal | undefined {
  const problem = limitProblem(token as string, jws, format.limits);
  return problem && structureRefusal("ATTESTATION", problem);
}

/** §6 step 7: the same strictness for the proof. */
export function readProof({ request }: UseFacts): Refusal | { proof: CompactJws } {
  if (request?.proof === undefined) return refusal("ERR_PROOF_REQUIRED", "A bound attestation needs a proof");
  const proof = readCompactJws(request.proof, PROOF_LIMITS);
  return typeof proof === "string" ? structureRefusal("PROOF", proof) : { proof };
}

/** The refusal of a credential that cannot be read. */
export function structureRefusal(credential: Credential, problem: JwsProblem): Refusal {
  const name = credential === "ATTESTATION" ? "attestation" : "proof";
  return refusal(`ERR_${credential}_${problem}`, `The ${name} ${PROBLEMS[problem]}`);
}
