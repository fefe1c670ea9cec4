import { decodeAttestation } from "@attest/core";
import { spiffeJwtSvid } from "@attest/core/formats/spiffe-jwt-svid";
import { wimseWit } from "@attest/core/formats/wimse-wit";

/** What kind of token of another ecosystem a text is; `undefined` if it is not one that can be read. */
export function foreignKindOf(text: string): "SPIFFE JWT-SVID" | "WIMSE WIT" | undefined {
  try {
    const { format, payload } = decodeAttestation(text, [spiffeJwtSvid, wimseWit]);
    if (format === wimseWit.name) return "WIMSE WIT";
    const { sub } = payload;
    // Any JWT could have the header of a JWT-SVID.
    const isSpiffe = typeof sub === "string" && sub.startsWith("spiffe://");
    return format === spiffeJwtSvid.name && isSpiffe ? "SPIFFE JWT-SVID" : undefined;
  } catch {
    return undefined;
  }
}
