import { AttestationError, optionError } from "@attest/core";
import type { FetchLike } from "../attest-fetch.ts";
import type { CredentialAsk } from "../http-source.ts";

/** What every platform's callback takes. */
export interface EvidenceOptions {
  /** The name of the authority at the platform: `audience` of its configuration. */
  readonly audience: string;
  /**
   * Ask for a token that is good for the agent's key alone, `<audience>#<thumbprint>`. Default true. With false it is one for
   * the bare audience, which an authority with `keyBound` refuses.
   */
  readonly keyBound?: boolean;
}

/** Bytes of a platform's answer. */
const MAX_ANSWER = 65_536;

/** The audience to ask a platform for. */
export function audienceFor({ audience, keyBound = true }: EvidenceOptions, { keyThumbprint }: CredentialAsk): string {
  return keyBound ? `${audience}#${keyThumbprint}` : audience;
}

/** @throws AttestationError `ERR_OPTION`. */
export function assertEvidenceOptions({ audience, keyBound }: EvidenceOptions): void {
  if (typeof audience !== "string" || !/^[\x21-\x7e]{1,512}$/.test(audience) || audience.includes("#")) {
    throw optionError("audience", "must be 1–512 visible ASCII characters other than #");
  }
  if (keyBound !== undefined && typeof keyBound !== "boolean") throw optionError("keyBound", "must be true or false");
}

/**
 * Asks a platform over HTTP, without following redirects, and reads its JSON.
 *
 * @throws AttestationError `ERR_SOURCE_UNAVAILABLE`, which names the platform and the status and repeats nothing else.
 */
export async function askPlatform(
  platform: string,
  url: URL,
  init: RequestInit,
  send: FetchLike = (target, options) => fetch(target, options),
): Promise<Record<string, unknown>> {
  let response: Response;
  let text: string;
  try {
    response = await send(url, { ...init, redirect: "manual" });
    text = await response.text();
  } catch {
    throw noToken(`${platform} could not be reached for a token`);
  }
  if (!response.ok) throw noToken(`${platform} answered HTTP ${response.status} to a request for a token`);
  try {
    if (text.length > MAX_ANSWER) throw new Error();
    return JSON.parse(text);
  } catch {
    throw noToken(`${platform} answered with no JSON to a request for a token`);
  }
}

/** The token in an answer. @throws AttestationError `ERR_SOURCE_UNAVAILABLE`. */
export function tokenIn(platform: string, token: unknown): string {
  if (typeof token === "string" && token !== "") return token;
  throw noToken(`${platform} answered without a token`);
}

function noToken(message: string): AttestationError {
  return new AttestationError("ERR_SOURCE_UNAVAILABLE", message);
}
