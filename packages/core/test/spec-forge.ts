import type { KeyPair } from "@attest/core";

/** A compact JWS over whatever one likes, which no honest issuer would sign. */
export async function forge(header: object, payload: object, key: Pick<KeyPair, "sign">): Promise<string> {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${Buffer.from(await key.sign(Buffer.from(input))).toString("base64url")}`;
}

/** The header and payload of a token, believed in no part. */
export function takeApart(token: string): { header: Record<string, unknown>; payload: Record<string, unknown> } {
  const [header = "", payload = ""] = token.split(".");
  const decode = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString());
  return { header: decode(header), payload: decode(payload) };
}
