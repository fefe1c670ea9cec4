import { EXTENSION, errorNumber, isReason, isRetryable, MISSING_EXTENSION, REFUSAL_MESSAGES } from "@attest/core";
import { type RefusalInfo, refusalIn } from "./refusal-in.ts";

/** Longest text that is looked at, in characters. */
const MAX_TEXT = 65_536;
/** How far from the extension's name the members of a refusal are looked for, in characters. */
const MAX_DISTANCE = 1024;

/**
 * Reads a refusal out of text that quotes it: its `data`, as JSON (escaped or not) or as Node's `inspect` writes it, or its
 * number together with its message.
 *
 * @returns `undefined` if the text quotes none.
 */
export function quotedRefusal(text: string): RefusalInfo | undefined {
  const looked = text.slice(0, MAX_TEXT);
  return quotedData(looked) ?? quotedMessage(looked);
}

function quotedData(text: string): RefusalInfo | undefined {
  const at = text.indexOf(EXTENSION);
  if (at < 0) return undefined;
  const before = text.slice(Math.max(0, at - MAX_DISTANCE), at);
  const after = text.slice(at, at + MAX_DISTANCE);
  const member = (name: string) => memberIn(after, name) ?? memberIn(before, name);
  const reason = member("reason");
  if (isReason(reason)) {
    const [retryable, policy, serverTime] = ["retryable", "policy", "serverTime"].map(member);
    const data = { extension: EXTENSION, reason, policy, retryable: retryable === "true" };
    return refusalIn({ data: { ...data, ...(serverTime !== undefined && { serverTime: Number(serverTime) }) } });
  }
  // What v2 keeps of a refusal for want of the extension.
  if (memberIn(before, "code") !== String(MISSING_EXTENSION)) return undefined;
  return { reason: "attestation_required", retryable: true };
}

function memberIn(text: string, name: string): string | undefined {
  return new RegExp(String.raw`\b${name}\\*["']?\s*:\s*\\*["']?(-?\w{1,64})`).exec(text)?.[1];
}

function quotedMessage(text: string): RefusalInfo | undefined {
  const [, number, rest = ""] = /(-3[12]\d{3})\b\W{0,4}(Attestation .{5,80})/.exec(text) ?? [];
  const reason = Object.keys(REFUSAL_MESSAGES)
    .filter(isReason)
    .find((known) => rest.startsWith(REFUSAL_MESSAGES[known]));
  if (!reason) return undefined;
  const numbers = [errorNumber(reason, true), errorNumber(reason, false)];
  if (reason === "attestation_required") numbers.push(MISSING_EXTENSION);
  return numbers.includes(Number(number)) ? { reason, retryable: isRetryable(reason) } : undefined;
}
