import {
  AttestationError,
  createDelegation,
  createProof,
  DECLARED_VERSION,
  HTTP_FIELDS,
  KeyPair,
  type ProofRequest,
} from "@attest/core";
import { UsageError } from "../exit.ts";
import { isBearer } from "../input/agent-options.ts";

/** What a client presents, in one of the two ways of presenting it. */
export type ClientCredentials =
  | { readonly profile: "bearer"; readonly attestation: string }
  | { readonly profile: "bound"; readonly attestation: string; readonly signer: KeyPair; readonly audience: string };

/**
 * Puts credentials together from what the user gave.
 *
 * @throws UsageError if something is missing.
 */
export function credentialsFrom(
  attestation: string,
  signer: KeyPair | undefined,
  audience: string | undefined,
): ClientCredentials {
  if (isBearer(attestation)) return { profile: "bearer", attestation };
  if (!signer || audience === undefined) {
    throw new UsageError("--attestation is bound to a key: give --holder-key and --audience too");
  }
  return { profile: "bound", attestation, signer, audience };
}

/** Credentials of a sub-agent that may do nothing that has a name; `undefined` if nobody may delegate these. */
export async function delegateTo(
  credentials: Extract<ClientCredentials, { profile: "bound" }>,
): Promise<ClientCredentials | undefined> {
  const { attestation: parent, signer: parentKey, audience } = credentials;
  const signer = await KeyPair.generate();
  try {
    const attestation = await createDelegation({
      parent,
      signer: parentKey,
      confirmationKey: signer.toJwk(),
      audience,
      allow: {},
      name: "attest doctor",
    });
    return { ...credentials, attestation, signer };
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

/** The client's `security.attestation` at `initialize`; only a bearer attestation travels in it. */
export function capabilityFor(credentials: ClientCredentials | undefined): object {
  if (credentials?.profile !== "bearer") return { version: DECLARED_VERSION.attestation };
  return {
    version: DECLARED_VERSION.bearer,
    token: credentials.attestation,
    supported_algorithms: ["EdDSA"],
    attestation_types: ["provider", "enterprise"],
  };
}

/** The HTTP fields for one request; none for a bearer attestation, which is not carried there. */
export async function fieldsFor(
  credentials: ClientCredentials | undefined,
  request: Extract<ProofRequest, { kind: "http" }>,
  bound: { accessToken?: string | undefined; sessionId?: string; ticketKey?: string },
): Promise<Record<string, string>> {
  if (credentials?.profile !== "bound") return {};
  const { attestation, signer, audience } = credentials;
  const { accessToken, sessionId, ticketKey } = bound;
  const proof = await createProof({
    attestation,
    signer,
    audience,
    request,
    ...(accessToken !== undefined && { accessToken }),
    ...(sessionId !== undefined && { sessionId }),
    ...(ticketKey !== undefined && { ticketKey }),
  });
  return { [HTTP_FIELDS.attestation]: attestation, [HTTP_FIELDS.proof]: proof };
}
