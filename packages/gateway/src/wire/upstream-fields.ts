import { hopByHop, type RequestFields } from "./request-fields.ts";

/** Fields that pass to the upstream as they come, where they come once. */
const SINGLE = ["Last-Event-ID", "traceparent", "Accept-Language"] as const;
/** Fields that may come several times and are one list. */
const LISTS = ["Accept", "tracestate", "baggage"] as const;
/** Fields that authorize a user, passed on where that is configured. */
const AUTHORIZATION = ["Authorization", "DPoP"] as const;

/** What passes besides. */
export interface PassedFields {
  readonly authorization: "pass" | "drop";
  /** Names of further fields that pass. */
  readonly fields: readonly string[];
}

/**
 * The fields of a request as the upstream gets them: a closed list, so that nothing reaches it that this gateway does not know
 * (G1). Fields that `Connection` names are left out.
 *
 * @returns The name of a field that is there twice, as a text; else the fields.
 */
export function upstreamFields(fields: RequestFields, passed: PassedFields): Record<string, string> | string {
  const left = hopByHop(fields.get("Connection"));
  const built: Record<string, string> = {};
  for (const names of [SINGLE, passed.fields, passed.authorization === "pass" ? AUTHORIZATION : []]) {
    for (const name of names) {
      const values = fields.get(name);
      if (values.length === 0 || left.has(name.toLowerCase())) continue;
      if (values.length > 1) return name;
      built[name] = values[0] as string;
    }
  }
  for (const name of LISTS) {
    const values = fields.get(name);
    if (values.length > 0 && !left.has(name.toLowerCase())) built[name] = values.join(", ");
  }
  return built;
}
