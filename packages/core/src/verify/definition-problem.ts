import type { AttestationErrorCode } from "../errors.ts";
import type { AttestationContext } from "./result.ts";

/** Why a call does not meet a demand for one definition. */
export type DefinitionProblem = Extract<
  AttestationErrorCode,
  "ERR_SIGNATURE_REQUIRED" | "ERR_DEFINITION_REQUIRED" | "ERR_DEFINITION_MISMATCH"
>;

/**
 * Whether the agent decided on the definition that the server has (SPEC-23.4). `requireAttestation` of @attest/mcp-server asks it;
 * call it where you have no such handler.
 *
 * @param call What the verifier concluded of the `tools/call`.
 * @param demanded `toolDigest` of the server's own definition.
 * @returns What is missing; `undefined` if the call names this definition, by a signature.
 */
export function definitionProblem(
  { proof, toolDigest }: Pick<AttestationContext, "proof" | "toolDigest">,
  demanded: string,
): DefinitionProblem | undefined {
  if (proof !== "signature") return "ERR_SIGNATURE_REQUIRED";
  if (toolDigest === undefined) return "ERR_DEFINITION_REQUIRED";
  return toolDigest === demanded ? undefined : "ERR_DEFINITION_MISMATCH";
}
