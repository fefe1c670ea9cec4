import { encodeBase64url } from "@attest/core";

/** A part of a token: a value to be written as JSON, the text itself, or the bytes themselves. */
export type TokenPart = Readonly<Record<string, unknown>> | string | Uint8Array;

/** Signs anything as if it were a token: what `@attest/core` refuses to make. */
export async function signToken(
  header: TokenPart,
  payload: TokenPart,
  sign: (data: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<string> {
  const signingInput = `${encode(header)}.${encode(payload)}`;
  const signature = await sign(new TextEncoder().encode(signingInput));
  return `${signingInput}.${encodeBase64url(signature)}`;
}

function encode(part: TokenPart): string {
  if (part instanceof Uint8Array) return encodeBase64url(part);
  return encodeBase64url(new TextEncoder().encode(typeof part === "string" ? part : JSON.stringify(part)));
}
