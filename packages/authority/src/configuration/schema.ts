import { z } from "zod";

const file = z.string().min(1).max(4096);
const seconds = (least: number, most: number) => z.int().min(least).max(most);
const url = z.string().refine((text) => URL.canParse(text), "must be an absolute URL");
const listen = z
  .string()
  .regex(/^(?:\[[0-9a-fA-F:]+\]|[^\s:[\]]+):\d{1,5}$/, "must be HOST:PORT, with an IPv6 address in brackets")
  .refine((text) => Number(text.slice(text.lastIndexOf(":") + 1)) <= 65_535, "must have a port up to 65535");

const pointer = z.string().startsWith("/", "must be a pointer like /kubernetes.io/namespace (RFC 6901)");
const claimValue = z.union([z.string(), z.number(), z.boolean()]);

const ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"] as const;

/** What is common to all tokens. */
const token = {
  audience: z.string().meta({ description: "This authority's name at the platform: `aud` of its tokens." }),
  jwks: file
    .optional()
    .meta({ description: "The platform's key set in a file, for platforms that cannot be reached." }),
  jwksUri: url.optional().meta({ description: "The address of the platform's key set." }),
  maxAge: seconds(1, 86_400).optional().meta({ description: "How old a token may be, in seconds. Default 600." }),
  keyBound: z.boolean().optional().meta({ description: "Demand `aud` = `<audience>#<thumbprint of the key>`." }),
  acceptReuse: z.boolean().optional().meta({ description: "Accept a token again and again until it is `maxAge` old." }),
  ca: file.optional().meta({ description: "PEM certificates to trust for `jwksUri`, such as a cluster's." }),
  allowPrivateNetwork: z
    .boolean()
    .optional()
    .meta({ description: "Fetch `jwksUri` from addresses that are not public." }),
};
const { keyBound: _, ...tokenWithoutBinding } = token;
const { jwksUri: __, ...tokenOfBundle } = token;

/** Attestations of another authority. */
const attestation = z.strictObject({
  issuer: z.string().meta({ description: "The other authority's name: `iss` of its attestations." }),
  trustLevel: z
    .enum(["provider", "enterprise"])
    .default("provider")
    .meta({ description: "What it attests as. A rule can embed a provider's alone." }),
  trustDomains: z.array(z.string()).min(1).meta({ description: "Those that it may speak for." }),
  audience: z.string().meta({ description: "This authority's name, for which agents make their proofs." }),
  jwks: file.optional().meta({ description: "Its key set in a file." }),
  jwksUri: url.optional().meta({ description: "The address of its key set." }),
  statusLists: z
    .array(url)
    .min(1)
    .optional()
    .meta({ description: "Its status lists. What is revoked there is no evidence here." }),
  ca: token.ca,
  allowPrivateNetwork: z
    .boolean()
    .optional()
    .meta({ description: "Fetch key set and lists from addresses that are not public." }),
});

const evidence = z.union([
  z.strictObject({
    oidc: z.strictObject({ issuer: url, algorithms: z.array(z.enum(ALGORITHMS)).optional(), ...token }),
  }),
  z.strictObject({ kubernetes: z.strictObject({ issuer: url, acceptNames: z.boolean().optional(), ...token }) }),
  z.strictObject({
    githubActions: z.strictObject({
      issuer: url.optional(),
      acceptNames: z.boolean().optional(),
      acceptPullRequests: z.boolean().optional(),
      ...token,
    }),
  }),
  z.strictObject({
    gitlab: z.strictObject({
      issuer: url.optional(),
      acceptNames: z.boolean().optional(),
      acceptMergeRequests: z.boolean().optional(),
      ...token,
    }),
  }),
  z.strictObject({ awsSts: z.strictObject({ issuer: url, ...token }) }),
  z.strictObject({ gcpInstance: z.strictObject(token) }),
  z.strictObject({
    entra: z.strictObject({
      tenant: z.string(),
      version: z.union([z.literal(1), z.literal(2)]),
      ...tokenWithoutBinding,
    }),
  }),
  z.strictObject({
    spiffe: z.strictObject({ trustDomain: z.string(), bundle: url.optional(), ...tokenOfBundle }),
  }),
  z.strictObject({
    x509Svid: z.strictObject({
      trustDomain: z.string(),
      roots: file.optional().meta({ description: "PEM certificates of the trust domain's authorities." }),
      proxy: z
        .strictObject({
          addresses: z.array(z.string()).min(1),
          header: z.string().optional(),
          format: z.enum(["rfc9440", "escaped-pem"]).optional(),
        })
        .optional(),
    }),
  }),
  z.strictObject({ attestation }),
  z.strictObject({
    secret: z.strictObject({
      sha256: z.string().optional().meta({ description: "Hexadecimal SHA-256 of the one workload's secret." }),
      workloads: z
        .record(z.string(), z.string())
        .optional()
        .meta({ description: "Names of workloads, each with its hash." }),
    }),
  }),
]);

const text = z.string().min(1).max(256);
const rule = z.strictObject({
  name: z.string().meta({ description: "By which workloads ask: 1–64 of a–z, 0–9 and -." }),
  default: z.boolean().optional().meta({ description: "Whether this is the rule of those who name none." }),
  evidence: z.string().meta({ description: "The name of the evidence that it demands." }),
  subject: z.string().optional().meta({ description: "Exactly, or how it begins with one `*` at the end." }),
  claims: z.record(pointer, z.union([claimValue, z.array(claimValue).min(1)])).optional(),
  attest: z.strictObject({
    identity: z.strictObject({
      modelFamily: text,
      modelVersion: text,
      provider: text,
      deploymentId: text.optional(),
      enterprise: z.strictObject({ orgId: text, workloadId: text, deploymentEnv: text }).optional(),
    }),
    attestationType: z.enum(["provider", "enterprise"]).optional(),
    safetyLevel: z.enum(["standard", "enhanced", "minimal"]).optional(),
    capabilities: z.array(text).max(64).optional(),
    integrity: z
      .strictObject({ configHash: z.string().optional(), systemPromptHash: z.string().optional() })
      .optional(),
    subject: z.string().optional(),
    trustDomain: z.string().optional(),
    audiences: z.array(z.string()).min(1).optional().meta({ description: "The servers it may be for. Default: any." }),
    lifetime: seconds(30, 3600).optional(),
    copy: z
      .strictObject({
        deploymentId: pointer.optional(),
        workloadId: pointer.optional(),
        configHash: pointer.optional(),
        systemPromptHash: pointer.optional(),
      })
      .optional()
      .meta({ description: "Facts that are copied from the evidence, each by a pointer to a text in it." }),
    nest: z
      .boolean()
      .optional()
      .meta({ description: "Embed the attestation that is the evidence, of kind `attestation`. Default false." }),
    maxDelegationDepth: z
      .int()
      .min(0)
      .max(4)
      .optional()
      .meta({ description: "Links of delegation that may follow; 0 forbids delegation. Default 4." }),
  }),
});

/** The configuration file of an authority. */
export const schema = z.strictObject({
  listen: listen.default("127.0.0.1:8470"),
  publicUrl: z
    .union([z.string(), z.array(z.string()).min(1).max(8)])
    .optional()
    .meta({
      description: "Where clients reach it, without /attestations. Default: `listen`, on this machine's loopback.",
    }),
  issuer: z.string().meta({ description: "`iss` of its attestations." }),
  tokenLifetime: seconds(30, 3600)
    .optional()
    .meta({ description: "Of attestations where a rule says nothing. Default 300." }),
  keys: z
    .strictObject({
      directory: file.optional().meta({ description: "A directory of its own, 0700. Made if it is not there." }),
      postgres: url.optional().meta({
        description: "Or PostgreSQL, for replicas on several machines. Needs `sealedWith`.",
      }),
      kms: z
        .strictObject({
          provider: z.literal("aws"),
          keyId: z.string().min(1).max(2048).meta({ description: "Id, ARN or alias of the key that signs." }),
          alsoPublish: z
            .array(z.string().min(1).max(2048))
            .max(8)
            .optional()
            .meta({ description: "Keys that are published next to it: the next one, and former ones." }),
          region: z.string().optional(),
          endpoint: url.optional().meta({ description: "Default: the region's." }),
        })
        .optional()
        .meta({
          description: "Or a key service that keeps the keys to itself. They change by this file and a restart.",
        }),
      algorithm: z.enum(["Ed25519", "ES256"]).optional(),
      rotateEvery: z.int().min(120).optional().meta({ description: "Seconds that a key signs. Default 30 days." }),
      publishAhead: z.int().min(120).optional().meta({ description: "Seconds it is published before. Default 7200." }),
      sealedWith: file
        .optional()
        .meta({ description: "A secret that encrypts the directory's files: base64url, 0600." }),
    })
    .optional()
    .meta({ description: "Signing keys. Default: new ones in memory at every start, for trying out." }),
  secrets: z.array(file).min(1).optional().meta({
    description: "Files that authenticate challenges, the same on every replica: base64url of 32–64 bytes, 0600.",
  }),
  replay: z
    .strictObject({ redis: url, keyPrefix: z.string().optional() })
    .optional()
    .meta({ description: "What remembers used challenges and evidence. Default: memory, for one process." }),
  storage: z
    .union([z.strictObject({ directory: file }), z.strictObject({ postgres: url })])
    .optional()
    .meta({
      description:
        "Where the status list's indexes and revocations are kept: a directory of its own, 0700, for the processes of one machine; or PostgreSQL, for any number. Default: memory, for trying out.",
    }),
  statusList: z
    .strictObject({
      uri: url.meta({ description: "Where verifiers fetch it. It is served at this address's path. Never changes." }),
      ttl: seconds(1, 43_200)
        .default(60)
        .meta({ description: "How long verifiers use it without asking. Default 60." }),
      lifetime: seconds(2, 86_400).optional().meta({ description: "How long it is valid. Default 3600." }),
      size: z
        .int()
        .min(2 ** 17)
        .max(2 ** 26)
        .optional()
        .meta({ description: "Room for so many keys at a time. It may grow. Default 1048576." }),
    })
    .optional()
    .meta({ description: "A list in which attestations can be revoked. Default: they live until they expire." }),
  evidence: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/), evidence),
  rules: z.array(rule).min(1),
  limits: z
    .strictObject({ perWorkload: z.int().min(1).optional(), perAddress: z.int().min(1).optional() })
    .optional()
    .meta({ description: "Requests a minute of a workload (120) and refusals of an address (30)." }),
  audit: z
    .strictObject({ file })
    .optional()
    .meta({ description: "Where issuances and refusals are written: JSON lines, 0600." }),
  admin: z
    .strictObject({
      listen,
      token: file.optional().meta({
        description: "A secret by which `attest revoke --authority` revokes here: base64url of 32–64 bytes, 0600.",
      }),
    })
    .optional()
    .meta({ description: "Another address for `/health`, `/ready` and `/metrics`, which strangers must not reach." }),
  tls: z
    .strictObject({ key: file, cert: file, clientCa: file.optional() })
    .optional()
    .meta({ description: "TLS of its own. `clientCa` asks clients for certificates, for `x509Svid`." }),
  proxy: z
    .strictObject({ addresses: z.array(z.string()).min(1), addressHeader: z.string().regex(/^[A-Za-z0-9-]{1,64}$/) })
    .optional()
    .meta({ description: "A proxy in front that names the client's address, by which failures are counted." }),
  acceptPossession1: z
    .boolean()
    .optional()
    .meta({ description: "Accept clients of 0.2.0, which can be relayed. Default false." }),
  drain: seconds(0, 600).default(10).meta({ description: "Seconds that requests under way have to end." }),
});

/** A configuration, checked and with its defaults. Paths are relative to the file that it was read from. */
export type AuthorityConfigurationFile = z.output<typeof schema>;
/** One kind of evidence, as it is configured. */
export type EvidenceConfiguration = z.output<typeof evidence>;
/** Attestations of another authority as evidence, as they are configured. */
export type AttestationEvidenceConfiguration = z.output<typeof attestation>;

/** The configuration's JSON Schema (2020-12): for editors, and for the reference. */
export function configurationSchema(): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: "input" }) as Record<string, unknown>;
}
