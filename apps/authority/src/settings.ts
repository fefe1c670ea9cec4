import { readFile } from "node:fs/promises";
import { isAbsoluteUri, trustDomainOf } from "@attest/core";
import { z } from "zod";

const uri = z.string().refine(isAbsoluteUri, "must be an absolute URI");
const text = z.string().min(1).max(256);

/** An address as `URL` writes it, so that what clients sign is one text. */
const publicUrl = z.string().superRefine((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "" || url.hash !== "") {
    context.addIssue("must be an absolute https: or http: URL without credentials and fragment");
  } else if (!url.pathname.endsWith("/attestations")) {
    context.addIssue("must be the whole address that clients have configured, with /attestations at its end");
  } else if (url.href !== value) {
    context.addIssue(`must be written as clients sign it: ${url.href}`);
  }
});

const trustDomain = z
  .string()
  .regex(/^[a-z0-9._-]{1,255}$/, "must be 1–255 lower-case letters, digits, dots, dashes and underscores");

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
    /** A SPIFFE ID. Default: made from the trust domain and the identity. */
    subject: uri.optional(),
    /** Default: the authority's `trustDomain`. */
    trustDomain: trustDomain.optional(),
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
    /**
     * The addresses of `/attestations` that clients have configured, 8 at most: a client signs, with the challenge, the one
     * that it has, and only these are accepted. Default: where it listens, if that is this machine's loopback.
     */
    publicUrl: z
      .union([z.string(), z.array(z.string())])
      .transform((value) => [value].flat())
      .pipe(z.array(publicUrl).min(1).max(8))
      .optional(),
    /**
     * Accept proofs of possession that name no authority (form 1), for clients that know no other. An authority that such a
     * client asks can have its key attested here. Default false.
     */
    acceptPossession1: z.boolean().default(false),
    /** SPIFFE trust domain of workloads without their own. Default: `<provider>.com`, for model providers. */
    trustDomain: trustDomain.optional(),
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
        jwksUri: z.string().refine(isHttpsOrLocal, "must be an https: URL; http: is for this machine's loopback alone"),
        /** The `aud` of the tokens: this authority, by the name it has at the issuer. */
        audience: z.string().min(1),
        /** Seconds since `iat` for which a token is accepted, whatever its `exp` says. Default: until `exp`. */
        maxAge: z.int().min(1).optional(),
        algorithms: z
          .array(z.enum(["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]))
          .min(1)
          .default(["RS256", "ES256"]),
      })
      .optional(),
    /**
     * Header in which the proxy in front puts the address of its client, the last one where it lists several: by it,
     * failures are counted. Only behind a proxy that sets it itself. Default: the connection's own address.
     */
    addressHeader: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, "must be the name of a header")
      .refine((name) => name.toLowerCase() !== "forwarded", "must be one that holds bare addresses, not RFC 7239's")
      .optional(),
    /** Requests that one workload may make in a minute. */
    requestsPerMinute: z.int().min(1).default(120),
  })
  .superRefine(({ workloads, oidc, publicUrl, host, trustDomain: shared }, context) => {
    if (!publicUrl && !isLoopback(host)) {
      const why = "clients sign it, and it cannot be concluded from a host that is not this machine's loopback";
      context.addIssue({
        code: "custom",
        path: ["publicUrl"],
        message: `must name the address of /attestations: ${why}`,
      });
    }
    for (const property of ["id", "secretSha256", "oidcSubject"] as const) {
      const values = workloads.map((one) => one[property]).filter((value) => value !== undefined);
      const twice = values.find((value, i) => values.indexOf(value) !== i);
      // A secret's hash is not repeated: it could be searched for.
      if (twice !== undefined) context.addIssue(`workloads: two of them have the same ${property}`);
    }
    if (!oidc && workloads.some(({ oidcSubject }) => oidcSubject !== undefined)) {
      context.addIssue("workloads: oidcSubject needs oidc to be configured");
    }
    for (const [i, { subject, trustDomain, metadata, identities }] of workloads.entries()) {
      const refuse = (place: (string | number)[], message: string) =>
        context.addIssue({ code: "custom", path: ["workloads", i, ...place], message });
      if (subject !== undefined) {
        const isOther = trustDomain !== undefined && trustDomainOf(subject) !== trustDomain;
        if (isOther) refuse(["trustDomain"], "must be the one in its subject");
      } else if ((trustDomain ?? shared) === undefined) {
        if (metadata.attestationType === "enterprise") {
          refuse(["trustDomain"], "must be set, here or at the top: the default is that of the model's provider");
        }
        const made = identities.findIndex(({ provider }) => !LABEL.test(provider));
        const advice = "set trustDomain, here in the workload or at the top";
        if (made !== -1) refuse(["identities", made, "provider"], `<provider>.com would be no trust domain: ${advice}`);
      }
    }
  })
  .transform(({ trustDomain, ...rest }) => ({
    ...rest,
    workloads: rest.workloads.map((one) => ({
      ...one,
      trustDomain: one.trustDomain ?? (one.subject === undefined ? trustDomain : undefined),
    })),
  }));

/** What `<provider>.com` is a domain of. */
const LABEL = /^[a-z0-9_-]{1,63}$/;

function isHttpsOrLocal(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname.replace(/^\[|\]$/g, "")));
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Everything an authority is configured with. Durations are seconds. */
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
 * Reads the settings from the JSON file that `AUTHORITY_CONFIG` names; `AUTHORITY_HOST`, `AUTHORITY_PORT`,
 * `AUTHORITY_PUBLIC_URL` and `AUTHORITY_KEY_DIRECTORY` take precedence over it.
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
  const { AUTHORITY_HOST: host, AUTHORITY_PORT: port } = environment;
  const { AUTHORITY_PUBLIC_URL: publicUrl, AUTHORITY_KEY_DIRECTORY: keyDirectory } = environment;
  return parseSettings({
    ...(written as object),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: Number(port) }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(keyDirectory !== undefined && { keyDirectory }),
  });
}
