import type { AttackCredentials } from "@attest/attacks";
import { AttestationIssuer } from "@attest/core";
import { UsageError } from "../exit.ts";
import { type IdentityOptions, readIdentity } from "../input/identity-options.ts";
import { readCredentialFile } from "../input/read-input.ts";
import { readPrivateKey, readPublicKey } from "../input/read-keys.ts";

/** What a tester has, as options. */
export interface AttackCredentialOptions extends IdentityOptions {
  readonly issuer?: string;
  readonly key?: string;
  readonly attestation?: string;
  readonly holderKey?: string;
  readonly issuerKey?: string;
  readonly bearer?: boolean;
}

/**
 * What a tester has, as the attack suite takes it: a lab authority's key, or one attestation and its key.
 *
 * @throws UsageError if it is neither.
 */
export async function readAttackCredentials(options: AttackCredentialOptions): Promise<AttackCredentials> {
  const { issuer, key, attestation, holderKey, issuerKey, bearer } = options;
  if (key !== undefined && issuer !== undefined) {
    if (attestation !== undefined || holderKey !== undefined || issuerKey !== undefined) {
      throw new UsageError("give --key, or --attestation with --holder-key and --issuer-key, not both");
    }
    const authority = await readPrivateKey(key, "--key");
    const provider = new AttestationIssuer({ issuer, signer: authority });
    const about = readIdentity(options);
    return {
      authority,
      attest: ({ confirmationKey, audience }) =>
        provider.createToken({ ...about, confirmationKey, ...(audience !== undefined && { audience }) }),
      ...(bearer && {
        attestBearer: ({ audience }: { audience: string }) =>
          provider.createToken({ ...about, bearer: true, audience }),
      }),
    };
  }
  if (bearer) throw new UsageError("--bearer needs --issuer and --key");
  if (attestation === undefined || holderKey === undefined) {
    throw new UsageError("Give --issuer and --key of a lab authority, or --attestation and --holder-key");
  }
  return {
    attestation: await readCredentialFile(attestation, "--attestation"),
    signer: await readPrivateKey(holderKey, "--holder-key"),
    ...(issuerKey !== undefined && { issuerKey: await readPublicKey(issuerKey, "--issuer-key") }),
  };
}
