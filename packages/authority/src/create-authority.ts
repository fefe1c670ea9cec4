import { optionError } from "@attest/core";
import { createJwksHandler, type PlannedRotation } from "@attest/jwks";
import type { Revocable, Revocation } from "@attest/status-list";
import { type AuthorityOptions, configureAuthority } from "./authority-options.ts";
import type { Connection } from "./evidence/evidence.ts";
import { answerDocument } from "./http/answer-document.ts";
import { Endpoints } from "./http/endpoints.ts";
import type { AuthorityAnswer, AuthorityRequest } from "./http/plain.ts";
import { plainRequestOf, responseOf } from "./http/web-standard.ts";
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
  /** What `fetch` answers, for servers of other kinds. Never rejects. Needs no `this`. */
  answer(request: AuthorityRequest, connection?: Connection): Promise<AuthorityAnswer>;
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
  const listPath = statusList && pathBelow(configuration.bases, new URL(statusList.uri).pathname);
  const answer = async (request: AuthorityRequest, connection: Connection = {}): Promise<AuthorityAnswer> => {
    const path = pathBelow(configuration.bases, request.path);
    if (path === ".well-known/jwks.json") return answerDocument(publish, request);
    if (statusList && path === listPath) return answerDocument(statusList.handler, request);
    return endpoints.answer(path, request, connection);
  };
  return {
    issuer,
    answer,
    fetch: async (request, connection) => responseOf(await answer(plainRequestOf(request), connection)),
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
