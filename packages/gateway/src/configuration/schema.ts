import { z } from "zod";

const file = z.string().min(1).max(4096);
const text = z.string().min(1).max(2048);
const seconds = (least: number, most: number) => z.number().min(least).max(most);
const wholeSeconds = (least: number, most: number) => z.int().min(least).max(most);
const count = z.int().min(1).max(1_000_000);
const url = z.string().refine((each) => URL.canParse(each), "must be an absolute URL");
const listen = z
  .string()
  .regex(/^(?:\[[0-9a-fA-F:]+\]|[^\s:[\]]+):\d{1,5}$/, "must be HOST:PORT, with an IPv6 address in brackets")
  .refine((each) => Number(each.slice(each.lastIndexOf(":") + 1)) <= 65_535, "must have a port up to 65535");

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
const size = z
  .union([z.int().min(1), z.string().regex(/^\d{1,9}(?:B|KiB|MiB|GiB)$/, "must be like 4MiB")])
  .transform((given) => {
    if (typeof given === "number") return given;
    const [, number = "", unit = "B"] = /^(\d+)(\w+)$/.exec(given) ?? [];
    return Number(number) * (UNITS[unit] ?? 1);
  });

const pointer = z.string().startsWith("/", "must be a pointer like /attestation_metadata/safety_level (RFC 6901)");
const claimValue = z.union([z.string(), z.number(), z.boolean()]);
const demand = z.strictObject({
  minTrustLevel: z.enum(["none", "enterprise", "provider"]).optional(),
  issuer: text.optional(),
  subject: text.optional().meta({ description: "Exactly, or how it begins with /* at the end." }),
  claims: z.record(pointer, z.union([claimValue, z.array(claimValue).min(1)])).optional(),
  signature: z.boolean().optional().meta({ description: "The message must be signed." }),
  deny: z.boolean().optional().meta({ description: "Nobody meets it." }),
});
const table = z.record(z.string().min(1).max(2048), demand);
const demands = z.strictObject({
  tools: table.optional().meta({ description: "By name, or how it begins with * at the end." }),
  resources: table.optional().meta({ description: "By URI, or how it begins with * at the end." }),
  prompts: table.optional().meta({ description: "By name, or how it begins with * at the end." }),
  default: demand.optional().meta({ description: "Of everything that no other entry is for." }),
});

const httpUpstream = z.strictObject({
  url,
  audience: url.optional().meta({ description: "Its name in assertions." }),
  timeout: seconds(0.1, 86_400).optional().meta({ description: "Seconds until an answer must begin. Default 300." }),
  idle: seconds(0.1, 86_400)
    .optional()
    .meta({ description: "Seconds for which a stream may be silent. Default 3600." }),
  fields: z.array(z.string()).optional().meta({ description: "Fields that pass besides those of MCP." }),
  authorization: z.enum(["pass", "drop"]).optional(),
  mtls: z.strictObject({ certificate: file.optional(), key: file.optional(), ca: file.optional() }).optional(),
});
const processUpstream = z.strictObject({
  command: z.array(z.string()).min(1),
  env: z.record(z.string(), z.string()).optional(),
  children: z
    .strictObject({ max: count.optional(), perAgent: count.optional(), idle: seconds(1, 86_400).optional() })
    .optional(),
});

const server = {
  publicUrl: url.optional().meta({ description: "Where agents reach it. Its path is the only one that is served." }),
  audience: url.meta({ description: "What agents call it: its resource identifier." }),
  upstream: z.union([httpUpstream, processUpstream]),
  assertion: z
    .strictObject({
      issuer: url.meta({ description: "The gateway's own name." }),
      key: file.meta({ description: "A private key (JWK), 0600, that signs nothing else: attest keygen." }),
      alg: z.enum(["EdDSA", "Ed25519", "ES256"]).optional(),
    })
    .optional()
    .meta({ description: "Tell the server who was verified." }),
  demands: demands.optional(),
  hideUnmet: z.boolean().optional(),
};
const one = z.strictObject(server);

/** The configuration file of a gateway. */
export const schema = z.strictObject({
  listen: listen.default("127.0.0.1:8480"),
  tls: z.strictObject({ certificate: file, key: file }).optional(),
  publicUrl: server.publicUrl,
  audience: server.audience.optional(),
  upstream: server.upstream.optional(),
  assertion: server.assertion,
  demands: server.demands,
  hideUnmet: server.hideUnmet,
  servers: z
    .record(z.string().startsWith("/", "must be a path like /bank"), one)
    .optional()
    .meta({ description: "Several servers by path, in the place of the members of one." }),
  trustedIssuers: z
    .array(
      z.strictObject({
        issuer: text,
        trustLevel: z.enum(["enterprise", "provider"]),
        trustDomains: z.array(text).min(1),
        jwks: file.meta({ description: "The address of its key set, or a file." }),
        algorithms: z.array(z.enum(["Ed25519", "ES256"])).optional(),
        nested: z.boolean().optional(),
        statusLists: z.array(url).min(1).optional(),
        statusOptional: z.boolean().optional(),
      }),
    )
    .min(1),
  policy: z.enum(["required", "preferred", "optional"]).optional(),
  allowBearer: z.boolean().optional(),
  enforce: z.boolean().optional().meta({ description: "false: report only, refuse nothing." }),
  instances: z.enum(["single", "multiple"]).optional(),
  replay: z.strictObject({ redis: url, keyPrefix: z.string().optional() }).optional(),
  secrets: z
    .strictObject({ ring: z.array(file).min(1).max(8) })
    .optional()
    .meta({ description: "Files, base64url of 32–64 bytes, 0600, that seal session ids: the same on every replica." }),
  tickets: z
    .union([z.literal(false), z.strictObject({ lifetime: wholeSeconds(30, 3600).optional() })])
    .optional()
    .meta({ description: "Grant tickets, sealed by secrets.ring where there is one. Default: yes, for 300 seconds." }),
  signatures: z
    .union([
      z.literal(true),
      z.strictObject({
        tools: z.array(text).optional(),
        prompts: z.array(text).optional(),
        resources: z.array(text).optional(),
      }),
    ])
    .optional()
    .meta({ description: "What must be signed, where a MAC under a ticket would do." }),
  maxDelegationDepth: z
    .union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4)])
    .optional()
    .meta({ description: "How many delegations a sub-agent may stand behind. Default 0: none are accepted." }),
  proofWindow: wholeSeconds(1, 300).optional(),
  clockTolerance: wholeSeconds(0, 300).optional(),
  requiredClaims: z.array(text).optional(),
  allowInsecureHttp: z.boolean().optional().meta({ description: "Fetch keys over http:. For trying out." }),
  allowPrivateNetwork: z.boolean().optional().meta({ description: "Fetch keys from addresses that are not public." }),
  limits: z
    .strictObject({
      body: size.optional(),
      answer: size.optional(),
      streams: count.optional(),
      streamsPerAgent: count.optional(),
      sessions: z.int().min(1).max(10_000_000).optional(),
    })
    .optional(),
  cors: z.strictObject({ origins: z.array(url).min(1) }).optional(),
  drain: wholeSeconds(0, 600).default(10).meta({ description: "Seconds that calls under way have to end." }),
  admin: z
    .strictObject({ listen })
    .optional()
    .meta({ description: "Another address: /health, /ready, /metrics, and /jwks with the keys of assertions." }),
  audit: z.strictObject({ file }).optional().meta({ description: "A chained log of every decision, 0600." }),
});

/** A configuration, checked and with its defaults. Paths are relative to the file that it was read from. */
export type GatewayFile = z.output<typeof schema>;
/** One server in it. */
export type GatewayServer = z.output<typeof one>;

/** What is wrong with a configuration whose members are all right. */
export function lacking(file: GatewayFile): [PropertyKey[], string][] {
  const { servers, instances, replay, secrets } = file;
  const problems: [PropertyKey[], string][] = [];
  const members = ["publicUrl", "audience", "upstream", "assertion", "demands", "hideUnmet"] as const;
  if (servers) {
    for (const name of members)
      if (file[name] !== undefined) problems.push([[name], "belongs to a server: servers has several"]);
    if (Object.keys(servers).length === 0) problems.push([["servers"], "has none"]);
    for (const [path, { publicUrl }] of Object.entries(servers)) {
      if (publicUrl !== undefined && new URL(publicUrl).pathname !== path) {
        problems.push([["servers", path, "publicUrl"], `must have the path ${path}`]);
      }
    }
    const audiences = Object.values(servers).map(({ audience }) => audience);
    if (new Set(audiences).size < audiences.length) {
      problems.push([
        ["servers"],
        "must have an audience of its own for each: what is meant for one would be good at another",
      ]);
    }
  } else {
    if (!file.audience) problems.push([["audience"], "is missing"]);
    if (!file.upstream) problems.push([["upstream"], "is missing"]);
  }
  if (instances === "multiple" && !replay) problems.push([["instances"], "multiple needs replay.redis"]);
  if (instances === "multiple" && !secrets) problems.push([["instances"], "multiple needs secrets.ring"]);
  return problems;
}

/** The configuration's JSON Schema (2020-12): for editors, and for the reference. */
export function configurationSchema(): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: "input" }) as Record<string, unknown>;
}
