import { type CompactJws, type Credential, type JwsProblem, readCompactJws } from "../../jose/strict-jws.ts";
import type { Assessment } from "../assessment.ts";
import { type Refusal, refusal } from "../refusal.ts";

const PROBLEMS: Readonly<Record<JwsProblem, string>> = {
  SIZE: "is longer than allowed",
  FORMAT: "is not a compact JWS of three segments with a 64-byte signature",
  ENCODING: "is not canonical base64url",
  JSON: "is not strict JSON: objects of valid UTF-8, of bounded depth, without byte-order mark or unpaired surrogates",
  DUPLICATE_MEMBER: "repeats a member",
  HEADER: "has a header with members other than typ, alg and kid, or of wrong types",
};

/** §6 step 1 of the attestation. */
export function readAttestation(assessment: Assessment): Refusal | undefined {
  const read = readCompactJws(assessment.token, "ATTESTATION");
  if (typeof read === "string") return structureRefusal("ATTESTATION", read);
  assessment.jws = read;
  return undefined;
}

/** §6 step 7: the same strictness for the proof. */
export function readProof(assessment: Assessment): Refusal | undefined {
  const { request } = assessment;
  if (request?.proof === undefined) return refusal("ERR_PROOF_REQUIRED", "A bound attestation needs a proof");
  const read: CompactJws | JwsProblem = readCompactJws(request.proof, "PROOF");
  if (typeof read === "string") return structureRefusal("PROOF", read);
  assessment.proof = read;
  return undefined;
}

function structureRefusal(credential: Credential, problem: JwsProblem): Refusal {
  const name = credential === "ATTESTATION" ? "attestation" : "proof";
  return refusal(`ERR_${credential}_${problem}`, `The ${name} ${PROBLEMS[problem]}`);
}
