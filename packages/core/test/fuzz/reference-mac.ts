// What must hold of a MAC proof that is accepted: read from SPEC.md §19, checked with node:crypto and plain code.
import { createDecipheriv, createHash, createHmac, hkdfSync } from "node:crypto";
import { type ReferenceTrust, readReferenceBase64url, referenceCanonical } from "./reference-verifier.ts";

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest();
const base64url = (data: Uint8Array) => Buffer.from(data).toString("base64url");
const isOf = (text: string, least: number, most: number) =>
  text.length >= least && text.length <= most && [...text].every((char) => /[A-Za-z0-9_-]/.test(char));

/** What a ticket of this ring seals. */
function openReference(ring: readonly Uint8Array[], ticket: string): Buffer | undefined {
  const bytes = readReferenceBase64url(ticket);
  if (bytes?.length !== 153 || bytes[0] !== 1) return undefined;
  for (const secret of ring) {
    const id = Buffer.from(hkdfSync("sha256", secret, "", "io.github.attest/ticket-id/1", 8));
    if (!id.equals(bytes.subarray(1, 9))) continue;
    const sealing = Buffer.from(
      hkdfSync("sha256", secret, bytes.subarray(9, 33), "io.github.attest/ticket-seal/1", 44),
    );
    const cipher = createDecipheriv("aes-256-gcm", sealing.subarray(0, 32), sealing.subarray(32));
    cipher.setAAD(bytes.subarray(0, 33));
    cipher.setAuthTag(bytes.subarray(137));
    try {
      return Buffer.concat([cipher.update(bytes.subarray(33, 137)), cipher.final()]);
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** The ten lines of a MAC over a message without session or access token. */
export function referenceLines(
  [ticket = "", iat = "", jti = "", digest = ""]: readonly string[],
  token: string,
  audience: string,
): string {
  const [first, second] = [base64url(sha256(ticket)), base64url(sha256(token))];
  return ["io.github.attest/mac/1", first, second, audience, iat, jti, "mcp", digest, "-", "-"].join("\n");
}

/**
 * Why this MAC proof must not be accepted for a message; `undefined` if nothing is known against it.
 *
 * @param holder Thumbprint of the attested key.
 */
export function objectionToMac(
  { now, audience, ring, holder }: Pick<ReferenceTrust, "now" | "audience"> & { ring: Uint8Array[]; holder: string },
  token: string,
  proof: string,
  request: { method: string; params: object },
): string | undefined {
  const [form, ...fields] = proof.split("~");
  const [ticket = "", iat = "", jti = "", digest = "", mac = ""] = fields;
  if (proof.length > 1024 || form !== "mac1" || fields.length !== 5) return "the form";
  if (!isOf(ticket, 64, 512) || !isOf(jti, 16, 64) || !isOf(digest, 43, 43)) return "the fields";
  if (String(Number(iat)) !== iat || !Number.isSafeInteger(Number(iat)) || Number(iat) < 0) return "the time's form";
  const content = openReference(ring, ticket);
  if (!content) return "the ticket";
  if (content.readBigUInt64BE(96) <= BigInt(now)) return "the ticket's time";
  const named = audience.find((name) => sha256(name).equals(content.subarray(64, 96)));
  if (named === undefined) return "the ticket's audience";
  if (base64url(content.subarray(32, 64)) !== holder) return "the ticket's holder";
  if (Number(iat) < now - 90 || Number(iat) > now + 30) return "the time";
  const lines = referenceLines(fields, token, named);
  if (createHmac("sha256", content.subarray(0, 32)).update(lines).digest("base64url") !== mac) return "the MAC";
  return digest === base64url(sha256(referenceCanonical(request) ?? "")) ? undefined : "the digest";
}
