import { isJsonObject } from "@attest/core";
import type { JsonRpcId } from "@attest/mcp-server/gate";

/** Whether a message, or one of a list of them, ends the request with this id. A client waits on for any other. */
export function isAnswerTo(message: unknown, id: JsonRpcId): boolean {
  if (Array.isArray(message)) return message.some((each) => isJsonObject(each) && isAnswerTo(each, id));
  if (!isJsonObject(message) || message["id"] !== id || "method" in message) return false;
  return "result" in message || "error" in message;
}
