import {
  type AgentIdentity,
  AttestationError,
  optionError,
  refuseUnknownOptions,
  writeAgentIdentity,
} from "@attest/core";
import type { FetchLike } from "./attest-fetch.ts";
import type { AttestationAsk, AttestationSource } from "./attestation-source.ts";

/** How an authority's service is asked. */
export interface HttpSourceOptions {
  /** The workload's own credential at the authority, sent as `Authorization: Bearer`. Asked for every attestation anew. */
  readonly credential: () => string | Promise<string>;
  /** Which of the identities that the authority has registered for this workload; default: its first. */
  readonly identity?: AgentIdentity;
  /** Tell the authority which server the attestation is for, so that it is good for that one only. Default false. */
  readonly nameAudience?: boolean;
  /** Milliseconds for both requests together, from 1 to 60000. Default 5000. */
  readonly timeoutMs?: number;
  /** Bytes of an answer, from 1 to 1 MiB. Default 16384. */
  readonly maxBytes?: number;
  /** Accept an `http:` address that is not this machine's: whoever is on the way learns the credential. Default false. */
  readonly allowInsecureHttp?: boolean;
  /** Default: the platform's. */
  readonly fetch?: FetchLike;
}

const KNOWN_OPTIONS: readonly (keyof HttpSourceOptions)[] = [
  "credential",
  "identity",
  "nameAudience",
  "timeoutMs",
  "maxBytes",
  "allowInsecureHttp",
  "fetch",
];
const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);
const VISIBLE = /^[\x21-\x7e]{1,8192}$/;

/**
 * A source that asks an authority's service: first for a challenge, then, with the agent's signature over it, for the
 * attestation. Follows no redirect, so that the credential goes nowhere else (M10).
 *
 * @param url Of the authority's `/attestations`; the challenge is asked of `challenge` below it.
 * @throws AttestationError `ERR_OPTION`; from the source, `ERR_SOURCE_UNAVAILABLE` with the status and the authority's
 * error code in its message, never with anything else that the authority said, and whatever `credential` throws.
 */
export function httpSource(url: string | URL, options: HttpSourceOptions): AttestationSource {
  const { credential, identity, nameAudience, timeoutMs, maxBytes, allowInsecureHttp, send } = configure(options);
  const endpoint = endpointOf(url, allowInsecureHttp);
  const challengeEndpoint = new URL(endpoint);
  challengeEndpoint.pathname = `${endpoint.pathname.replace(/\/$/, "")}/challenge`;

  return {
    async getAttestation(ask: AttestationAsk): Promise<string> {
      const deadline = AbortSignal.timeout(timeoutMs);
      const signal = ask.signal ? AbortSignal.any([ask.signal, deadline]) : deadline;
      const bearer = await credential();
      if (typeof bearer !== "string" || !VISIBLE.test(bearer)) {
        throw new AttestationError("ERR_SOURCE_UNAVAILABLE", "The credential is not text that can go into a header");
      }
      const post = async (target: URL, body: object): Promise<Record<string, unknown>> => {
        const init: RequestInit = {
          method: "POST",
          headers: {
            Authorization: `Bearer ${bearer}`,
            "Content-Type": "application/json",
            Accept: "application/json",
          },
          body: JSON.stringify(body),
          redirect: "manual",
          signal,
        };
        return answerOf(await reached(send(target, init)), maxBytes);
      };
      const { challenge } = await post(challengeEndpoint, {});
      if (typeof challenge !== "string" || !VISIBLE.test(challenge)) throw unusable("no challenge");
      const { attestation } = await post(endpoint, {
        confirmation_key: ask.confirmationKey,
        possession: { challenge, signature: await ask.provePossession(challenge) },
        ...(nameAudience && ask.audience !== undefined && { audience: ask.audience }),
        ...(identity && { identity }),
      });
      if (typeof attestation !== "string") throw unusable("no attestation");
      return attestation;
    },
  };
}

/** What went wrong on the way stays there: its words could hold an address or a credential. */
async function reached(response: Promise<Response>): Promise<Response> {
  try {
    return await response;
  } catch {
    throw new AttestationError("ERR_SOURCE_UNAVAILABLE", "The authority could not be reached in time");
  }
}

async function answerOf(response: Response, maxBytes: number): Promise<Record<string, unknown>> {
  const { status } = response;
  const text = await readLimited(response, maxBytes);
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw unusable(`HTTP ${status} without JSON`);
  }
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) throw unusable(`HTTP ${status}`);
  if (status === 200 || status === 201) return answer as Record<string, unknown>;
  const { error } = answer as { error?: unknown };
  const code = typeof error === "string" && /^[a-z_]{1,64}$/.test(error) ? ` (${error})` : "";
  throw unusable(`HTTP ${status}${code}`);
}

async function readLimited({ body }: Response, maxBytes: number): Promise<string> {
  if (!body) return "";
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      length += value.length;
      if (length > maxBytes) throw unusable(`more than ${maxBytes} bytes`);
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    await reader.cancel().catch(() => {});
    if (error instanceof AttestationError) throw error;
    throw new AttestationError("ERR_SOURCE_UNAVAILABLE", "The authority's answer broke off");
  }
}

function unusable(what: string): AttestationError {
  return new AttestationError("ERR_SOURCE_UNAVAILABLE", `The authority answered with ${what}`);
}

function endpointOf(url: string | URL, allowInsecureHttp: boolean): URL {
  if (!URL.canParse(String(url))) throw optionError("url", "must be an absolute URL");
  const endpoint = new URL(url);
  const { protocol, hostname, username, password } = endpoint;
  if (username !== "" || password !== "") throw optionError("url", "must not hold credentials");
  if (protocol === "https:") return endpoint;
  if (protocol === "http:" && (allowInsecureHttp || LOOPBACK.has(hostname))) return endpoint;
  throw optionError("url", "must be an https: URL; http: is for this machine, or needs allowInsecureHttp");
}

function configure(options: HttpSourceOptions) {
  refuseUnknownOptions(options, KNOWN_OPTIONS, "an HTTP source");
  const { credential, identity, nameAudience = false, allowInsecureHttp = false } = options;
  const { timeoutMs = 5000, maxBytes = 16_384, fetch: send = (url, init) => fetch(url, init) } = options;
  if (typeof credential !== "function") throw optionError("credential", "must be a function that returns it");
  if (identity !== undefined && (typeof identity !== "object" || identity === null)) {
    throw optionError("identity", "must be an object");
  }
  if (typeof nameAudience !== "boolean") throw optionError("nameAudience", "must be true or false");
  if (typeof allowInsecureHttp !== "boolean") throw optionError("allowInsecureHttp", "must be true or false");
  if (typeof send !== "function") throw optionError("fetch", "must be a function");
  wholeNumber("timeoutMs", timeoutMs, 60_000);
  wholeNumber("maxBytes", maxBytes, 1024 * 1024);
  const written = identity && writeAgentIdentity(identity);
  return { credential, identity: written, nameAudience, timeoutMs, maxBytes, allowInsecureHttp, send };
}

function wholeNumber(option: string, value: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > most) {
    throw optionError(option, `must be a whole number from 1 to ${most}`);
  }
}
