import { AttestationError, AttestationIssuer, optionError, type PublicJwk, readAuthorization } from "@attest/core";
import { createJwksHandler, type PlannedRotation } from "@attest/jwks";
import type { Revocable, Revocation } from "@attest/status-list";
import { type AuthorityConfiguration, type AuthorityOptions, configureAuthority } from "./authority-options.ts";
import type { Connection } from "./evidence/evidence.ts";
import { Admission, presentedBy } from "./http/admission.ts";
import { allowedAudience, assertSameIdentity, type Issued, issue } from "./http/issue.ts";
import { problemOf } from "./http/problem-of.ts";
import { readAttestationAsk, readChallengeAsk } from "./http/read-ask.ts";
import { readBody } from "./http/read-body.ts";
import { JWT_TYPE, oauthError, readTokenRequest } from "./http/read-token-request.ts";
import { clientOf } from "./limits/client-address.ts";
import { Limits } from "./limits/limits.ts";
import { CHALLENGE_LIFETIME, Challenges } from "./possession/challenges.ts";
import { checkDpop } from "./possession/check-dpop.ts";
import { checkPossession, importConfirmationKey } from "./possession/check-possession.ts";
import { ANSWER_FIELDS, Problem, problemResponse } from "./problem.ts";
import type { AuthorityRecord, RecordDraft } from "./record.ts";
import { assertAttestable } from "./rules/assert-attestable.ts";
import type { AuthorityStatusList } from "./status/authority-status-list.ts";
import { pathBelow } from "./status/path-below.ts";

/** An authority that answers requests. It opens no port: mount `fetch`, or use `serveAuthority` of `@attest/authority/node`. */
export interface Authority {
  /** The authority's name: `iss` of its attestations. */
  readonly issuer: string;
  /**
   * Answers `POST /attestations/challenge`, `POST /attestations`, `POST /token`, `GET /.well-known/jwks.json` and the status
   * list, below any of `publicUrl` and at the root; anything else with 404. Never rejects. Needs no `this`.
   *
   * @param request One HTTP request, whose body nobody has read.
   * @param connection What the server knows of the connection. Without an address, all failures count as one client's.
   */
  fetch(request: Request, connection?: Connection): Promise<Response>;
  /** Resolves once it can answer: its replay cache and its status list are there. @throws AttestationError with what is wrong. */
  ready(): Promise<void>;
  /** Makes the next signing key the current one, as `RotatingKeyStore.rotate`. @throws AttestationError. */
  rotate(): Promise<PlannedRotation>;
  /**
   * Revokes every attestation of a key, or of a workload `<evidence>/<subject>` with all of its keys, and attests it no more.
   * Resolves when that is durable; it is published within a second. Authenticate who asks for it.
   *
   * @returns The indexes that verifiers refuse. @throws AttestationError as `StatusListPublisher.revoke`; `ERR_OPTION` without
   * a status list.
   */
  revoke(revocation: Revocation): Promise<readonly number[]>;
  /** Attests a key or a workload again, at another index. What was revoked stays so. @throws AttestationError as `revoke`. */
  reinstate(revocable: Revocable): Promise<void>;
  /** Ends what evidence keeps open. The key store and the replay cache stay the caller's to close. */
  close(): Promise<void>;
}

/**
 * Makes an authority: it verifies evidence, decides by rules, has possession of the key proved, and attests.
 *
 * @throws AttestationError `ERR_OPTION`, whose message names the option or lists every rule that is wrong or could never be
 * attested.
 * @example
 * ```ts
 * import { createAuthority, type EvidenceVerifier, type Rule } from "@attest/authority";
 * import { MemoryKeyStorage, RotatingKeyStore } from "@attest/jwks";
 *
 * declare const [cluster, rules]: [EvidenceVerifier, Rule[]]; // rules with `evidence: "cluster"`
 * const keyStore = await RotatingKeyStore.open({ storage: new MemoryKeyStorage() });
 * const issuer = "https://authority.example";
 * const authority = await createAuthority({ issuer, publicUrl: issuer, keyStore, evidence: { cluster }, rules });
 * ```
 */
export async function createAuthority(options: AuthorityOptions): Promise<Authority> {
  const configuration = configureAuthority(options);
  const { issuer, rules, tokenLifetime, keyStore, evidence, replayCache, statusList } = configuration;
  await assertAttestable(issuer, tokenLifetime, rules.all);
  const endpoints = new Endpoints(configuration);
  const publish = createJwksHandler(keyStore);
  const listPath = statusList && pathBelow(configuration.bases, statusList.uri);
  return {
    issuer,
    fetch: (request, connection = {}) => {
      const path = pathBelow(configuration.bases, request.url);
      if (path === ".well-known/jwks.json") return publish(request);
      if (statusList && path === listPath) return statusList.handler(request);
      return endpoints.answer(path, request, connection);
    },
    async ready() {
      await replayCache.ready?.();
      await statusList?.token();
    },
    rotate: () => keyStore.rotate(),
    revoke: async (revocation) => listOf(statusList).revoke(revocation),
    reinstate: async (revocable) => listOf(statusList).reinstate(revocable),
    async close() {
      await Promise.all(Object.values(evidence).map((verifier) => verifier.close?.()));
    },
  };
}

function listOf(statusList: AuthorityStatusList | undefined): AuthorityStatusList {
  if (statusList) return statusList;
  throw optionError("statusList", "is needed to revoke: attestations of this authority have no status");
}

const ENDPOINTS = { "attestations/challenge": "challenge", attestations: "attestations", token: "token" } as const;
type Endpoint = (typeof ENDPOINTS)[keyof typeof ENDPOINTS];

interface Call {
  readonly request: Request;
  readonly body: Uint8Array;
  readonly connection: Connection;
  readonly now: number;
  readonly draft: RecordDraft;
  /** Whether a rule admitted it: until then, it is a stranger's. */
  readonly progress: { admitted: boolean };
}

class Endpoints {
  readonly #configuration: AuthorityConfiguration;
  readonly #limits: Limits;
  readonly #admission: Admission;
  readonly #challenges: Challenges;
  readonly #provider: AttestationIssuer;
  readonly #addresses: readonly string[];
  readonly #tokenAddresses: readonly string[];

  constructor(configuration: AuthorityConfiguration) {
    const { bases, secrets, sharedSecrets, replayCache, clock, limits, issuer, keyStore, tokenLifetime } =
      configuration;
    this.#configuration = configuration;
    this.#limits = new Limits({ ...limits, clock });
    this.#admission = new Admission(configuration, this.#limits);
    this.#challenges = new Challenges({ secrets, used: replayCache, clock, mayPredate: sharedSecrets });
    const { observer } = configuration;
    this.#provider = new AttestationIssuer({
      issuer,
      signer: keyStore,
      tokenLifetime,
      clock,
      ...(observer && { observer }),
    });
    this.#addresses = bases.map((base) => new URL("attestations", base).href);
    this.#tokenAddresses = bases.map((base) => new URL("token", base).href);
  }

  async answer(path: string, request: Request, connection: Connection): Promise<Response> {
    if (!Object.hasOwn(ENDPOINTS, path)) return problemResponse(new Problem("not_found", "There is nothing here"));
    const endpoint = ENDPOINTS[path as keyof typeof ENDPOINTS];
    const draft: RecordDraft = { client: clientOf(connection.address) };
    const progress = { admitted: false };
    try {
      if (request.method !== "POST") throw new Problem("method_not_allowed", "Only POST is answered here");
      const now = this.#now();
      return await this.#run(endpoint, { request, body: await readBody(request), connection, now, draft, progress });
    } catch (error) {
      const problem = problemOf(error);
      const limit = progress.admitted ? undefined : this.#countStranger(problem, connection);
      // Anyone who asks without end fills no log.
      if (limit === undefined && problem.code !== "too_many_requests") {
        if (!(error instanceof Problem)) this.#configuration.report(error);
        await this.#recordRefusal(endpoint, problem, draft);
      }
      // What the authority itself could not do is reported as that, however often.
      return refusalResponse(endpoint, problem.code === "unavailable" ? problem : (limit ?? problem));
    }
  }

  /** Counts a refusal against its address (A4). @returns What there is too much of it. */
  #countStranger({ code }: Problem, { address }: Connection): Problem | undefined {
    if (code === "too_many_requests") return undefined;
    try {
      this.#limits.countFailure(address);
      return undefined;
    } catch (error) {
      return problemOf(error);
    }
  }

  /** @throws AttestationError `ERR_CLOCK`: without the time, no evidence can be judged. */
  #now(): number {
    const now = Math.floor(this.#configuration.clock());
    if (Number.isSafeInteger(now) && now > 0) return now;
    throw new AttestationError("ERR_CLOCK", "The authority's clock tells no time");
  }

  #run(endpoint: Endpoint, call: Call): Promise<Response> {
    if (endpoint === "challenge") return this.#challenge(call);
    return endpoint === "attestations" ? this.#attest(call) : this.#exchange(call);
  }

  async #challenge({ request, body, connection, now, draft, progress }: Call): Promise<Response> {
    const credential = credentialOf(request);
    const ask = readChallengeAsk(body);
    const presented = presentedBy(request, { credential, body, connection, now });
    const { rule, evidence } = await this.#admission.admit(ask.rule, presented, draft);
    progress.admitted = true;
    const key = ask.confirmation_key && (await importConfirmationKey(ask.confirmation_key));
    const challenge = await this.#challenges.create({
      rule: rule.name,
      evidence: evidence.handle,
      keyThumbprint: key?.thumbprint,
    });
    return json(200, { challenge, possession: 2, expires_in: CHALLENGE_LIFETIME });
  }

  async #attest({ request, body, connection, now, draft, progress }: Call): Promise<Response> {
    const credential = credentialOf(request);
    const ask = readAttestationAsk(body);
    const presented = presentedBy(request, { credential, body, connection, now });
    const admitted = await this.#admission.admit(ask.rule, presented, draft);
    progress.admitted = true;
    const { rule, evidence } = admitted;
    assertSameIdentity(rule, ask.identity);
    const audience = allowedAudience(rule, ask.audience);
    const key = await importConfirmationKey(ask.confirmation_key);
    const { challenge, signature } = ask.possession;
    // Used up before the signature is looked at: one guess each (A3).
    const binding = { rule: rule.name, evidence: evidence.handle, keyThumbprint: key.thumbprint };
    if (!(await this.#challenges.use(challenge, binding))) {
      throw new Problem("challenge_unknown", "The challenge is not open: ask for a new one");
    }
    const acceptForm1 = this.#configuration.acceptPossession1;
    await checkPossession(key, { challenge, signature, addresses: this.#addresses, acceptForm1 });
    const jwk = ask.confirmation_key as unknown as PublicJwk;
    const issued = await this.#issue(admitted, { key, jwk, audience, now }, draft, "attestations");
    return json(201, { attestation: issued.attestation, expires_at: issued.expiresAt });
  }

  async #exchange({ request, body, connection, now, draft, progress }: Call): Promise<Response> {
    const { subjectToken, audience: asked, rule: name } = readTokenRequest(request.headers.get("Content-Type"), body);
    const presented = presentedBy(request, { credential: subjectToken, body, connection, now });
    const admitted = await this.#admission.admit(name, presented, draft);
    progress.admitted = true;
    const audience = allowedAudience(admitted.rule, asked);
    const used = this.#configuration.replayCache;
    const dpop = request.headers.get("DPoP");
    const { key, jwk } = await checkDpop(dpop, { addresses: this.#tokenAddresses, used, now });
    const issued = await this.#issue(admitted, { key, jwk, audience, now }, draft, "token");
    return json(200, {
      access_token: issued.attestation,
      issued_token_type: JWT_TYPE,
      token_type: "N_A",
      expires_in: Math.max(0, issued.expiresAt - now),
    });
  }

  /** Nothing is handed out that was not written down. */
  async #issue(
    admitted: Parameters<typeof issue>[0],
    asked: Parameters<typeof issue>[1],
    draft: RecordDraft,
    endpoint: Endpoint,
  ): Promise<Issued> {
    const { statusList, record } = this.#configuration;
    const using = { provider: this.#provider, admission: this.#admission, statusList, draft };
    const issued = await issue(admitted, asked, using);
    await record({ ...(draft as object), time: asked.now, outcome: "issued", endpoint });
    return issued;
  }

  async #recordRefusal(endpoint: Endpoint, { code, because }: Problem, draft: RecordDraft): Promise<void> {
    const { clock, record, report } = this.#configuration;
    const time = Math.floor(clock());
    const facts = { problem: code, ...(because !== undefined && { because }) };
    const { expiresAt: _, ...known } = draft;
    const entry: AuthorityRecord = { ...known, ...facts, time, outcome: "refused", endpoint };
    try {
      await record(entry);
    } catch (error) {
      report(error);
    }
  }
}

/** The one `Bearer` credential. @throws Problem `invalid_request` for a field with anything else in it (M14). */
function credentialOf(request: Request): string | undefined {
  const { accessToken, problem } = readAuthorization(request.headers.get("Authorization"));
  if (problem !== undefined) throw new Problem("invalid_request", problem);
  return accessToken;
}

function json(status: number, body: object): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...ANSWER_FIELDS, "Content-Type": "application/json" },
  });
}

function refusalResponse(endpoint: Endpoint, problem: Problem): Response {
  return endpoint === "token" ? oauthResponse(problem) : problemResponse(problem);
}

function oauthResponse(problem: Problem): Response {
  const { status, retryAfter } = problem;
  const isServers = status === 429 || status === 503 || status === 413 || status === 405;
  const answer = json(isServers ? status : 400, oauthError(problem));
  if (status === 405) answer.headers.set("Allow", "POST");
  if (retryAfter !== undefined) answer.headers.set("Retry-After", String(retryAfter));
  return answer;
}
