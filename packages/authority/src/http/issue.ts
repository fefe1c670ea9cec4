import {
  AttestationError,
  type AttestationIssuer,
  decodeBase64url,
  type PublicJwk,
  type StatusReference,
  type VerificationKey,
} from "@attest/core";
import { EvidenceError } from "../evidence/evidence.ts";
import { Problem } from "../problem.ts";
import type { RecordDraft } from "../record.ts";
import { attestationRequest } from "../rules/attestation-request.ts";
import type { Rule } from "../rules/rule.ts";
import type { AuthorityStatusList } from "../status/authority-status-list.ts";
import { type Admission, type Admitted, NOT_ADMITTED } from "./admission.ts";
import type { AskedIdentity } from "./read-ask.ts";

const decoder = new TextDecoder();

/** What was issued. */
export interface Issued {
  readonly attestation: string;
  /** `exp`, Unix seconds. */
  readonly expiresAt: number;
}

/** The audience to attest for; `undefined` where none was asked for and any is allowed. @throws Problem. */
export function allowedAudience({ attest: { audiences } }: Rule, asked: string | undefined): string | undefined {
  if (audiences === undefined) return asked;
  if (asked === undefined) {
    const message = "This rule is for certain servers only: send `audience`, the identifier of the server to be called";
    throw new Problem("audience_required", message);
  }
  if (audiences.includes(asked)) return asked;
  throw new Problem("audience_not_registered", "This rule is not for that audience");
}

/** Refuses a request for another identity than the rule's own, which is the only one that is attested by it (A1). */
export function assertSameIdentity({ attest: { identity } }: Rule, asked: AskedIdentity | undefined): void {
  if (asked === undefined) return;
  const { enterprise } = identity;
  const isSame =
    identity.modelFamily === asked.model_family &&
    identity.modelVersion === asked.model_version &&
    identity.provider === asked.provider &&
    identity.deploymentId === asked.deployment_id &&
    enterprise?.orgId === asked.enterprise?.org_id &&
    enterprise?.workloadId === asked.enterprise?.workload_id &&
    enterprise?.deploymentEnv === asked.enterprise?.deployment_env;
  if (isSame) return;
  throw new Problem(
    "identity_not_registered",
    "This rule attests another identity: send none, or ask by another `rule`",
  );
}

/**
 * Uses the evidence up and attests a key whose possession was proved.
 *
 * @throws Problem; AttestationError as the replay cache and the signer.
 */
export async function issue(
  admitted: Admitted,
  asked: { key: VerificationKey; jwk: PublicJwk; audience: string | undefined; now: number },
  using: {
    provider: AttestationIssuer;
    admission: Admission;
    statusList: AuthorityStatusList | undefined;
    draft: RecordDraft;
  },
): Promise<Issued> {
  const { provider, admission, statusList, draft } = using;
  const { rule, evidence } = admitted;
  const { key, jwk, audience, now } = asked;
  draft.keyThumbprint = key.thumbprint;
  if (audience !== undefined) draft.audience = audience;
  if (evidence.keyThumbprint !== undefined && evidence.keyThumbprint !== key.thumbprint) {
    throw new Problem("evidence_for_another_key", "This evidence was issued for another key");
  }
  const request = requestOf(admitted, { confirmationKey: jwk, audience });
  await admission.useUp(admitted, now);
  // Last, so that nobody fills the list with keys that get no attestation.
  const status = statusList && (await allocate(statusList, admitted, key.thumbprint, draft));
  try {
    const attestation = await provider.createToken({ ...request, ...(status && { status }) });
    const expiresAt = expiryOf(attestation);
    draft.expiresAt = expiresAt;
    return { attestation, expiresAt };
  } catch (error) {
    // What the rule says was tried when the authority was made: what is left is the caller's.
    if (!(error instanceof AttestationError && error.code === "ERR_OPTION")) throw error;
    throw new Problem("invalid_request", `No attestation can be made of this by ${rule.name}: ${error.message}`);
  }
}

/** `exp` of what was just signed here. */
function expiryOf(attestation: string): number {
  const [, payload = ""] = attestation.split(".");
  return (JSON.parse(decoder.decode(decodeBase64url(payload))) as { exp: number }).exp;
}

/** The key's index in the status list. @throws Problem `revoked`; AttestationError as the list. */
async function allocate(
  list: AuthorityStatusList,
  { rule, evidence }: Admitted,
  keyThumbprint: string,
  draft: RecordDraft,
): Promise<StatusReference> {
  const workload = workloadOf(rule.evidence, evidence.subject);
  draft.workload = workload;
  try {
    const status = await list.allocate(keyThumbprint, { workload });
    draft.statusIndex = status.idx;
    return status;
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    if (error.code === "ERR_OPTION") throw new Problem("not_admitted", NOT_ADMITTED, { because: error.message });
    if (error.code !== "ERR_REVOKED") throw error;
    throw new Problem("revoked", "This workload or its key was revoked: it is not attested until it is reinstated");
  }
}

/** By what name a workload is revoked, with all of its keys: who it is for its platform, whichever rule attests it. */
function workloadOf(evidence: string, subject: string): string {
  return `${evidence}/${subject}`;
}

function requestOf(...[{ rule, evidence }, asked]: [Admitted, Parameters<typeof attestationRequest>[2]]) {
  try {
    return attestationRequest(rule, evidence, asked);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new Problem("not_admitted", NOT_ADMITTED, { because: error.message });
  }
}
