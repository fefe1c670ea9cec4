import {
  type AgentIdentity,
  AttestationError,
  importVerificationKey,
  isJsonObject,
  type OptionNames,
  optionError,
  readAtMost,
  refuseUnknownOptions,
  writeAgentIdentity,
} from "@attest/core";
import type { FetchLike } from "./attest-fetch.ts";
import type { AttestationAsk, AttestationSource } from "./attestation-source.ts";
import { LOOPBACK } from "./loopback.ts";

/** What a credential is asked for. */
export interface CredentialAsk {
  /**
   * RFC 7638 thumbprint of the key that is to be attested. Where the platform lets the workload choose the audience of its
   * token, ask for `<audience of the authority>#<thumbprint>`: the token is then good for this key alone.
   */
  readonly keyThumbprint: string;
  /** Aborted when the source no longer waits. */
  readonly signal: AbortSignal;
}

/** How `httpSource` asks an authority's service. */
export interface HttpSourceOptions {
  /**
   * Returns the workload's own credential at the authority, sent as `Authorization: Bearer`. Called for each attestation: most
   * authorities accept a platform's token once. `@attest/mcp-client/evidence/*` has callbacks for platforms.
   */
  readonly credential: (ask: CredentialAsk) => string | Promise<string>;
  /** The name of the authority's rule to ask by. Default: the authority's default. */
  readonly rule?: string;
  /** Which of the identities that the authority has registered for this workload. Default: its first. */
  readonly identity?: AgentIdentity;
  /**
   * Send the authority the server's resource identifier, so that the attestation is valid at that server only. Default true;
   * with false the authority does not learn which servers the agent calls, and may answer `audience_required`.
   */
  readonly nameAudience?: boolean;
  /** Milliseconds for both requests together, from 1 to 60000. Default 5000. */
  readonly timeoutMs?: number;
  /** Bytes of an answer, from 1 to 1 MiB. Default 16384. */
  readonly maxBytes?: number;
  /** Accept an `http:` address that is not this machine's: everybody on the path can read the credential. Default false. */
  readonly allowInsecureHttp?: boolean;
  /** What sends the requests. Default: the platform's `fetch`. */
  readonly fetch?: FetchLike;
}

const OPTIONS: OptionNames<HttpSourceOptions> = {
  credential: true,
  rule: true,
  identity: true,
  nameAudience: true,
  timeoutMs: true,
  maxBytes: true,
  allowInsecureHttp: true,
  fetch: true,
};
const VISIBLE = /^[\x21-\x7e]{1,8192}$/;
/** The name of an authority's rule. */
const RULE = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** An authority's error code. */
const CODE = /^[a-z][a-z0-9_]{0,63}$/;
/** A code of the system, of OpenSSL or of undici. */
const SYSTEM_CODE = /^[A-Z][A-Z_]{1,63}$/;

/**
 * A source that asks an authority's service: first for a challenge, then, with the agent's signature over it, for the
 * attestation. It follows no redirect, so that the credential goes to no other address (M10).
 *
 * @param url The authority's `/attestations`. The challenge is asked for at `challenge` below it. An authority whose
 * challenge demands possession form 2 gets a signature that names this URL, so that no other authority can use it.
 * @param options What the workload shows the authority, what it asks for, and how long it waits.
 * @throws AttestationError `ERR_OPTION`. The source rejects with `ERR_SOURCE_UNAVAILABLE`, whose message says whether the
 * authority timed out, could not be reached (with the system's error code) or refused (with the status and the authority's
 * error code), and repeats nothing else; and with whatever `credential` throws.
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { httpSource } from "@attest/mcp-client";
 *
 * const source = httpSource("https://authority.example/attestations", {
 *   credential: async () => (await readFile("/var/run/secrets/authority/token", "utf8")).trim(),
 *   rule: "finance-bot",
 * });
 * ```
 */
export function httpSource(url: string | URL, options: HttpSourceOptions): AttestationSource {
  const { credential, rule, identity, nameAudience, timeoutMs, maxBytes, allowInsecureHttp, send } = configure(options);
  const endpoint = endpointOf(url, allowInsecureHttp);
  const challengeEndpoint = new URL(endpoint);
  challengeEndpoint.pathname = `${endpoint.pathname.replace(/\/$/, "")}/challenge`;

  return {
    async getAttestation(ask: AttestationAsk): Promise<string> {
      const deadline = AbortSignal.timeout(timeoutMs);
      const signal = ask.signal ? AbortSignal.any([ask.signal, deadline]) : deadline;
      const { thumbprint: keyThumbprint } = await importVerificationKey(ask.confirmationKey);
      const bearer = await credential({ keyThumbprint, signal });
      if (typeof bearer !== "string" || !VISIBLE.test(bearer)) {
        throw sourceError("The credential is not text that can go into a header");
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
        try {
          return await answerOf(await send(target, init), maxBytes);
        } catch (error) {
          if (error instanceof AttestationError) throw error;
          if (deadline.aborted) throw sourceError(`The authority did not answer within ${timeoutMs} ms`);
          if (signal.aborted) throw sourceError("The agent stopped waiting for the authority");
          throw sourceError(connectionFailure(error));
        }
      };
      const { challenge, possession } = await post(challengeEndpoint, { ...(rule !== undefined && { rule }) });
      if (typeof challenge !== "string" || !VISIBLE.test(challenge)) throw unusable("no challenge");
      const { attestation } = await post(endpoint, {
        confirmation_key: ask.confirmationKey,
        possession: { challenge, signature: await provePossession(ask, challenge, possession, endpoint) },
        ...(rule !== undefined && { rule }),
        ...(nameAudience && ask.audience !== undefined && { audience: ask.audience }),
        ...(identity && { identity }),
      });
      if (typeof attestation !== "string") throw unusable("no attestation");
      return attestation;
    },
  };
}

/** Signs in the form that the authority demands. Form 1 only without any demand: what is not known must not weaken it. */
function provePossession(ask: AttestationAsk, challenge: string, form: unknown, endpoint: URL): Promise<string> {
  if (form === undefined) return ask.provePossession(challenge);
  if (form === 2) return ask.provePossession(challenge, endpoint.href);
  throw unusable("a form of possession that this client does not know");
}

async function answerOf(response: Response, maxBytes: number): Promise<Record<string, unknown>> {
  const { status } = response;
  const bytes = await readAtMost(response.body, maxBytes);
  if (!bytes) throw unusable(`more than ${maxBytes} bytes`);
  if (status >= 300 && status < 400) throw unusable(`HTTP ${status}, and a redirect is not followed`);
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw unusable(`HTTP ${status} without JSON`);
  }
  if (!isJsonObject(answer)) throw unusable(`HTTP ${status}`);
  if (status === 200 || status === 201) return answer;
  const code = errorCodeIn(answer);
  throw unusable(`HTTP ${status}${code === undefined ? "" : ` (${code})`}`);
}

/** The code of OAuth's error form, or the last part of the `type` of problem details (RFC 9457). */
function errorCodeIn({ error, type }: { error?: unknown; type?: unknown }): string | undefined {
  if (typeof error === "string" && CODE.test(error)) return error;
  const name = typeof type === "string" && type !== "about:blank" ? type.split(/[/:#]/).at(-1) : undefined;
  return name !== undefined && CODE.test(name) ? name : undefined;
}

/** Why there was no answer, by the system's own code alone: its message could hold an address or a credential. */
function connectionFailure(error: unknown): string {
  let cause: unknown = error;
  for (let depth = 0; depth < 4 && typeof cause === "object" && cause !== null; depth++) {
    const { code } = cause as { code?: unknown };
    if (code === "ECONNREFUSED") return "The authority refused the connection (ECONNREFUSED)";
    if (typeof code === "string" && SYSTEM_CODE.test(code)) return `The authority could not be reached (${code})`;
    cause = (cause as { cause?: unknown }).cause;
  }
  return "The authority could not be reached, or its answer broke off";
}

function unusable(what: string): AttestationError {
  return sourceError(`The authority answered with ${what}`);
}

function sourceError(message: string): AttestationError {
  return new AttestationError("ERR_SOURCE_UNAVAILABLE", message);
}

function endpointOf(url: string | URL, allowInsecureHttp: boolean): URL {
  if (!URL.canParse(String(url))) throw optionError("url", "must be an absolute URL");
  const endpoint = new URL(url);
  const { protocol, hostname, username, password } = endpoint;
  if (username !== "" || password !== "") throw optionError("url", "must not hold credentials");
  if (protocol === "https:") return endpoint;
  if (protocol === "http:" && (allowInsecureHttp || LOOPBACK.has(hostname))) return endpoint;
  throw optionError("url", "must be an https: URL; http: is only for this machine, or with allowInsecureHttp");
}

function configure(options: HttpSourceOptions) {
  refuseUnknownOptions(options, OPTIONS, "an HTTP source");
  const { credential, rule, identity, nameAudience = true, allowInsecureHttp = false } = options;
  const { timeoutMs = 5000, maxBytes = 16_384, fetch: send = (url, init) => fetch(url, init) } = options;
  if (typeof credential !== "function") throw optionError("credential", "must be a function that returns it");
  if (rule !== undefined && (typeof rule !== "string" || !RULE.test(rule))) {
    throw optionError("rule", "must be the name of a rule: 1–64 of a–z, 0–9 and -");
  }
  if (identity !== undefined && (typeof identity !== "object" || identity === null)) {
    throw optionError("identity", "must be an object");
  }
  if (typeof nameAudience !== "boolean") throw optionError("nameAudience", "must be true or false");
  if (typeof allowInsecureHttp !== "boolean") throw optionError("allowInsecureHttp", "must be true or false");
  if (typeof send !== "function") throw optionError("fetch", "must be a function");
  wholeNumber("timeoutMs", timeoutMs, 60_000);
  wholeNumber("maxBytes", maxBytes, 1024 * 1024);
  const written = identity && writeAgentIdentity(identity);
  return { credential, rule, identity: written, nameAudience, timeoutMs, maxBytes, allowInsecureHttp, send };
}

function wholeNumber(option: string, value: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > most) {
    throw optionError(option, `must be a whole number from 1 to ${most}`);
  }
}
