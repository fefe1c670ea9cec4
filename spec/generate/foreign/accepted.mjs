// What a verifier says of an honest JWT-SVID, and of an honest WIT.
import { agent } from "../common/baseline.mjs";
import { thumbprint } from "../common/test-keys.mjs";
import { SPIRE, WORKLOAD } from "../common/workloads.mjs";

const verified = { outcome: "verified", trustLevel: "enterprise", issuer: SPIRE, subject: WORKLOAD };
export const asSvid = { ...verified, format: "spiffe-jwt-svid", proof: "none" };
export const asWit = { ...verified, format: "wimse-wit", proof: "signature", keyThumbprint: thumbprint(agent.jwk) };
