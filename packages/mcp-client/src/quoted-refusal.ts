import { EXTENSION, errorNumber, isReason, isRetryable, MISSING_EXTENSION, type Reason } from "@attest/core";
import { type RefusalInfo, refusalIn } from "./refusal-in.ts";

/** Longest text that is looked at, in characters. */
const MAX_TEXT = 65_536;
/** How far from the extension's name the members of a refusal are looked for, in characters. */
const MAX_DISTANCE = 1024;

/** What guards say to people (SPEC §7). Frameworks often keep this and the number, and drop `data`. */
const MESSAGES: Readonly<Record<string, Reason>> = {
  "Attestation required but not provided": "attestation_required",
  "Attestation invalid": "attestation_invalid",
  "Attestation expired": "attestation_expired",
  "Attestation replay detected": "attestation_replay",
  "Attestation issuer not trusted": "attestation_issuer_untrusted",
  "Attestation claims insufficient": "attestation_claims_insufficient",
  "Attestation proof invalid": "attestation_proof_invalid",
  "Attestation revoked": "attestation_revoked",
  "Attestation cannot be verified at the moment": "attestation_unavailable",
};

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
  const message = Object.keys(MESSAGES).find((known) => rest.startsWith(known));
  const reason = message === undefined ? undefined : MESSAGES[message];
  if (!reason) return undefined;
  const numbers = [errorNumber(reason, true), errorNumber(reason, false)];
  if (reason === "attestation_required") numbers.push(MISSING_EXTENSION);
  return numbers.includes(Number(number)) ? { reason, retryable: isRetryable(reason) } : undefined;
}
