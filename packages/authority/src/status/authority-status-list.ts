import { optionError } from "@attest/core";
import type { StatusListPublisher } from "@attest/status-list";
import type { Rules } from "../rules/configure-rules.ts";
import { pathBelow } from "./path-below.ts";

/** A list in which attestations are revoked: a `StatusListPublisher` of `@attest/status-list`. */
export type AuthorityStatusList = Pick<
  StatusListPublisher,
  "uri" | "issuer" | "maxLifetime" | "allocate" | "revoke" | "reinstate" | "token" | "handler"
>;

const METHODS = ["allocate", "revoke", "reinstate", "token", "handler"] as const;

/** Paths below the authority's address that are not free for a list. */
const TAKEN: ReadonlySet<string> = new Set([
  "",
  "attestations",
  "attestations/challenge",
  "token",
  ".well-known/jwks.json",
  "health",
]);

/** Asserts that a list is one of this authority's. @throws AttestationError `ERR_OPTION`, naming the option. */
export function assertStatusList(
  list: AuthorityStatusList,
  of: { issuer: string; bases: readonly URL[]; evidence: object; rules: Rules; tokenLifetime: number },
): void {
  if (METHODS.some((method) => typeof list[method] !== "function")) {
    throw optionError("statusList", "must be a StatusListPublisher");
  }
  if (list.issuer !== of.issuer) throw optionError("statusList", `must be a list of ${of.issuer}`);
  if (TAKEN.has(pathBelow(of.bases, new URL(list.uri).pathname))) {
    throw optionError("statusList", "must have a URI with a path of its own, such as /status/1");
  }
  // Else two workloads could have one name.
  if (Object.keys(of.evidence).some((name) => name.includes("/"))) {
    throw optionError("evidence", "must have names without a slash where there is a status list");
  }
  const longest = Math.max(...of.rules.all.map(({ attest }) => attest.lifetime ?? of.tokenLifetime));
  if (longest > list.maxLifetime) {
    throw optionError("statusList", `must have a maxLifetime of at least ${longest}, as the rules' attestations`);
  }
}
