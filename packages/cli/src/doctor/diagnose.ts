import { DEFAULT_CLOCK_TOLERANCE, type Reason } from "@attest/core";
import { adviceOf } from "@attest/core/advice";
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
  // Behind a parser the server verifies nobody: its answer says nothing of these credentials.
  const isParsed = found.findings.some(({ name }) => name === "body-parser");
  if (attested && !accepted(attested) && verdict !== "no-server" && !isParsed) {
    for (const weakness of weaknesses) yield `Look at the attestation itself first: ${weakness}`;
    yield refusalAdvice(attested);
  }
  if (verdict === "ready" && !attested && demand !== "none") {
    const issuers = found.advertised?.trustedIssuers;
    const from = issuers ? ` (it names ${issuers.join(", ")})` : "";
    yield `A client needs an attestation from an authority that this server trusts${from}. It presents it with attestFetch or attestTransport of @attest/mcp-client.`;
    yield "To see whether this server accepts one: attest doctor URL --attestation FILE --holder-key FILE --audience URI.";
  }
  if (verdict === "ready" && demand === "none") {
    yield "This server shows no sign of supporting attestation: it lets every client in. To guard it, use @attest/mcp-server.";
  }
  if (isInTheClear(found.url))
    yield "This address is http: everything, including credentials, is sent in clear text. Use https.";
}

function* connectionAdvice(probe: Probe, url: string): Generator<string> {
  if (probe.outcome === "failed") yield failureAdvice(probe.code, new URL(url));
  else if (probe.outcome === "http") {
    // Of redirects a finding tells.
    if (probe.status < 300 || probe.status >= 400) yield httpAdvice(probe);
  } else if (probe.outcome === "error" && probe.reason === undefined) {
    yield `The server refuses \`initialize\` for a reason of its own, not because of attestation: ${probe.message ?? "no message"} (${probe.code ?? "no code"}).`;
  }
}

function failureAdvice(code: string, { hostname, host }: URL): string {
  switch (code) {
    case "ECONNREFUSED":
      return `Nothing listens at ${host}. Is the server running on that port?`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The name ${hostname} does not resolve. Is it spelled correctly, and is the network available?`;
    case "TIMEOUT":
      return "No complete answer arrived in time. Is this the right address? Wait longer with --timeout.";
    case "TOO_LARGE":
      return "The answer is larger than 1 MiB, too large for an answer to `initialize`. Is this an MCP endpoint?";
    case "BAD_PORT":
      return `HTTP clients refuse to connect to the port of ${host}. Is it the right one?`;
    case "ECONNRESET":
    case "UND_ERR_SOCKET":
      return "The connection was closed. Does the server use this scheme (http or https)?";
    default:
      if (/CERT|SIGNED|ISSUER|TLS|SSL/.test(code)) {
        return `The server's certificate is not accepted (${code}). To trust your own certificate authority, set NODE_EXTRA_CA_CERTS.`;
      }
      return `The connection failed (${code}).`;
  }
}

function httpAdvice({ status, contentType }: Extract<Probe, { outcome: "http" }>): string {
  switch (status) {
    case 401:
      return "It requires a login (OAuth) first. Give --access-token; attestation is sent with the access token, not in its place.";
    case 403:
      return "Something in front of the server forbids the request (403). It says nothing about attestation.";
    case 404:
      return "There is no endpoint at this path (404). MCP endpoints are often at /mcp.";
    case 405:
      return "It does not accept POST (405). Is it a web page, or the older HTTP+SSE transport, rather than Streamable HTTP?";
    case 406:
    case 415:
      return `It does not accept JSON (${status}). Is this an MCP endpoint?`;
    default:
      if (status >= 500) return `The server, or something in front of it, is failing (${status}). See its log.`;
      return `The answer is not JSON-RPC (status ${status}, ${contentType ?? "no content type"}). Is this an MCP endpoint?`;
  }
}

function* clockAdvice({ clock, attested }: Found): Generator<string> {
  if (!clock || Math.abs(clock.seconds) <= DEFAULT_CLOCK_TOLERANCE) return;
  const direction = clock.seconds > 0 ? "ahead of" : "behind";
  const difference = formatDuration(clock.seconds);
  const effect = attested ? "Proofs made here can be refused as expired" : "Proofs would be refused as expired";
  yield `The server's clock is ${difference} ${direction} this machine's. ${effect}: correct the clock that is wrong (NTP).`;
}

/** What a wire reason can mean. Where it stands for several codes, only the server's own log says which it is. */
const BY_REASON: Readonly<Record<Reason, string>> = {
  attestation_required:
    "The server did not find the attestation. Does something in between remove HTTP fields? A bearer attestation is accepted in `initialize` only.",
  attestation_invalid:
    "The server does not accept the attestation. It may be altered, have a kid that is not in the issuer's key set, be issued for another audience, name a trust domain that the issuer may not attest, have too long a lifetime, be bearer where that is not allowed, or be a chain where none, or fewer links, are accepted (maxDelegationDepth). `attest verify` with the server's configuration shows which; --save-attestation keeps what an authority issued for it.",
  attestation_expired:
    "By the server's clock, the attestation or the proof is expired or not yet valid. If it is the proof, the clocks differ; if it is the attestation, request a new one from the authority.",
  attestation_replay: `It was used before. A bearer attestation is valid once; request a new one. ${adviceOf("ERR_REPLAY")}`,
  attestation_issuer_untrusted: `The server does not trust this issuer. To its operator: ${adviceOf("ERR_ISSUER_UNTRUSTED")}`,
  attestation_claims_insufficient:
    "The attestation lacks claims that this server requires: see the required claims above.",
  attestation_proof_invalid:
    "The proof is not accepted: --audience is not the server's resource identifier byte for byte, --holder-key is not the key in the attestation, or something in between changes the body.",
  attestation_revoked: `The attestation was revoked. ${adviceOf("ERR_REVOKED")}`,
  attestation_challenge_required: "The server requires an answer to a challenge, which this version does not support.",
  attestation_unavailable:
    "The server cannot verify at the moment: its key source or its replay cache is not available. Tell its operator, and try again later.",
  attestation_ticket_refused:
    "The server does not accept the ticket: it was restarted, its ring was rotated, or its instances have different rings. An agent sends once more with a signature.",
  attestation_signature_required: "The server requires a signature for this message, and a MAC came in its place.",
  attestation_definition_mismatch:
    "The agent decided on another definition of the tool than the server has: it lists the tools again and decides again.",
};

/** What a refusal can mean, for people. */
export function refusalMeaning(reason: Reason): string {
  return BY_REASON[reason];
}

function refusalAdvice(attested: Probe): string {
  if (attested.outcome === "error" && attested.reason) return BY_REASON[attested.reason];
  if (attested.outcome !== "result") return "With credentials, the server gave no readable answer.";
  if (!attested.advertised) return "The server ignored the credentials: it does not support attestation.";
  return "The server let the client in and says that the attestation was not verified, which its policy allows. It does not trust this issuer, or does not accept this kind of attestation.";
}

/** Whether others on the way can read along: http, and not to this very machine. */
function isInTheClear(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
