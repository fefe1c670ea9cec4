import { delegatedTo, type GuardEvent, notify } from "@attest/core";
import { clientNameIn } from "./eras.ts";
import type { Finding } from "./exchange.ts";
import type { GuardConfiguration } from "./guard-options.ts";
import type { GuardSession } from "./guard-session.ts";
import { type JsonRpcMessage, methodOf, targetOf } from "./json-rpc.ts";
import { tellable } from "./tellable.ts";

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
  const [method, target] = [tellable(methodOf(rpc), 64), tellable(targetOf(rpc))];
  const client = tellable(clientNameIn(rpc) ?? session?.client);
  notify(observer, {
    type: "guard",
    ...event,
    ...(method !== undefined && { method }),
    ...(target !== undefined && { target }),
    ...(client !== undefined && { client }),
    ...(!enforce && { enforced: false }),
    ...(finding?.verified && { proof: finding.proof, issuer: finding.issuer, subject: finding.subject }),
    ...(finding?.verified && finding.delegation && { delegation: delegatedTo(finding.delegation) }),
  });
}
