import { decodeBase64url, decodeStrictJson, isJsonObject, isKid, type SigningAlgorithm } from "@attest/core";
import { statusListError } from "../codec/status-list-error.ts";

/** `typ` of a status list token (Token Status List §5.1). */
export const STATUS_LIST_TYP = "statuslist+jwt";
/** Its media type. */
export const STATUS_LIST_MEDIA_TYPE: string = `application/${STATUS_LIST_TYP}`;

/** A status list token as it is written; nothing of it is verified. */
export interface StrictToken {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signingInput: Uint8Array;
  readonly signature: Uint8Array;
}

const HEADER_MEMBERS: readonly string[] = ["typ", "alg", "kid"];
const ALGORITHMS: ReadonlyMap<unknown, SigningAlgorithm> = new Map([
  ["Ed25519", "Ed25519"],
  ["EdDSA", "Ed25519"],
  ["ES256", "ES256"],
]);
const SIGNATURE_BYTES = 64;

/**
 * Reads a compact JWS as strictly as attestations are read: canonical base64url, strict JSON, and no header member but
 * `typ`, `alg` and `kid`, which rules out `crit`, `b64`, `jwk` and `x5u` without naming them.
 *
 * @throws AttestationError `ERR_REVOCATION_UNAVAILABLE`.
 */
export function readStrictToken(body: Uint8Array): StrictToken {
  const first = body.indexOf(DOT);
  const second = body.indexOf(DOT, first + 1);
  if (first < 0 || second < 0 || body.includes(DOT, second + 1)) throw statusListError("is not a compact JWS");
  const header = readObject(body.subarray(0, first));
  const claims = readObject(body.subarray(first + 1, second));
  const signature = decodeBase64url(textOf(body.subarray(second + 1)));
  if (signature?.length !== SIGNATURE_BYTES) throw statusListError("has no signature of 64 bytes");
  if (header["typ"] !== STATUS_LIST_TYP) throw statusListError(`has a \`typ\` other than ${STATUS_LIST_TYP}`);
  if (!Object.keys(header).every((member) => HEADER_MEMBERS.includes(member))) {
    throw statusListError("has header members other than `typ`, `alg` and `kid`");
  }
  const { kid, alg } = header;
  const algorithm = ALGORITHMS.get(alg);
  if (!algorithm) throw statusListError("has an `alg` other than Ed25519, EdDSA and ES256");
  if (!isKid(kid)) throw statusListError("has no `kid` of 1–256 visible ASCII characters");
  return { kid, algorithm, claims, signingInput: body.subarray(0, second), signature };
}

const DOT = 0x2e;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A segment as text. Whatever is not ASCII is nothing of base64url, and is refused when that is decoded. */
function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

function readObject(segment: Uint8Array): Record<string, unknown> {
  const bytes = decodeBase64url(textOf(segment));
  const { value } = bytes ? decodeStrictJson(bytes) : { value: undefined };
  if (!isJsonObject(value)) {
    throw statusListError("has a part that is not a JSON object in canonical base64url");
  }
  return value as Record<string, unknown>;
}
