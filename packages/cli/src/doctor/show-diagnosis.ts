import { formatDuration } from "../terminal/duration.ts";
import { columns, paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import type { Diagnosis } from "./diagnose.ts";
import type { Finding } from "./findings/finding.ts";
import { accepted, type Probe } from "./probe.ts";

const VERDICTS = {
  ready: ["green", "READY"],
  misconfigured: ["red", "MISCONFIGURED"],
  refused: ["red", "REFUSED"],
  "no-server": ["red", "NO SERVER"],
} as const;

const DEMANDS = {
  required: "required: a client without one is refused",
  preferred: "preferred: a client without one is let in unverified; tools may demand more",
  optional: "optional: a client without one is let in; tools may demand more",
  none: "not offered",
  unknown: "not known",
} as const;

/** A diagnosis for people. */
export function showDiagnosis(diagnosis: Diagnosis): string {
  const { url, verdict, demand, advertised, initialize, discover, attested, clock, findings, next } = diagnosis;
  const [colour, word] = VERDICTS[verdict];
  const rows: [string, string][] = [];
  const server = [initialize, discover, attested].map((probe) =>
    probe?.outcome === "result" ? probe.server : undefined,
  );
  const name = server.find((found) => found !== undefined);
  if (name !== undefined) rows.push(["server", name]);
  const isReported = advertised?.enforced === false;
  rows.push(["attestation", isReported ? `${demand}, but only reported: every client is let in` : DEMANDS[demand]]);
  if (advertised?.version !== undefined) rows.push(["version", advertised.version]);
  if (advertised?.features) rows.push(["features", advertised.features.join(", ") || "none"]);
  if (ignoresLists(advertised)) {
    rows.push([
      "revocation",
      advertised?.features
        ? "it asks no status lists: no revocation by list reaches it"
        : "verifiers of version 0.2.0 ignore status lists: if this is one, no revocation by list reaches it",
    ]);
  }
  if (advertised?.requiredClaims) rows.push(["required claims", advertised.requiredClaims.join(", ")]);
  if (advertised?.trustedIssuers) rows.push(["trusted issuers", advertised.trustedIssuers.join(", ")]);
  rows.push(["initialize", describe(initialize)], ["server/discover", describeDiscover(discover)]);
  if (attested) rows.push(["with credentials", describeAttested(attested)]);
  rows.push(...describeOffers(diagnosis));
  if (clock) rows.push(["clock", describeClock(clock)]);
  const table = columns(rows.map(([label, text]) => [label, printable(text)]));
  const steps = next.map((step, i) => `  ${i + 1}. ${printable(step)}`).join("\n");
  const parts = [`${paint(["bold", colour], word)} ${printable(url)}`, table];
  if (findings.length > 0) parts.push(`Found\n${findings.map(showFinding).join("\n")}`);
  if (steps !== "") parts.push(`Next\n${steps}`);
  return parts.join("\n\n");
}

/** Whether a server is, by its own word, of a version or a configuration without status lists (SPEC §18). */
function ignoresLists(advertised: Diagnosis["advertised"]): boolean {
  return advertised?.version === "0.2.0" && !advertised.features?.includes("status");
}

/** What the server does for credentials that it verified. */
function* describeOffers({ tickets, chains }: Diagnosis): Generator<[string, string]> {
  if (tickets !== undefined) {
    yield ["tickets", tickets === false ? "not granted: every message is signed" : `granted, for ${tickets} s`];
  }
  if (chains !== undefined) {
    yield [
      "sub-agents",
      chains ? "accepted: it verified a chain" : "refused: it accepts no chains (maxDelegationDepth)",
    ];
  }
}

function showFinding({ name, level, seen, change }: Finding): string {
  const title = paint(["bold", level === "fault" ? "red" : "yellow"], name);
  return `  ${title}: ${printable(seen)}\n    Change: ${printable(change)}`;
}

function describe(probe: Probe): string {
  switch (probe.outcome) {
    case "failed":
      return `no answer (${probe.code})`;
    case "http":
      return `no MCP answer (HTTP ${probe.status})`;
    case "error": {
      const words = probe.reason ?? probe.message ?? "no reason given";
      return `refused: ${words}${probe.code === undefined ? "" : ` (${probe.code})`}`;
    }
    case "result":
      return `answered${probe.protocolVersions.length > 0 ? `, MCP ${probe.protocolVersions.join(", ")}` : ""}`;
  }
}

/** An error that is not about attestation is how a server of the handshake era takes what it does not know. */
function describeDiscover(probe: Probe): string {
  if (probe.outcome !== "error" || probe.reason !== undefined) return describe(probe);
  return `not supported (${probe.message ?? probe.code ?? "an error"})`;
}

function describeAttested(probe: Probe): string {
  if (probe.outcome !== "result") return describe(probe);
  if (accepted(probe))
    return `verified${probe.advertised?.trustLevel ? `, trust level ${probe.advertised.trustLevel}` : ""}`;
  return `let in, unverified (${probe.advertised?.verificationStatus ?? "no status"})`;
}

function describeClock({ seconds, uncertainty }: NonNullable<Diagnosis["clock"]>): string {
  if (Math.abs(seconds) <= uncertainty) return `agrees with this machine's, within ${uncertainty} s`;
  return `${formatDuration(seconds) || "0 s"} ${seconds > 0 ? "ahead of" : "behind"} this machine's, ± ${uncertainty} s`;
}
