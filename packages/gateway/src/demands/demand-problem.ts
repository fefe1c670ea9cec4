import { isJsonObject } from "@attest/core";
import type { Demand as Judged } from "@attest/mcp-server/gate";
import { type DemandProblem, type Exchange, type JsonRpcMessage, objectAt } from "@attest/mcp-server/gate";
import type { DemandTable } from "./demand-table.ts";

/** Why the agent behind a message must not send it; `undefined` if it may. */
export function demandProblem(
  table: DemandTable,
  message: JsonRpcMessage | undefined,
  exchange: Exchange,
): DemandProblem | undefined {
  const demands = demandsFor(table, message);
  const problem = firstProblem(demands, exchange);
  if (problem) return problem;
  const { finding } = exchange;
  const unsigned = finding.verified && finding.proof !== "signature" && demands.some(({ signature }) => signature);
  return unsigned ? "ERR_SIGNATURE_REQUIRED" : undefined;
}

/** The first demand that is not met. */
export function firstProblem(
  demands: readonly Judged[],
  exchange: Pick<Exchange, "finding">,
): DemandProblem | undefined {
  for (const demand of demands) {
    const verdict = demand.judge(exchange as Exchange, []);
    // Demands are data here: nothing in them takes time.
    if (verdict instanceof Promise) return "ERR_DEMAND";
    if ("problem" in verdict) return verdict.problem;
  }
  return undefined;
}

function demandsFor(table: DemandTable, message: JsonRpcMessage | undefined): readonly Judged[] {
  if (message?.kind !== "request") return [];
  const params = isJsonObject(message.params) ? message.params : {};
  switch (message.method) {
    case "tools/call":
      return table.for("tools", params["name"]);
    case "prompts/get":
      return table.for("prompts", params["name"]);
    case "resources/read":
    case "resources/subscribe":
    case "resources/unsubscribe":
      return table.for("resources", params["uri"]);
    case "completion/complete":
      return forReference(table, objectAt(params, "ref"));
    case "subscriptions/listen":
      return forSubscriptions(table, objectAt(params, "notifications"));
    default:
      return [];
  }
}

function forReference(table: DemandTable, { type, name, uri }: Record<string, unknown>): readonly Judged[] {
  if (type === "ref/prompt") return table.for("prompts", name);
  if (type === "ref/resource") return table.forTemplate(uri);
  return [...table.for("prompts", undefined), ...table.for("resources", undefined)];
}

function forSubscriptions(table: DemandTable, notifications: Record<string, unknown>): readonly Judged[] {
  const { resourceSubscriptions: uris } = notifications;
  if (uris === undefined) return [];
  if (!Array.isArray(uris)) return table.for("resources", undefined);
  return [...new Set(uris.flatMap((uri) => table.for("resources", uri)))];
}
