import { CAPABILITY, EXTENSION, META_STATUS } from "@attest/core";
import { type AttestationState, OPEN_METHODS } from "./attestation-state.ts";
import { objectOf } from "./declare.ts";
import { refusalIn } from "./refusal-in.ts";

type Json = Record<string, unknown>;

/** Learns from the answer to a request that carried credentials itself how the server took them. */
export function noteAnswer(state: AttestationState, request: Json, answer: Json): void {
  const refusal = refusalIn(answer["error"]);
  if (refusal) {
    // A handler's own demand says nothing against the attestation.
    if (refusal.reason !== "attestation_claims_insufficient") {
      state.status = "failed";
      delete state.trustLevel;
    }
    if (refusal.policy) state.policy = refusal.policy;
    return;
  }
  const { method } = request;
  const result = objectOf(answer["result"]);
  if (method === "server/discover") {
    const extensions = objectOf(objectOf(result["capabilities"])["extensions"]);
    takePolicy(state, objectOf(extensions[EXTENSION])["policy"]);
    return;
  }
  const status = objectOf(objectOf(result["_meta"])[META_STATUS]);
  const experimental = objectOf(objectOf(result["capabilities"])["experimental"]);
  const told = method === "initialize" ? objectOf(experimental[CAPABILITY]) : status;
  const { verification_status: outcome, trust_level: trustLevel, policy } = told;
  if (outcome === "verified" || outcome === "failed" || outcome === "not_provided") {
    state.status = outcome;
    // Trust goes with a verification: an earlier answer's, or one next to a failure, says nothing.
    delete state.trustLevel;
    if (outcome === "verified" && (trustLevel === "provider" || trustLevel === "enterprise")) {
      state.trustLevel = trustLevel;
    }
  } else if (state.status === "pending" && answer["result"] !== undefined && !OPEN_METHODS.has(method)) {
    state.status = "unsupported";
  }
  takePolicy(state, policy);
}

function takePolicy(state: AttestationState, policy: unknown): void {
  if (policy === "required" || policy === "preferred" || policy === "optional") state.policy = policy;
}
