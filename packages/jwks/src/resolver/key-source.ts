import { importVerificationKey, optionError } from "@attest/core";
import type { ParsedDocument } from "@attest/remote-documents";
import type { ImportKey, KeySet } from "./key-set.ts";
import { readBundle } from "./read-bundle.ts";
import { readJwks } from "./read-jwks.ts";

/** Where the keys of an issuer are published. No URL comes from anywhere else (T5). */
export type KeySource = {
  /**
   * Reads a key of the set. Default: `importVerificationKey`, which takes Ed25519 and P-256 keys. A bundle needs that of a
   * foreign format, such as `spiffeJwtSvid.importKey`; `withRemoteKeys` takes it from the issuer's `formats`.
   */
  readonly importKey?: ImportKey;
} & (
  | {
      /** The URL of a JWK set (RFC 7517 §5). */
      readonly jwksUri: string;
      readonly bundle?: never;
    }
  | {
      /**
       * The URL of a SPIFFE bundle (SPIFFE Trust Domain and Bundle §4, endpoint profile `https_web`). Its keys for JWT-SVIDs
       * and WIT-SVIDs are used, each for tokens of its own kind; all others are passed over.
       */
      readonly bundle: string;
      readonly jwksUri?: never;
    }
);

/** The kind of document that an issuer publishes its keys in. */
interface Kind {
  readonly document: "JWKS" | "bundle";
  readonly accept: string;
  read(body: Uint8Array, maxKeys: number, importKey: ImportKey): Promise<ParsedDocument<KeySet>>;
}

/** By the option that names the URL. */
const KINDS: Readonly<Record<"jwksUri" | "bundle", Kind>> = {
  jwksUri: { document: "JWKS", accept: "application/jwk-set+json, application/json", read: readJwks },
  bundle: { document: "bundle", accept: "application/json", read: readBundle },
};

/** A key source as configured. The URL is not checked yet. */
export interface ConfiguredSource extends Kind {
  readonly urlOption: string;
  readonly url: string;
  readonly importKey: ImportKey;
}

/**
 * Reads the source of an issuer.
 *
 * @param option What an error calls it. @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function configureSource(option: string, source: KeySource): ConfiguredSource {
  if (typeof source !== "object" || source === null) throw optionError(option, "must have a jwksUri or a bundle");
  const unknown = Object.keys(source).find((name) => !(name in KINDS) && name !== "importKey");
  if (unknown !== undefined) throw optionError(`${option}.${unknown}`, "is not an option of a key source");
  const { jwksUri, bundle, importKey = importVerificationKey } = source;
  if ((jwksUri === undefined) === (bundle === undefined)) {
    throw optionError(option, "must have either a jwksUri or a bundle");
  }
  if (bundle !== undefined && source.importKey === undefined) {
    throw optionError(
      `${option}.bundle`,
      "needs a format whose tokens its keys sign: formats: [spiffeJwtSvid] of @attest/core/formats/spiffe-jwt-svid for a " +
        "trusted issuer, or the importKey of such a format",
    );
  }
  if (typeof importKey !== "function") throw optionError(`${option}.importKey`, "must be a function");
  const name = jwksUri === undefined ? "bundle" : "jwksUri";
  return { ...KINDS[name], urlOption: `${option}.${name}`, url: source[name] as string, importKey };
}
