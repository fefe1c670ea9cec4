import { createHash, timingSafeEqual } from "node:crypto";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import { Problem } from "./problem.ts";
import type { AuthoritySettings, Workload } from "./settings.ts";

/** Finds the workload that a `Bearer` credential belongs to. */
export type Authenticator = (authorization: string | undefined) => Promise<Workload>;

/**
 * Authenticates workloads, in one of two ways: a static secret, of which only the hash is known here, or a token of the
 * configured OIDC issuer, such as a cluster's or a cloud's for its workloads.
 */
export function createAuthenticator({ workloads, oidc }: AuthoritySettings): Authenticator {
  const keys = oidc && createRemoteJWKSet(new URL(oidc.jwksUri), { timeoutDuration: 5000 });

  return async (authorization) => {
    const credential = /^Bearer +([\x21-\x7e]{16,8192})$/i.exec(authorization ?? "")?.[1];
    if (credential === undefined) throw unauthenticated("A Bearer credential is required");
    if (!oidc || !keys || credential.split(".").length !== 3) return bySecret(workloads, credential);
    let subject: string | undefined;
    try {
      const { issuer, audience, algorithms } = oidc;
      const requiredClaims = ["exp", "sub"];
      const { payload } = await jwtVerify(credential, keys, { issuer, audience, algorithms, requiredClaims });
      subject = payload.sub;
    } catch (error) {
      // Whoever cannot be asked has not said no.
      if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout || isFetchFailure(error)) {
        throw new Problem("unavailable", "The workload issuer's keys cannot be had at the moment", 5);
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
function isFetchFailure(error: errors.JOSEError): boolean {
  return error.code === "ERR_JOSE_GENERIC";
}

function unauthenticated(message: string): Problem {
  return new Problem("unauthenticated", message);
}
