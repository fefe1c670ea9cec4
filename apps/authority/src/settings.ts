import { readFile } from "node:fs/promises";
import { isAbsoluteUri } from "@attest/core";
import { z } from "zod";

const uri = z.string().refine(isAbsoluteUri, "must be an absolute URI");
const text = z.string().min(1).max(256);

const identity = z.strictObject({
  modelFamily: text,
  modelVersion: text,
  provider: text,
  deploymentId: text.optional(),
  enterprise: z.strictObject({ orgId: text, workloadId: text, deploymentEnv: text }).optional(),
});

const workload = z
  .strictObject({
    /** By which logs and limits know it. */
    id: z.string().regex(/^[a-z0-9-]{1,64}$/, "must be 1–64 of a–z, 0–9 and -"),
    /** Hex SHA-256 of its static secret, which the authority itself does not keep. */
    secretSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits")
      .optional(),
    /** `sub` of its tokens from the OIDC issuer. */
    oidcSubject: z.string().min(1).max(512).optional(),
    /** What it may be attested as; the first is what it gets when it asks for nothing in particular. */
    identities: z.tuple([identity], identity),
    /** A SPIFFE ID. Default: by the identity. */
    subject: uri.optional(),
    trustDomain: z.string().min(1).max(255).optional(),
    metadata: z
      .strictObject({
        attestationType: z.enum(["provider", "enterprise"]).optional(),
        safetyLevel: z.enum(["standard", "enhanced", "minimal"]).optional(),
        capabilitiesDeclared: z.array(text).max(64).optional(),
      })
      .default({}),
    /** The servers it may ask attestations for. Default: any. */
    audiences: z.array(uri).min(1).optional(),
  })
  .refine(({ secretSha256, oidcSubject }) => secretSha256 !== undefined || oidcSubject !== undefined, {
    error: "needs secretSha256 or oidcSubject, or nobody could be it",
  });

const settings = z
  .strictObject({
    issuer: uri,
    host: z.string().min(1).default("127.0.0.1"),
    port: z.int().min(0).max(65535).default(8470),
    /** Of an attestation, in seconds. */
    lifetime: z.int().min(30).max(3600).default(300),
    /** Directory of the signing keys. Default: new keys in memory at every start, for trying out. */
    keyDirectory: z.string().min(1).optional(),
    /** How signing keys change, in seconds; defaults as `RotatingKeyStore` has them. */
    keys: z
      .strictObject({
        rotateEvery: z.int().min(120).optional(),
        publishAhead: z.int().min(120).optional(),
        /** How long an attestation can live by the clock of the keys. Default: `lifetime`. */
        maxLifetime: z.int().min(30).max(3600).optional(),
      })
      .default({}),
    workloads: z.array(workload).min(1),
    oidc: z
      .strictObject({
        issuer: uri,
        jwksUri: z.url({ protocol: /^https?$/ }),
        /** What the tokens must be made out to: this authority, by the name it has at the issuer. */
        audience: z.string().min(1),
        algorithms: z
          .array(z.enum(["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]))
          .min(1)
          .default(["RS256", "ES256"]),
      })
      .optional(),
    /**
     * Header in which the proxy in front puts the address of its client, the last one where it lists several: by it,
     * strangers are told apart. Only behind a proxy that sets it itself. Default: the connection's own address.
     */
    addressHeader: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, "must be the name of a header")
      .optional(),
    /** Requests that one workload may make in a minute. */
    requestsPerMinute: z.int().min(1).default(120),
  })
  .superRefine(({ workloads, oidc }, context) => {
    for (const property of ["id", "secretSha256", "oidcSubject"] as const) {
      const values = workloads.map((one) => one[property]).filter((value) => value !== undefined);
      const twice = values.find((value, i) => values.indexOf(value) !== i);
      // A secret's hash is not repeated: it could be searched for.
      if (twice !== undefined) context.addIssue(`workloads: two of them have the same ${property}`);
    }
    if (!oidc && workloads.some(({ oidcSubject }) => oidcSubject !== undefined)) {
      context.addIssue("workloads: oidcSubject needs oidc to be configured");
    }
  });

/** Everything an authority is told. Durations are seconds. */
export type AuthoritySettings = z.output<typeof settings>;
/** The same as it is written: what has a default may be left out. */
export type AuthoritySettingsInput = z.input<typeof settings>;
export type Workload = AuthoritySettings["workloads"][number];

/**
 * Validates settings.
 *
 * @throws With a message that lists everything that is wrong, by its place.
 */
export function parseSettings(value: unknown): AuthoritySettings {
  const result = settings.safeParse(value);
  if (result.success) return result.data;
  throw new Error(`The authority's settings are wrong:\n${z.prettifyError(result.error)}`);
}

/**
 * Reads the settings from the JSON file that `AUTHORITY_CONFIG` names; `AUTHORITY_HOST`, `AUTHORITY_PORT` and
 * `AUTHORITY_KEY_DIRECTORY` take precedence over it.
 */
export async function readSettings(environment: NodeJS.ProcessEnv): Promise<AuthoritySettings> {
  const file = environment["AUTHORITY_CONFIG"];
  if (file === undefined) throw new Error("AUTHORITY_CONFIG must name the authority's JSON settings file");
  let written: unknown;
  try {
    written = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    // Without the cause: a parser quotes the text, and a secret's hash is not repeated.
    const { code = "malformed" } = error as NodeJS.ErrnoException;
    throw new Error(`The authority's settings cannot be read from ${file} (${code})`);
  }
  const { AUTHORITY_HOST: host, AUTHORITY_PORT: port, AUTHORITY_KEY_DIRECTORY: keyDirectory } = environment;
  return parseSettings({
    ...(written as object),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: Number(port) }),
    ...(keyDirectory !== undefined && { keyDirectory }),
  });
}
