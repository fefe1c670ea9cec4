import type { MessageName } from "./credentials.ts";
import { objectOf } from "./declare.ts";

/** What a JSON-RPC message is about, as guards read it. */
export function messageName(message: Record<string, unknown>): MessageName {
  const { method } = message;
  const { name, uri, ref } = objectOf(message["params"]);
  const { name: refName, uri: refUri } = objectOf(ref);
  const target = [name, uri, refName, refUri].find((each) => typeof each === "string");
  return { method: typeof method === "string" ? method : undefined, target };
}
