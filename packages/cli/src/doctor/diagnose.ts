import { DEFAULT_CLOCK_TOLERANCE, type Reason } from "@attest/core";
import { formatDuration } from "../terminal/duration.ts";
import type { Examination } from "./examine.ts";
import { findMisconfigurations } from "./findings/find-misconfigurations.ts";
import type { Finding } from "./findings/finding.ts";
import { type Advertised, accepted, type Probe } from "./probe.ts";

/** What an examination means. */
export interface Diagnosis extends Examination {
  /**
   * - `misconfigured`: it is set up so that strangers get in, or nobody does: see the findings that are faults;
   * - `ready`: it answered as an MCP server, and took the credentials if there were some;
   * - `refused`: it refused the credentials;
   * - `no-server`: what answered, if anything, is no MCP server that lets this client in.
   */
  readonly verdict: "ready" | "misconfigured" | "refused" | "no-server";
  /** Whether it wants an attestation. `none`: it shows no sign of knowing them. */
  readonly demand: "required" | "preferred" | "optional" | "none" | "unknown";
  readonly advertised?: Advertised;
  /** What is set up wrongly, or conspicuously, as far as it can be seen from outside; the gravest first. */
  readonly findings: readonly Finding[];
  /** What to do next, most pressing first. */
  readonly next: readonly string[];
}

/** Draws conclusions. @param weaknesses What is wrong with the credentials at first sight, for people. */
export function diagnose(examination: Examination, weaknesses: readonly string[] = []): Diagnosis {
  const { initialize, discover, attested } = examination;
  // What is said to a client with credentials counts most.
  const said = [discover, initialize, attested].map(advertisedBy).filter((words) => words !== undefined);
  const advertised: Advertised | undefined = said.length === 0 ? undefined : Object.assign({}, ...said);
  const isServer = [initialize, discover].some(({ outcome }) => outcome === "result" || outcome === "error");
  const answersHonestly = isServer && [initialize, discover, attested].some((probe) => knows(probe));
  const demand = demandOf([initialize, discover], advertised);
  const isRequired = demand === "required" && advertised?.enforced !== false;
  const findings = findMisconfigurations({ ...examination, ...(advertised && { advertised }), isRequired });
  const outcome = !answersHonestly ? "no-server" : attested && !accepted(attested) ? "refused" : "ready";
  const verdict = findings.some(({ level }) => level === "fault") ? "misconfigured" : outcome;
  const found = { ...examination, verdict, demand, ...(advertised && { advertised }), findings } as const;
  return { ...found, next: [...advice(found, weaknesses)] };
}

/** Whether an answer shows an MCP server at work: a result, or a refusal that is about attestation. */
function knows(probe: Probe | undefined): boolean {
  return probe?.outcome === "result" || (probe?.outcome === "error" && advertisedBy(probe) !== undefined);
}

function advertisedBy(probe: Probe | undefined): Advertised | undefined {
  return probe?.outcome === "result" || probe?.outcome === "error" ? probe.advertised : undefined;
}

function demandOf(probes: readonly Probe[], advertised: Advertised | undefined): Diagnosis["demand"] {
  const isRequired = (probe: Probe) => probe.outcome === "error" && probe.reason === "attestation_required";
  if (probes.some(isRequired)) return "required";
  const policy = (["required", "preferred", "optional"] as const).find((name) => name === advertised?.policy);
  if (policy) return policy;
  return probes.some(({ outcome }) => outcome === "result") ? "none" : "unknown";
}

type Found = Omit<Diagnosis, "next">;

function* advice(found: Found, weaknesses: readonly string[]): Generator<string> {
  const { initialize, discover, attested, verdict, demand } = found;
  if (discover.outcome !== "result") yield* connectionAdvice(initialize, found.url);
  yield* clockAdvice(found);
  if (attested && !accepted(attested) && verdict !== "no-server") {
    for (const weakness of weaknesses) yield `Look at the attestation itself first: ${weakness}`;
    yield refusalAdvice(attested);
  }
  if (verdict === "ready" && !attested && demand !== "none") {
    const issuers = found.advertised?.trustedIssuers;
    const from = issuers ? ` (it names ${issuers.join(", ")})` : "";
    yield `A client needs an attestation from an authority that this server trusts${from}, and attestFetch or attestTransport of @attest/mcp-client to present it.`;
    yield "To see what this server makes of one: attest doctor URL --attestation FILE --holder-key FILE --audience URI.";
  }
  if (verdict === "ready" && demand === "none") {
    yield "This server shows no sign of knowing attestations: it lets every client in. @attest/mcp-server guards one.";
  }
  if (isInTheClear(found.url)) yield "This is http: everything, credentials included, travels in the clear. Use https.";
}

function* connectionAdvice(probe: Probe, url: string): Generator<string> {
  if (probe.outcome === "failed") yield failureAdvice(probe.code, new URL(url));
  else if (probe.outcome === "http") {
    // Of redirects a finding tells.
    if (probe.status < 300 || probe.status >= 400) yield httpAdvice(probe);
  } else if (probe.outcome === "error" && probe.reason === undefined) {
    yield `The server refuses \`initialize\` for a reason of its own, not because of attestation: ${probe.message ?? "it says nothing"} (${probe.code ?? "no code"}).`;
  }
}

function failureAdvice(code: string, { hostname, host }: URL): string {
  switch (code) {
    case "ECONNREFUSED":
      return `Nothing listens at ${host}. Is the server running, and on that port?`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The name ${hostname} is not known. Is it spelt right, and is there a network?`;
    case "TIMEOUT":
      return "No complete answer in time. Is this the right address? --timeout waits longer.";
    case "TOO_LARGE":
      return "The answer is larger than 1 MiB, which is no answer to `initialize`. Is this an MCP endpoint?";
    case "BAD_PORT":
      return `${host} is a port that HTTP clients refuse to connect to. Is it the right one?`;
    case "ECONNRESET":
    case "UND_ERR_SOCKET":
      return "The connection was cut. Does the server speak this scheme (http or https)?";
    default:
      if (/CERT|SIGNED|ISSUER|TLS|SSL/.test(code)) {
        return `The server's certificate is not accepted (${code}). Name your own authority's with NODE_EXTRA_CA_CERTS.`;
      }
      return `The connection failed (${code}).`;
  }
}

function httpAdvice({ status, contentType }: Extract<Probe, { outcome: "http" }>): string {
  switch (status) {
    case 401:
      return "It wants a login (OAuth) before anything else. Give --access-token; attestation goes beside it, not in its place.";
    case 403:
      return "Something in front of the server forbids the request (403), without a word about attestation.";
    case 404:
      return "There is no endpoint at this path (404). MCP endpoints are often at /mcp.";
    case 405:
      return "It does not take POST (405). Is it a page, or the older HTTP+SSE transport, rather than Streamable HTTP?";
    case 406:
    case 415:
      return `It does not take JSON (${status}). Is this an MCP endpoint?`;
    default:
      if (status >= 500) return `The server, or something in front of it, is failing (${status}). Look at its log.`;
      return `The answer is no JSON-RPC (status ${status}, ${contentType ?? "no content type"}). Is this an MCP endpoint?`;
  }
}

function* clockAdvice({ clock, attested }: Found): Generator<string> {
  if (!clock || Math.abs(clock.seconds) <= DEFAULT_CLOCK_TOLERANCE) return;
  const direction = clock.seconds > 0 ? "ahead of" : "behind";
  const difference = formatDuration(clock.seconds);
  const effect = attested ? "Proofs made here can be refused as expired" : "Proofs would be refused as expired";
  yield `The server's clock is ${difference} ${direction} this machine's. ${effect}: set the clock that is wrong (NTP).`;
}

/** What a wire reason can mean. Which it is, only the server's own log says, in its precise code. */
const BY_REASON: Readonly<Record<Reason, string>> = {
  attestation_required:
    "The server did not find the attestation. Does something in between remove HTTP fields, or does it take bearer attestations only in `initialize`?",
  attestation_invalid:
    "The server does not believe the attestation: altered, a kid that it does not find in the issuer's key set, made out to another audience, a trust domain that the issuer may not speak for, too long a life, or bearer where that is not allowed. `attest verify` tells which, given the server's configuration.",
  attestation_expired:
    "Too old by the server's clock: the attestation itself, or the proof, which means that the clocks differ. Ask the authority for a new one.",
  attestation_replay: "It was used before. Bearer attestations are good for one use; make a new one.",
  attestation_issuer_untrusted:
    "The server does not trust this issuer. Its operator has to add it to `trustedIssuers`, byte for byte as the attestation spells `iss`.",
  attestation_claims_insufficient:
    "The attestation lacks claims that this server requires: see the required claims above.",
  attestation_proof_invalid:
    "The proof does not convince: --audience is not the server's resource identifier byte for byte, --holder-key is not the key in the attestation, or something in between changes the body.",
  attestation_revoked: "The attestation was revoked. Its authority knows why.",
  attestation_challenge_required: "The server wants a challenge answered, which this version cannot do.",
  attestation_unavailable:
    "The server cannot verify at the moment: its key source or its replay cache is down. That is for its operator; try again later.",
};

function refusalAdvice(attested: Probe): string {
  if (attested.outcome === "error" && attested.reason) return BY_REASON[attested.reason];
  if (attested.outcome !== "result") return "With credentials, the server gave no answer that can be read.";
  if (!attested.advertised) return "The server took no notice of the credentials: it does not know attestations.";
  return "The server went on, and says that the attestation was not verified: its policy lets that pass. It does not trust this issuer, or does not take this kind of attestation.";
}

/** Whether others on the way can read along: http, and not to this very machine. */
function isInTheClear(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
