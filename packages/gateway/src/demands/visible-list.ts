import { isJsonObject } from "@attest/core";
import type { Exchange } from "@attest/mcp-server/gate";
import { firstProblem } from "./demand-problem.ts";
import type { DemandTable } from "./demand-table.ts";

/** The lists that a server gives, each by the member of a result that has it. */
const LISTS = {
  tools: "tools/list",
  prompts: "prompts/list",
  resources: "resources/list",
  resourceTemplates: "resources/templates/list",
} as const;
type ListName = keyof typeof LISTS;

/**
 * A result without what the agent may not use. A page on which something could be missing is for this agent alone, so it says
 * that nobody else may be given it from a cache.
 *
 * @param method Of the request that it answers; `undefined` in a stream that is resumed, where lists are known by their form.
 */
export function visibleList(
  table: DemandTable,
  finding: Exchange["finding"],
  method: string | undefined,
  result: Record<string, unknown>,
): Record<string, unknown> {
  let visible = result;
  for (const name of Object.keys(LISTS) as ListName[]) {
    const list = result[name];
    if (!Array.isArray(list) || (method !== undefined && method !== LISTS[name])) continue;
    if (!table.has(name === "resourceTemplates" ? "resources" : name)) continue;
    const kept = list.filter((entry) => firstProblem(demandsOf(table, name, entry), { finding }) === undefined);
    visible = { ...visible, [name]: kept, cacheScope: "private" };
  }
  return visible;
}

function demandsOf(table: DemandTable, list: ListName, entry: unknown) {
  const { name, uri, uriTemplate } = isJsonObject(entry) ? entry : {};
  if (list === "resources") return table.for("resources", uri);
  return list === "resourceTemplates" ? table.forTemplate(uriTemplate) : table.for(list, name);
}
