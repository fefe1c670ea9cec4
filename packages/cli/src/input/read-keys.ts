import { stat } from "node:fs/promises";
import {
  AttestationError,
  decodeStrictJson,
  isJsonObject,
  KeyPair,
  type PrivateJwk,
  type PublicJwk,
} from "@attest/core";
import { UsageError } from "../exit.ts";
import { paint } from "../terminal/paint.ts";
import { readInput } from "./read-input.ts";

type Jwk = Readonly<Record<string, unknown>>;

/**
 * Reads a private key, a JWK in a file or on stdin.
 *
 * @throws UsageError naming the option; its message repeats nothing of the key.
 */
export async function readPrivateKey(source: string, option: string): Promise<KeyPair> {
  const jwk = await readJwk(source, option);
  if (typeof jwk["d"] !== "string") {
    throw new UsageError(`${option}: ${source} holds no private key; create one with \`attest keygen\``);
  }
  await warnIfReadableByOthers(source);
  return toKeyPair(jwk, source, option);
}

/**
 * Reads the public half of a key, of a file that holds either a public or a private JWK.
 *
 * @throws UsageError naming the option.
 */
export async function readPublicKey(source: string, option: string): Promise<PublicJwk> {
  const jwk = await readJwk(source, option);
  return "d" in jwk ? (await toKeyPair(jwk, source, option)).toJwk() : (jwk as unknown as PublicJwk);
}

/**
 * Reads the public keys of an issuer: a JWK Set, or one public JWK.
 *
 * @throws UsageError naming the option.
 */
export async function readKeySet(source: string, option: string): Promise<readonly PublicJwk[]> {
  const value = await readJson(source, option);
  const keys = "keys" in value ? value["keys"] : [value];
  if (!Array.isArray(keys) || keys.length === 0) throw new UsageError(`${option}: ${source} holds no keys`);
  return keys;
}

async function readJwk(source: string, option: string): Promise<Jwk> {
  const value = await readJson(source, option);
  if ("keys" in value) throw new UsageError(`${option}: ${source} is a key set; give a single key (JWK)`);
  return value;
}

async function readJson(source: string, option: string): Promise<Jwk> {
  const { value } = decodeStrictJson(await readInput(source, option));
  if (isJsonObject(value)) return value as Jwk;
  throw new UsageError(`${option}: ${source} is not a JSON object without repeated members`);
}

async function toKeyPair(jwk: Jwk, source: string, option: string): Promise<KeyPair> {
  try {
    return await KeyPair.fromJwk(jwk as unknown as PrivateJwk);
  } catch (error) {
    if (error instanceof AttestationError) throw new UsageError(`${option}: ${source}: ${error.message}`);
    throw error;
  }
}

async function warnIfReadableByOthers(source: string): Promise<void> {
  if (source === "-" || process.platform === "win32") return;
  const { mode } = await stat(source);
  if ((mode & 0o077) === 0) return;
  const warning = paint("yellow", "Warning:", process.stderr);
  console.error(`${warning} other users can read the private key in ${source}; run chmod 600 on it.`);
}
