import { isJsonObject } from "@attest/core";
import { formatDuration, formatInstant, formatRelative } from "../terminal/duration.ts";
import { columns, paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import type { JsonObject } from "./read-leniently.ts";
import type { Remark } from "./remark.ts";
import type { Inspection } from "./specimen.ts";

const MARKS = {
  malformed: ["red", "✗"],
  refused: ["red", "✗"],
  weak: ["yellow", "!"],
} as const;

/** An inspection for people. */
export function showInspection(inspection: Inspection): string {
  const { header, payload, findings } = inspection;
  const parts = [`${paint(["bold", "yellow"], "NOT VERIFIED")}: this is what the text says, not what is true.`];
  if (header || payload) parts.push(columns(rows(inspection)));
  parts.push(findings.length === 0 ? "No weakness found." : findings.map(line).join("\n"));
  return parts.join("\n\n");
}

function line({ level, id, message }: Remark): string {
  const [colour, mark] = MARKS[level];
  return `${paint(colour, `${mark} ${level}`)} ${printable(message)} ${paint("dim", `[${id}]`)}`;
}

function rows({ kind, header = {}, payload = {}, keyThumbprint, now }: Inspection): [string, string][] {
  const identity = objectIn(payload, "agent_identity");
  const metadata = objectIn(payload, "attestation_metadata");
  const row = (label: string, value: unknown): [string, string][] =>
    value === undefined ? [] : [[label, printable(typeof value === "string" ? value : JSON.stringify(value))]];
  const agent = [identity["model_family"], identity["model_version"], identity["provider"]];
  return [
    ["kind", kind],
    ...row("typ", header["typ"]),
    ...row("alg", header["alg"]),
    ...row("kid", header["kid"]),
    ...row("issuer", payload["iss"]),
    ...row("subject", payload["sub"]),
    ...row("agent", agent.every((part) => typeof part === "string") ? agent.join(" · ") : payload["agent_identity"]),
    ...row("deployment", identity["deployment_id"]),
    ...row("enterprise", identity["enterprise"]),
    ...row("attested by", metadata["attestation_type"]),
    ...row("safety level", metadata["safety_level"]),
    ...row("integrity", payload["agent_integrity"]),
    ...row("audience", payload["aud"]),
    ...row("agent's key", keyThumbprint),
    ...row(
      "covers",
      payload["htm"] === undefined ? payload["mcp_digest"] : `${payload["htm"]} ${payload["body_digest"]}`,
    ),
    ...row("session", payload["session"]),
    ...statusRow(payload),
    ...timeRows(payload, now),
    ...row("id", payload["jti"]),
  ];
}

/** Where the authority says whether it was revoked: what `attest status` takes. */
function statusRow(payload: JsonObject): [string, string][] {
  const { uri, idx } = objectIn(objectIn(payload, "status"), "status_list");
  return uri === undefined ? [] : [["status", printable(`index ${JSON.stringify(idx)} of ${String(uri)}`)]];
}

function timeRows({ iat, exp }: JsonObject, now: number): [string, string][] {
  const rows: [string, string][] = [];
  if (isTime(iat)) rows.push(["issued", `${formatRelative(iat, now)} (${formatInstant(iat)})`]);
  if (isTime(exp)) {
    const verb = exp > now ? "expires" : "expired";
    const life = isTime(iat) && exp > iat ? `, ${formatDuration(exp - iat)} after it was issued` : "";
    rows.push(["lifetime", `${verb} ${formatRelative(exp, now)} (${formatInstant(exp)})${life}`]);
  }
  return rows;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function objectIn(payload: JsonObject, name: string): JsonObject {
  const value = payload[name];
  return isJsonObject(value) ? value : {};
}
