import {
  AttestationVerifier,
  type StatusReference,
  type StatusSource,
  type TrustedIssuer,
  type VerifierOptions,
} from "@attest/core";
import type { TestAuthority } from "@attest/core/testing";

export const LIST = "https://authority.example/status/1";
const request = { kind: "message", method: "tools/call" } as const;

/** A source of statuses that answers as the test says, and remembers what it was asked. */
export function statusesOf(answer: (status: StatusReference) => unknown = () => "valid") {
  const asked: string[] = [];
  const check = (issuer: string, status: StatusReference) => {
    asked.push(`${issuer} ${status.uri} ${status.idx}`);
    return answer(status) as "valid";
  };
  return { asked, source: { check } satisfies StatusSource };
}

/** A verifier that knows one list of the authority. */
export function verifierWith(
  { verifierOptions }: TestAuthority,
  statusSource: StatusSource,
  { trusted, ...options }: Partial<VerifierOptions> & { trusted?: Partial<TrustedIssuer> } = {},
): AttestationVerifier {
  const [issuer] = verifierOptions.trustedIssuers;
  const trustedIssuers = [{ ...issuer, statusLists: [LIST], ...trusted }] as const;
  return new AttestationVerifier({ ...verifierOptions, trustedIssuers, statusSource, ...options });
}

/** Another trusted issuer. */
export function anotherIssuer({ authorityKey }: TestAuthority, statusLists: readonly [string]): TrustedIssuer {
  const issuer = "https://b.example";
  return { issuer, trustLevel: "provider", trustDomains: ["b.example"], keys: [authorityKey.toJwk()], statusLists };
}

/** What comes of one use of an attestation: the code of its refusal, or its outcome. */
export async function useOf(authority: TestAuthority, verifier: AttestationVerifier, token: string): Promise<string> {
  const proof = await authority.prove(token, request);
  const result = await verifier.verify(token, { proof, ...request });
  return "code" in result ? result.code : result.outcome;
}
