import type { MessageName } from "./credentials.ts";
import { objectOf } from "./declare.ts";

/** What a JSON-RPC message is about, as guards read it. */
export function messageName(message: Record<string, unknown>): MessageName {
  const { method } = message;
  const params = objectOf(message["params"]);
  return { method: textOf(method), target: targetIn(params) ?? targetIn(objectOf(params["ref"])) };
}

function targetIn({ name, uri }: Record<string, unknown>): string | undefined {
  return textOf(name) ?? textOf(uri);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
