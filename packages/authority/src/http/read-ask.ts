import { decodeStrictJson, isJsonObject } from "@attest/core";
import { Problem } from "../problem.ts";

/** Another form of identity than the rule's own, as clients of 0.2.0 name it. */
export interface AskedIdentity {
  readonly model_family: string;
  readonly model_version: string;
  readonly provider: string;
  readonly deployment_id?: string;
  readonly enterprise?: { readonly org_id: string; readonly workload_id: string; readonly deployment_env: string };
}

/** What a workload asks a challenge for. */
export interface ChallengeAsk {
  readonly rule?: string;
  readonly confirmation_key?: Readonly<Record<string, unknown>>;
}

/** What a workload asks an attestation for. */
export interface AttestationAsk {
  readonly rule?: string;
  readonly confirmation_key: Readonly<Record<string, unknown>>;
  readonly possession: { readonly challenge: string; readonly signature: string };
  readonly audience?: string;
  readonly identity?: AskedIdentity;
}

type Check = (value: unknown) => boolean;
/** Members by their names; those with a `?` at the end may be absent. */
type Shape = { readonly [member: string]: Check | Shape };
/** A shape as it is read, made once. */
type Members = ReadonlyMap<string, { readonly optional: boolean; readonly expected: Check | Members }>;

const text =
  (most: number): Check =>
  (value) =>
    typeof value === "string" && value.length > 0 && value.length <= most;
const object: Check = isJsonObject;

function membersOf(shape: Shape): Members {
  const members = Object.entries(shape).map(([name, expected]) => {
    const member = {
      optional: name.endsWith("?"),
      expected: typeof expected === "function" ? expected : membersOf(expected),
    };
    return [name.replace("?", ""), member] as const;
  });
  return new Map(members);
}

const CHALLENGE = membersOf({ "rule?": text(64), "confirmation_key?": object });
const ATTESTATION = membersOf({
  "rule?": text(64),
  confirmation_key: object,
  possession: { challenge: text(256), signature: text(256) },
  "audience?": text(2048),
  "identity?": {
    model_family: text(256),
    model_version: text(256),
    provider: text(256),
    "deployment_id?": text(256),
    "enterprise?": { org_id: text(256), workload_id: text(256), deployment_env: text(256) },
  },
});

/** Reads a request for a challenge. An empty body asks for nothing in particular. @throws Problem `invalid_request`. */
export function readChallengeAsk(body: Uint8Array): ChallengeAsk {
  return body.length === 0 ? {} : (read(body, CHALLENGE) as ChallengeAsk);
}

/** Reads a request for an attestation. @throws Problem `invalid_request`. */
export function readAttestationAsk(body: Uint8Array): AttestationAsk {
  return read(body, ATTESTATION) as unknown as AttestationAsk;
}

/** Strictly: no duplicate members (T10), no unknown ones. */
function read(body: Uint8Array, shape: Members): object {
  const json = decodeStrictJson(body);
  if (json.problem) throw new Problem("invalid_request", "The body is not strict JSON in UTF-8");
  check(json.value, shape, "");
  return json.value as object;
}

function check(value: unknown, shape: Members, place: string): void {
  if (!object(value)) throw wrong(place);
  const members = value as Record<string, unknown>;
  for (const name of Object.keys(members)) if (!shape.has(name)) throw wrong(place);
  for (const [name, { optional, expected }] of shape) {
    if (!Object.hasOwn(members, name)) {
      if (!optional) throw wrong(placeOf(name, place));
    } else if (typeof expected !== "function") {
      check(members[name], expected, placeOf(name, place));
    } else if (!expected(members[name])) {
      throw wrong(placeOf(name, place));
    }
  }
}

function placeOf(member: string, place: string): string {
  return place === "" ? member : `${place}.${member}`;
}

/** Names places by what is known here alone, so that nothing of the request is repeated. */
function wrong(place: string): Problem {
  return new Problem("invalid_request", `The body is not as it should be${place === "" ? "" : `, at ${place}`}`);
}
