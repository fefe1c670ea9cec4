import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "@attest/core";
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from "jose";
import { fetchIssuerKeys } from "./fetch-issuer-keys.ts";
import { Problem } from "./problem.ts";
import type { AuthoritySettings, Workload } from "./settings.ts";

/** Seconds by which the issuer's clock and this one may differ. */
const CLOCK_TOLERANCE = 30;

/** Finds the workload that a `Bearer` credential belongs to. */
export type Authenticator = (authorization: string | undefined) => Promise<Workload>;

/**
 * Authenticates workloads, in one of two ways: a static secret, of which only the hash is known here, or a token of the
 * configured OIDC issuer, such as a cluster's or a cloud's for its workloads.
 */
export function createAuthenticator({ workloads, oidc }: AuthoritySettings, clock: Clock): Authenticator {
  const fetching = { timeoutDuration: 5000, [customFetch]: fetchIssuerKeys(clock) };
  const keys = oidc && createRemoteJWKSet(new URL(oidc.jwksUri), fetching);

  return async (authorization) => {
    const credential = /^Bearer +([\x21-\x7e]{16,8192})$/i.exec(authorization ?? "")?.[1];
    if (credential === undefined) throw unauthenticated("A Bearer credential is required");
    if (!oidc || !keys || credential.split(".").length !== 3) return bySecret(workloads, credential);
    let subject: string | undefined;
    try {
      const { issuer, audience, algorithms, maxAge } = oidc;
      const { payload } = await jwtVerify(credential, keys, {
        issuer,
        audience,
        algorithms,
        requiredClaims: ["exp", "sub"],
        clockTolerance: CLOCK_TOLERANCE,
        ...(maxAge !== undefined && { maxTokenAge: maxAge }),
      });
      subject = payload.sub;
    } catch (error) {
      // A source that cannot be asked has not said no.
      if (!(error instanceof errors.JOSEError) || isSourceFailure(error)) {
        throw new Problem("unavailable", "The workload issuer's keys are temporarily unavailable", 5);
      }
      throw unauthenticated("The workload token is not accepted");
    }
    const found = workloads.find(({ oidcSubject }) => oidcSubject !== undefined && oidcSubject === subject);
    if (!found) throw unauthenticated("No workload is registered for this token");
    return found;
  };
}

/** Compares with every workload's hash in the same time, whichever fits. */
function bySecret(workloads: readonly Workload[], secret: string): Workload {
  const hash = createHash("sha256").update(secret).digest();
  let found: Workload | undefined;
  for (const workload of workloads) {
    if (workload.secretSha256 === undefined) continue;
    if (timingSafeEqual(Buffer.from(workload.secretSha256, "hex"), hash)) found = workload;
  }
  if (!found) throw unauthenticated("The credential is not accepted");
  return found;
}

/** jose reports a key set that answers with anything but 200 or with no JSON as its bare base error. */
function isSourceFailure(error: errors.JOSEError): boolean {
  return (
    error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error.code === "ERR_JOSE_GENERIC"
  );
}

function unauthenticated(message: string): Problem {
  return new Problem("unauthenticated", message);
}
