import { type AttestationErrorCode, systemClock, type VerificationResult } from "@attest/core";
import { adviceOf } from "@attest/core/advice";
import { formatInstant, formatRelative } from "../terminal/duration.ts";
import { columns, paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import type { PartOutcome } from "./judge-chain.ts";

/** The option of `attest verify` that stands for what the advice about a refusal names. */
const FLAGS: Partial<Readonly<Record<AttestationErrorCode, string>>> = {
  ERR_ATTESTATION_ALG: "--alg",
  ERR_ATTESTATION_AUDIENCE: "--audience",
  ERR_ATTESTATION_AUDIENCES: "--allow-multiple-audiences",
  ERR_ATTESTATION_TYPE: "--trust-level",
  ERR_BEARER_NOT_ALLOWED: "--allow-bearer",
  ERR_CLAIM_REQUIRED: "--required-claim",
  ERR_DELEGATION_AUDIENCE: "--audience",
  ERR_DELEGATION_NOT_ALLOWED: "--max-delegation-depth",
  ERR_DELEGATION_SCOPE: "--method and --params, or --body, with the message that was sent",
  ERR_FORMAT_NOT_ALLOWED: "--format",
  ERR_ISSUER_UNTRUSTED: "--issuer",
  ERR_KEY_NOT_FOUND: "--jwks",
  ERR_KEY_SOURCE_UNAVAILABLE: "--jwks; --allow-private-network for a server on this machine or a private network",
  ERR_PROOF_AUDIENCE: "--audience",
  ERR_PROOF_METHOD: "--http",
  ERR_PROOF_REQUIRED: "--proof with the proof that was sent, and --method or --http with what it is for",
  ERR_PROOF_TIME: "--proof; `attest prove` makes a new one",
  ERR_TRUST_DOMAIN: "--trust-domain",
};

/** A verdict for people. @param parts What became of each part, if it is one of a chain. */
export function showVerdict(result: VerificationResult, parts: readonly PartOutcome[] = []): string {
  const verdict = describe(result);
  return parts.length === 0 ? verdict : [verdict, ...parts.map(showPart)].join("\n\n");
}

function describe(result: VerificationResult): string {
  if (result.outcome === "verified") {
    const { format, trustLevel, issuer, subject, identity, expiresAt, keyThumbprint } = result;
    const agent = identity && `${identity.modelFamily} · ${identity.modelVersion} · ${identity.provider}`;
    const now = systemClock();
    const rows: [string, string][] = [
      ["trust level", trustLevel],
      ["format", format],
      ["issuer", issuer],
      ["subject", subject],
      ...(agent === undefined ? [] : [["agent", agent] as [string, string]]),
      ["lifetime", `expires ${formatRelative(expiresAt, now)} (${formatInstant(expiresAt)})`],
    ];
    const holder = result.delegation ? "sub-agent's key" : "agent's key";
    if (keyThumbprint !== undefined) rows.push([holder, keyThumbprint]);
    return `${paint(["bold", "green"], "VERIFIED")}\n\n${columns(rows.map(([label, text]) => [label, printable(text)]))}`;
  }
  if (result.outcome === "refused") {
    const { code, reason, message } = result;
    const rows = [...rowsOf(code, message, adviceOf(code))];
    rows.splice(2, 0, ["sent to the peer", reason]);
    return `${paint(["bold", "red"], "REFUSED")}\n\n${columns(rows)}`;
  }
  return paint(["bold", "yellow"], result.outcome.toUpperCase());
}

const OUTCOMES = {
  accepted: ["green", "accepted"],
  refused: ["red", "refused"],
  "not-assessed": ["yellow", "not assessed: what it hangs on was refused"],
} as const;

function showPart(part: PartOutcome): string {
  const [colour, word] = OUTCOMES[part.outcome];
  const title = part.link === 0 ? "Attestation" : `Link ${part.link}`;
  const rows: [string, string][] = [];
  if (part.name !== undefined) rows.push(["called", printable(part.name)]);
  if (part.allow) rows.push(["may", printable(JSON.stringify(part.allow))]);
  if (part.outcome === "refused") rows.push(...rowsOf(part.code, part.message, part.advice));
  const head = `${paint("bold", title)}: ${paint(colour, word)}`;
  return rows.length === 0 ? head : `${head}\n${columns(rows)}`;
}

function* rowsOf(code: AttestationErrorCode, message: string, advice: string): Generator<[string, string]> {
  yield ["why", printable(message)];
  yield ["code", code];
  yield ["next", advice];
  const flag = FLAGS[code];
  if (flag !== undefined) yield ["option here", flag];
}
