import { createHash, createPublicKey } from "node:crypto";
import {
  AttestationError,
  importVerificationKey,
  isKid,
  optionError,
  type PublicJwk,
  refuseUnknownOptions,
  type Signer,
} from "@attest/core";
import { GetPublicKeyCommand, type KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { rawSignature } from "./raw-signature.ts";

/** Which key of AWS KMS signs. */
export interface AwsKmsSignerOptions {
  /** A `KMSClient` of `@aws-sdk/client-kms`. Its deadline and retries are those of every signature. */
  readonly client: KMSClient;
  /** Id, ARN or alias of an asymmetric key for signing, of the spec `ECC_NIST_EDWARDS25519` or `ECC_NIST_P256`. */
  readonly keyId: string;
  /** Default: the RFC 7638 thumbprint of the key. */
  readonly kid?: string;
}

/** What KMS takes as a message that it hashes itself, in bytes. Ed25519 needs that form. */
const MAX_RAW_BYTES = 4096;

/**
 * A signer whose key stays in AWS KMS. Its caller needs the rights to `kms:GetPublicKey` and `kms:Sign` for that key alone.
 *
 * Ed25519 (`ECC_NIST_EDWARDS25519`) signs at most 4,096 bytes: attestations, and no status list of more than some thousand
 * revocations. ES256 (`ECC_NIST_P256`) signs any length, and servers must be configured to accept it.
 *
 * Source: AWS KMS API Reference, Sign and GetPublicKey.
 *
 * @throws AttestationError `ERR_OPTION`, also for a key of another kind; `ERR_KEY_SOURCE_UNAVAILABLE`, which holds the name of
 * AWS's error, as does the signer.
 */
export async function awsKmsSigner(options: AwsKmsSignerOptions): Promise<Signer> {
  refuseUnknownOptions(options, { client: true, keyId: true, kid: true }, "an AWS KMS signer");
  const { client, keyId } = options;
  if (typeof client?.send !== "function") throw optionError("client", "must be a KMSClient of @aws-sdk/client-kms");
  if (typeof keyId !== "string" || keyId === "") throw optionError("keyId", "must be the id, ARN or alias of a key");
  if (options.kid !== undefined && !isKid(options.kid)) {
    throw optionError("kid", "must be 1–256 visible ASCII characters");
  }
  const found = await ask("told no public key", () => client.send(new GetPublicKeyCommand({ KeyId: keyId })));
  const algorithm = ({ ECC_NIST_EDWARDS25519: "Ed25519", ECC_NIST_P256: "ES256" } as const)[String(found.KeySpec)];
  if (!algorithm || !found.PublicKey) {
    throw optionError("keyId", "must be a key for signing of the spec ECC_NIST_EDWARDS25519 or ECC_NIST_P256");
  }
  const key = createPublicKey({ key: Buffer.from(found.PublicKey), format: "der", type: "spki" });
  const bare = key.export({ format: "jwk" }) as unknown as PublicJwk;
  const kid = options.kid ?? (await importVerificationKey(bare)).thumbprint;
  const jwk = Object.freeze({ ...bare, kid, use: "sig" }) as PublicJwk;
  const sign = async (input: { Message: Uint8Array; MessageType: "RAW" | "DIGEST"; SigningAlgorithm: string }) => {
    const command = new SignCommand({ KeyId: keyId, ...input } as ConstructorParameters<typeof SignCommand>[0]);
    const { Signature } = await ask("signed nothing", () => client.send(command));
    const raw = Signature && (algorithm === "Ed25519" ? Uint8Array.from(Signature) : rawSignature(Signature));
    if (raw?.length === 64) return raw;
    throw new AttestationError("ERR_KEY_SOURCE_UNAVAILABLE", "AWS KMS answered with something else than a signature");
  };
  return {
    kid,
    algorithm,
    toJwk: () => jwk,
    async sign(data) {
      if (algorithm === "ES256") {
        const Message = createHash("sha256").update(data).digest();
        return sign({ Message, MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" });
      }
      if (data.length > MAX_RAW_BYTES) {
        const message = `AWS KMS signs at most ${MAX_RAW_BYTES} bytes with Ed25519, and this is ${data.length}: use a key of ECC_NIST_P256`;
        throw new AttestationError("ERR_KEY_SOURCE_UNAVAILABLE", message);
      }
      return sign({ Message: data, MessageType: "RAW", SigningAlgorithm: "ED25519_SHA_512" });
    },
  };
}

/** Asks AWS. Of its error, only the name is reported. */
async function ask<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { name } = (error ?? {}) as { name?: unknown };
    const known = typeof name === "string" && /^[A-Za-z]{1,64}$/.test(name) ? ` (${name})` : "";
    throw new AttestationError("ERR_KEY_SOURCE_UNAVAILABLE", `AWS KMS ${what}${known}`);
  }
}
