import { definitionProblem } from "@attest/core";
import type { Demand, DemandProblem } from "./demand.ts";
import type { Exchange } from "./guard/exchange.ts";
import { methodOf } from "./guard/json-rpc.ts";
import { warnOnce } from "./warn-once.ts";

const NO_TOOL =
  "A demand with a definition is for tools, and this one belongs to a prompt or a resource, whose messages name no definition: they are " +
  "all refused. Remove `definition` there";

/** What a call itself lacks, of an agent that meets the demand: a signature, or the definition that it must name (SPEC §23). */
export async function callProblem(
  { signature, definition }: Demand,
  { finding, message }: Exchange,
): Promise<DemandProblem | undefined> {
  if (!finding.verified) return "ERR_ATTESTATION_REQUIRED";
  if (signature && finding.proof !== "signature") return "ERR_SIGNATURE_REQUIRED";
  if (!definition) return undefined;
  if (methodOf(message) !== "tools/call") warnOnce("ATTEST_DEFINITION_NO_TOOL", NO_TOOL);
  let digest: string;
  try {
    digest = await definition();
  } catch {
    return "ERR_DEFINITION_UNAVAILABLE";
  }
  return definitionProblem(finding, digest);
}
