import { AttestationIssuer } from "./attestation-issuer.ts";

/** @deprecated Since 0.3 it is called `AttestationIssuer`. This name will be removed in the version after. */
export const AttestationProvider: typeof AttestationIssuer = AttestationIssuer;
/** @deprecated Since 0.3 it is called `AttestationIssuer`. This name will be removed in the version after. */
export type AttestationProvider = AttestationIssuer;
