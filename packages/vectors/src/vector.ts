import { readFileSync } from "node:fs";
import { VECTORS_FOLDER } from "#folder";

/** The files of vectors, by the kind of question that each asks. */
export const FILES = {
  attestations: "verify",
  proofs: "verify",
  bearer: "verify",
  times: "verify",
  policies: "verify",
  sequences: "verify",
  replays: "verify",
  foreign: "verify",
  nested: "verify",
  delegations: "verify",
  statuses: "verify",
  tickets: "verify",
  keys: "key",
  digests: "digest",
  definitions: "definition",
  messages: "message",
  possession: "possession",
  authorization: "authorization",
  grants: "ticket",
  assertions: "assertion",
  guards: "guard",
  agents: "agent",
} as const;

/** The name of a file, without `.json`. */
export type FileName = keyof typeof FILES;

/** A vector as its file has it; README.md of the vectors describes the members of each kind. */
export interface Vector {
  /** Unique over all files, and the same in later versions. */
  readonly id: string;
  /** What it shows, in one sentence. */
  readonly title: string;
  readonly [member: string]: unknown;
}

/** A file of vectors. */
export interface VectorFile {
  /** The version of the files' form. */
  readonly format: 1;
  /** Configurations of verifiers by name, where the vectors need one. */
  readonly verifiers?: Readonly<Record<string, unknown>>;
  /** The vectors, in the order in which they are asked. */
  readonly vectors: readonly Vector[];
}

/**
 * Reads a file of vectors.
 *
 * @param name `attestations`, `proofs` and so on: a key of `FILES`.
 */
export function readVectors(name: FileName): VectorFile {
  return JSON.parse(readFileSync(new URL(`${name}.json`, VECTORS_FOLDER), "utf8"));
}
