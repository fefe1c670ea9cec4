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
  // Written without spreads: this is made for every message.
  const report: { -readonly [Name in keyof GuardEvent]: GuardEvent[Name] } = { type: "guard", ...event };
  if (method !== undefined) report.method = method;
  if (target !== undefined) report.target = target;
  if (client !== undefined) report.client = client;
  if (!enforce) report.enforced = false;
  if (finding?.verified) {
    report.proof = finding.proof;
    report.issuer = finding.issuer;
    report.subject = finding.subject;
    if (finding.delegation) report.delegation = delegatedTo(finding.delegation);
  }
  notify(observer, report);
}
