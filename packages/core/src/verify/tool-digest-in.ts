import { dispatchedBy } from "../checks/scope.ts";
import type { UseFacts } from "../checks/use.ts";
import type { ProofClaims } from "../claims/proof-claims.ts";

/** Which definition the agent decided on, by its proof: of a message that is known to call a tool (SPEC-23.3). */
export function toolDigestIn({
  proofClaims,
  request,
}: UseFacts & { readonly proofClaims?: ProofClaims }): string | undefined {
  if (proofClaims?.toolDigest === undefined) return undefined;
  const dispatched = dispatchedBy(request);
  return typeof dispatched === "object" && dispatched.method === "tools/call" ? proofClaims.toolDigest : undefined;
}
