import { type ClaimReader, LONG_IDENTIFIER } from "./claim-reader.ts";

/** Where the status of an attestation is found: its claim `status.status_list`. */
export interface StatusReference {
  /** The URI of a status list, compared byte for byte. */
  readonly uri: string;
  /** The index in that list. */
  readonly idx: number;
}

/** Where it is published whether a token was revoked: the claim `status` of IETF Token Status Lists. */
export interface StatusClaim {
  /** The list and the index in it. */
  readonly statusList: StatusReference;
}

/** Reads `status`. Means of revocation other than status lists are ignored, as claims that are not known. */
export function readStatus(reader: ClaimReader): StatusClaim | undefined {
  const list = reader.optionalObject("status")?.optionalObject("status_list");
  if (!list) return undefined;
  const statusList = { idx: list.index("idx"), uri: list.text("uri", LONG_IDENTIFIER) };
  return Object.freeze({ statusList: Object.freeze(statusList) });
}

/** The wire form of the claim `status`. */
export function writeStatus({ statusList: { idx, uri } }: StatusClaim): Record<string, unknown> {
  return { status_list: { idx, uri } };
}
