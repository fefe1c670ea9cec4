import { AttestationError, AttestationIssuer, type PublicJwk, readAuthorization } from "@attest/core";
import type { AuthorityConfiguration } from "../authority-options.ts";
import type { Connection } from "../evidence/evidence.ts";
import { clientOf } from "../limits/client-address.ts";
import { Limits } from "../limits/limits.ts";
import { CHALLENGE_LIFETIME, Challenges } from "../possession/challenges.ts";
import { checkDpop } from "../possession/check-dpop.ts";
import { checkPossession } from "../possession/check-possession.ts";
import { ConfirmationKeys } from "../possession/confirmation-keys.ts";
import { ANSWER_FIELDS, Problem } from "../problem.ts";
import type { AuthorityRecord, RecordDraft } from "../record.ts";
import { Admission, RequestPresented } from "./admission.ts";
import { allowedAudience, assertSameIdentity, type Issued, issue } from "./issue.ts";
import type { AuthorityAnswer, AuthorityRequest } from "./plain.ts";
import { problemAnswer } from "./problem-answer.ts";
import { problemOf } from "./problem-of.ts";
import { readAttestationAsk, readChallengeAsk } from "./read-ask.ts";
import { JWT_TYPE, oauthError, readTokenRequest } from "./read-token-request.ts";

const ENDPOINTS = { "attestations/challenge": "challenge", attestations: "attestations", token: "token" } as const;
type Endpoint = (typeof ENDPOINTS)[keyof typeof ENDPOINTS];

interface Call {
  readonly request: AuthorityRequest;
  readonly body: Uint8Array;
  readonly connection: Connection;
  readonly now: number;
  readonly draft: RecordDraft;
  /** Whether a rule admitted it: until then, it is a stranger's. */
  readonly progress: { admitted: boolean };
}

/** The endpoints of an authority that decide something: a challenge, an attestation, a token exchange. */
export class Endpoints {
  readonly #configuration: AuthorityConfiguration;
  readonly #limits: Limits;
  readonly #admission: Admission;
  readonly #challenges: Challenges;
  readonly #keys = new ConfirmationKeys();
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

  /** Answers a request. Never rejects. @param path Below the authority's addresses, without a slash in front. */
  async answer(path: string, request: AuthorityRequest, connection: Connection): Promise<AuthorityAnswer> {
    if (!Object.hasOwn(ENDPOINTS, path)) return problemAnswer(new Problem("not_found", "There is nothing here"));
    const endpoint = ENDPOINTS[path as keyof typeof ENDPOINTS];
    const draft: RecordDraft = { client: clientOf(connection.address) };
    const progress = { admitted: false };
    try {
      if (request.method !== "POST") throw new Problem("method_not_allowed", "Only POST is answered here");
      const now = this.#now();
      return await this.#run(endpoint, { request, body: await request.body(), connection, now, draft, progress });
    } catch (error) {
      const problem = problemOf(error);
      const limit = progress.admitted ? undefined : this.#countStranger(problem, connection);
      // Anyone who asks without end fills no log.
      if (limit === undefined && problem.code !== "too_many_requests") {
        if (!(error instanceof Problem)) this.#configuration.report(error);
        await this.#recordRefusal(endpoint, problem, draft);
      }
      // What the authority itself could not do is reported as that, however often.
      return refusalAnswer(endpoint, problem.code === "unavailable" ? problem : (limit ?? problem));
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

  #run(endpoint: Endpoint, call: Call): Promise<AuthorityAnswer> {
    if (endpoint === "challenge") return this.#challenge(call);
    return endpoint === "attestations" ? this.#attest(call) : this.#exchange(call);
  }

  async #challenge({ request, body, connection, now, draft, progress }: Call): Promise<AuthorityAnswer> {
    const credential = credentialOf(request);
    const ask = readChallengeAsk(body);
    const presented = new RequestPresented(request, { credential, body, connection, now });
    const { rule, evidence } = await this.#admission.admit(ask.rule, presented, draft);
    progress.admitted = true;
    const key = ask.confirmation_key && (await this.#keys.import(ask.confirmation_key));
    const challenge = await this.#challenges.create({
      rule: rule.name,
      evidence: evidence.handle,
      keyThumbprint: key?.thumbprint,
    });
    return json(200, { challenge, possession: 2, expires_in: CHALLENGE_LIFETIME });
  }

  async #attest({ request, body, connection, now, draft, progress }: Call): Promise<AuthorityAnswer> {
    const credential = credentialOf(request);
    const ask = readAttestationAsk(body);
    const presented = new RequestPresented(request, { credential, body, connection, now });
    const admitted = await this.#admission.admit(ask.rule, presented, draft);
    progress.admitted = true;
    const { rule, evidence } = admitted;
    assertSameIdentity(rule, ask.identity);
    const audience = allowedAudience(rule, ask.audience);
    const key = await this.#keys.import(ask.confirmation_key);
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

  async #exchange({ request, body, connection, now, draft, progress }: Call): Promise<AuthorityAnswer> {
    const { subjectToken, audience: asked, rule: name } = readTokenRequest(request.field("Content-Type"), body);
    const presented = new RequestPresented(request, { credential: subjectToken, body, connection, now });
    const admitted = await this.#admission.admit(name, presented, draft);
    progress.admitted = true;
    const audience = allowedAudience(admitted.rule, asked);
    const used = this.#configuration.replayCache;
    const dpop = request.field("DPoP");
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
function credentialOf(request: AuthorityRequest): string | undefined {
  const { accessToken, problem } = readAuthorization(request.field("Authorization"));
  if (problem !== undefined) throw new Problem("invalid_request", problem);
  return accessToken;
}

function json(status: number, body: object, fields: Readonly<Record<string, string>> = {}): AuthorityAnswer {
  const headers = { ...ANSWER_FIELDS, "Content-Type": "application/json", ...fields };
  return { status, headers, body: JSON.stringify(body) };
}

function refusalAnswer(endpoint: Endpoint, problem: Problem): AuthorityAnswer {
  return endpoint === "token" ? oauthAnswer(problem) : problemAnswer(problem);
}

function oauthAnswer(problem: Problem): AuthorityAnswer {
  const { status, retryAfter } = problem;
  const isServers = status === 429 || status === 503 || status === 413 || status === 405;
  return json(isServers ? status : 400, oauthError(problem), {
    ...(status === 405 && { Allow: "POST" }),
    ...(retryAfter !== undefined && { "Retry-After": String(retryAfter) }),
  });
}
