import {
  AttestationError,
  decodeBase64url,
  decodeStrictJson,
  encodeBase64url,
  importVerificationKey,
  isAbsoluteUri,
  isJsonObject,
  type OptionNames,
  optionError,
  type PublicJwk,
  possessionInput,
  readAtMost,
  readAuthorization,
  refuseUnknownOptions,
} from "@attest/core";
import type { AttestingAgent } from "./attesting-agent.ts";
import type { DelegatingSourceOptions } from "./delegating-source.ts";
import { LOOPBACK } from "./loopback.ts";

/** What a sub-agent gets: nothing that it asks for widens it. */
export interface DelegationGrant extends DelegatingSourceOptions {
  /** The servers at which the sub-agent may use its delegation. It asks for one of them at a time. */
  readonly audiences: readonly string[];
}

/** How a parent delegates over HTTP. */
export interface DelegationHandlerOptions {
  /**
   * Authenticates a sub-agent by the credential that it sent as `Authorization: Bearer`, and says what it gets. `undefined` refuses. Compare
   * secrets in constant time. Called for each request.
   */
  authorize(credential: string, request: Request): DelegationGrant | undefined | Promise<DelegationGrant | undefined>;
  /**
   * Answer requests for other names than this machine's own, `localhost` and loopback addresses. Serve those over TLS alone: everybody on the
   * path could read the credential. Default false. It does not say at which address you listen: bind to 127.0.0.1.
   */
  readonly allowRemote?: boolean;
}

const OPTIONS: OptionNames<DelegationHandlerOptions> = { authorize: true, allowRemote: true };
const GRANT: OptionNames<DelegationGrant> = { allow: true, name: true, lifetime: true, depth: true, audiences: true };
const CHALLENGE_LIFETIME = 60;
const MAX_CHALLENGES = 1000;
const MAX_BODY = 16 * 1024;

/** What is answered in the place of a delegation: a code, and nothing of the request. */
class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

/**
 * Delegates to sub-agents in other processes and containers, by the API that an authority has: `httpSource` of a sub-agent works with
 * it. `POST` to its address with `/challenge` appended answers a challenge, and `POST` to its address, with proof of possession of the
 * key (SPEC-8.9), the chain.
 *
 * It opens no port: mount it at an address of your own, and listen on the loopback interface.
 *
 * @param parent Who delegates.
 * @param options Who may have what delegated, and from where it may be asked.
 * @returns The handler. It never rejects, and its answers repeat nothing of a request.
 * @throws AttestationError `ERR_OPTION`.
 */
export function createDelegationHandler(
  parent: AttestingAgent,
  options: DelegationHandlerOptions,
): (request: Request) => Promise<Response> {
  refuseUnknownOptions(options, OPTIONS, "a delegation handler");
  const { allowRemote = false } = options;
  if (typeof parent?.delegate !== "function") throw optionError("parent", "must be an AttestingAgent");
  if (typeof options.authorize !== "function") throw optionError("authorize", "must be a function");
  if (typeof allowRemote !== "boolean") throw optionError("allowRemote", "must be true or false");
  const challenges = new Challenges();

  const answer = async (request: Request): Promise<object> => {
    const url = new URL(request.url);
    if (!allowRemote && !LOOPBACK.has(url.hostname)) throw new Refused(403, "not_this_machine");
    if (request.method !== "POST") throw new Refused(405, "method_not_allowed");
    const { accessToken: credential } = readAuthorization(request.headers.get("Authorization") ?? undefined);
    if (credential === undefined) throw new Refused(401, "invalid_token");
    const grant = await options.authorize(credential, request);
    if (grant === undefined) throw new Refused(401, "invalid_token");
    const ask = await readAsk(request);
    if (url.pathname.endsWith("/challenge")) {
      return { challenge: challenges.create(credential), possession: 2, expires_in: CHALLENGE_LIFETIME };
    }
    const { audience, confirmationKey, challenge, signature } = partsOf(ask);
    if (!audiencesOf(grant).includes(audience)) throw new Refused(403, "audience_not_registered");
    if (!challenges.take(challenge, credential)) throw new Refused(400, "invalid_challenge");
    await assertPossession(confirmationKey, signature, possessionInput(challenge, url.href));
    const { audiences: _, ...granted } = grant;
    return { attestation: await parent.delegate({ ...granted, audience, confirmationKey }) };
  };

  return async (request) => {
    try {
      return json(200, await answer(request));
    } catch (error) {
      if (error instanceof Refused) return json(error.status, { error: error.code });
      // What the parent cannot do is its own matter: its words are for its own log.
      const permanent = error instanceof AttestationError && error.code === "ERR_OPTION";
      return json(permanent ? 400 : 503, { error: permanent ? "cannot_delegate" : "unavailable" });
    }
  };
}

/** Challenges that wait for an answer, each for the credential that asked for it, and once. */
class Challenges {
  readonly #waiting = new Map<string, { readonly credential: string; readonly until: number }>();

  create(credential: string): string {
    const challenge = encodeBase64url(crypto.getRandomValues(new Uint8Array(32)));
    this.#waiting.set(challenge, { credential, until: performance.now() + CHALLENGE_LIFETIME * 1000 });
    const [oldest] = this.#waiting.size > MAX_CHALLENGES ? this.#waiting.keys() : [];
    if (oldest !== undefined) this.#waiting.delete(oldest);
    return challenge;
  }

  take(challenge: string, credential: string): boolean {
    const waiting = this.#waiting.get(challenge);
    this.#waiting.delete(challenge);
    return waiting?.credential === credential && performance.now() < waiting.until;
  }
}

async function readAsk(request: Request): Promise<Record<string, unknown>> {
  const bytes = await readAtMost(request.body, MAX_BODY);
  if (!bytes) throw new Refused(413, "invalid_request");
  if (bytes.length === 0) return {};
  const { value, problem } = decodeStrictJson(bytes);
  if (problem !== undefined || !isJsonObject(value)) throw new Refused(400, "invalid_request");
  return value;
}

function partsOf(ask: Record<string, unknown>) {
  const { audience, confirmation_key: confirmationKey, possession } = ask;
  const { challenge, signature } = isJsonObject(possession) ? possession : {};
  if (audience === undefined) throw new Refused(400, "audience_required");
  const texts = [audience, challenge, signature];
  if (!isJsonObject(confirmationKey) || !texts.every((text) => typeof text === "string") || !isAbsoluteUri(audience)) {
    throw new Refused(400, "invalid_request");
  }
  return { audience, confirmationKey, challenge, signature } as {
    audience: string;
    confirmationKey: Record<string, unknown> & PublicJwk;
    challenge: string;
    signature: string;
  };
}

/** A grant of the caller's own making, checked: a misspelt `allow` would allow everything. */
function audiencesOf(grant: DelegationGrant): readonly string[] {
  refuseUnknownOptions(grant, GRANT, "a grant");
  if (Array.isArray(grant.audiences)) return grant.audiences;
  throw optionError("audiences", "of a grant must be a list");
}

async function assertPossession(jwk: PublicJwk, signature: string, input: Uint8Array): Promise<void> {
  const key = await importVerificationKey(jwk).catch(() => undefined);
  const bytes = decodeBase64url(signature);
  if (!key || !bytes || (await key.verify(input, bytes)) !== true) throw new Refused(400, "invalid_possession");
}

function json(status: number, body: object): Response {
  return Response.json(body, { status, headers: { "Cache-Control": "no-store" } });
}
