import { readFile } from "node:fs/promises";
import { isAbsoluteUri } from "@attest/core";
import { z } from "zod";

const uri = z.string().refine(isAbsoluteUri, "must be an absolute URI");

const issuer = z
  .strictObject({
    issuer: uri,
    trustLevel: z.enum(["enterprise", "provider"]),
    trustDomains: z.tuple([z.string()], z.string()),
    /** Its public keys, as JWKs. */
    keys: z.array(z.record(z.string(), z.unknown())).min(1).optional(),
    /** Or where it publishes them. */
    jwksUri: z.url({ protocol: /^https?$/ }).optional(),
    /** Whether what a provider says inside its attestations is verified too: of an enterprise only. */
    nested: z.boolean().optional(),
    /** Its status lists, asked about every attestation of it: one that has no status in them is refused. */
    statusLists: z.tuple([z.url({ protocol: /^https?$/ })], z.url({ protocol: /^https?$/ })).optional(),
  })
  .refine(({ keys, jwksUri }) => (keys === undefined) !== (jwksUri === undefined), "needs either keys or jwksUri");

const settings = z
  .strictObject({
    /** The bank's resource identifier, as its clients have it configured. */
    audience: uri,
    issuers: z.array(issuer).min(1),
    policy: z.enum(["required", "preferred", "optional"]).default("required"),
    /** Processes behind one address. */
    replicas: z.int().min(1).max(64).default(1),
    /** Where the replicas remember used proofs together. Default: each process for itself, which only one may do. */
    redisUrl: z.url({ protocol: /^rediss?$/ }).optional(),
    host: z.string().min(1).default("127.0.0.1"),
    /** 0: any that is free. */
    port: z.int().min(0).max(65535).default(0),
    /** Fetch keys over plain HTTP and from this machine or a private network: for trying out, and for containers. */
    dangerouslyAllowLocalKeySources: z.boolean().default(false),
    /** Least seconds between fetches of a key set that unknown keys cause. */
    keyCooldown: z.int().min(1).max(3600).default(30),
    /** Longest that a status list is used without asking again, in seconds; its own `ttl` can shorten it. */
    statusPollInterval: z.int().min(1).max(86_400).default(300),
    /** Links of delegation that are accepted after an attestation. 0: no sub-agent is. */
    maxDelegationDepth: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4)]).default(0),
    /**
     * File with the keys of sub-agents that are refused, an RFC 7638 thumbprint a line. It is read for every message of a
     * sub-agent, so that a line takes effect at once on all replicas; while it cannot be read, all sub-agents are refused.
     */
    refusedSubAgents: z.string().min(1).optional(),
    /** Tools that demand a signature, where a MAC under a ticket would do otherwise. */
    signedTools: z.array(z.string().min(1)).default([]),
    /** File with what tools say of themselves, JSON by name, in the place of the bank's own words. A change takes effect at once over HTTP. */
    toolTexts: z.string().min(1).optional(),
    /** Secrets of the ticket ring, base64url of at least 32 bytes each: with replicas, no ticket is granted without one. */
    ticketRing: z
      .array(z.string().regex(/^[A-Za-z0-9_-]{43,}$/, "must be base64url of at least 32 bytes"))
      .min(1)
      .max(8)
      .optional(),
    /** File of a chained audit log of every decision; of several replicas each has its own, `<file>.<number>`. */
    auditLog: z.string().min(1).optional(),
  })
  .refine(({ replicas, redisUrl }) => replicas === 1 || redisUrl !== undefined, {
    error: "replicas need redisUrl: each for itself would accept every replay once",
    path: ["replicas"],
  });

/** All settings of the bank's server. */
export type ServerSettings = z.output<typeof settings>;
/** The same as it is written: what has a default may be left out. */
export type ServerSettingsInput = z.input<typeof settings>;

/**
 * Reads the settings: JSON in `ATTEST_SERVER`, or in the file that `ATTEST_SERVER_CONFIG` names. `ATTEST_SERVER_HOST`,
 * `ATTEST_SERVER_PORT` and `REDIS_URL` take precedence over it.
 *
 * @throws With a message that lists everything that is wrong, by its place.
 */
export async function readSettings(environment: NodeJS.ProcessEnv): Promise<ServerSettings> {
  const { ATTEST_SERVER: inline, ATTEST_SERVER_CONFIG: file, REDIS_URL: redisUrl } = environment;
  const { ATTEST_SERVER_HOST: host, ATTEST_SERVER_PORT: port } = environment;
  if (inline === undefined && file === undefined) {
    throw new Error("ATTEST_SERVER must hold the settings as JSON, or ATTEST_SERVER_CONFIG name a file of them");
  }
  let written: unknown;
  try {
    written = JSON.parse(inline ?? (await readFile(file ?? "", "utf8")));
  } catch (error) {
    // Without the cause: a parser quotes the text, which may hold the password of `redisUrl`.
    const { code = "malformed" } = error as NodeJS.ErrnoException;
    throw new Error(`The server's settings cannot be read as JSON (${code})`);
  }
  const result = settings.safeParse({
    ...(written as object),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: Number(port) }),
    ...(redisUrl !== undefined && { redisUrl }),
  });
  if (result.success) return result.data;
  throw new Error(`The server's settings are wrong:\n${z.prettifyError(result.error)}`);
}
