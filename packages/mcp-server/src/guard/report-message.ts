import { delegatedTo, type GuardEvent, notify } from "@attest/core";
import { clientNameIn } from "./eras.ts";
import type { Finding } from "./exchange.ts";
import type { GuardConfiguration } from "./guard-options.ts";
import type { GuardSession } from "./guard-session.ts";
import { type JsonRpcMessage, methodOf, targetOf } from "./json-rpc.ts";

/** Longest text of a peer's that an event repeats. */
const MAX_TOLD = 256;

/** Reports what a guard did with a message. */
export function reportMessage(
  { verifier, enforce }: GuardConfiguration,
  event: Pick<GuardEvent, "action" | "carrier" | "reason" | "code">,
  rpc: JsonRpcMessage | undefined,
  session: GuardSession | undefined,
  finding: Finding | undefined,
): void {
  const { observer } = verifier.configuration;
  if (!observer) return;
  const [method, target] = [tellable(methodOf(rpc)), tellable(targetOf(rpc))];
  const client = tellable(clientNameIn(rpc) ?? session?.client);
  notify(observer, {
    type: "guard",
    ...event,
    ...(method !== undefined && { method: method.slice(0, 64) }),
    ...(target !== undefined && { target }),
    ...(client !== undefined && { client }),
    ...(!enforce && { enforced: false }),
    ...(finding?.verified && { proof: finding.proof, issuer: finding.issuer, subject: finding.subject }),
    ...(finding?.verified && finding.delegation && { delegation: delegatedTo(finding.delegation) }),
  });
}

/** A peer's text as a log can hold it. */
function tellable(text: string | undefined): string | undefined {
  return text?.slice(0, MAX_TOLD).replace(/[^\x20-\x7e]/g, "?");
}
