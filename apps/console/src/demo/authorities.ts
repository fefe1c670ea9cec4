import { createHash, randomBytes } from "node:crypto";
import type { AgentIdentity, Observer } from "@attest/core";
import { type AttestationSource, httpSource } from "@attest/mcp-client";
import { type Authority, type AuthoritySettings, startAuthority } from "demo-authority";
import type { ServerSettingsInput } from "demo-mcp-server";

/** Seconds that an attestation lives: short, so that renewals can be watched. */
const LIFETIME = 60;
/** The clock by which keys rotate runs this much faster, so that a page shows in a minute what else takes a month. */
const KEY_SPEED = 10;
/** Seconds for which verifiers wait before they fetch keys again; less than a key is published ahead. */
export const KEY_COOLDOWN = 5;
/** Seconds for which a status list may be used: short, so that a revocation can be watched, and as long as fetching one may take. */
const STATUS_TTL = 5;

/** An authority of the demo, with the one workload that is registered at it. */
export interface DemoAuthority {
  readonly authority: Authority;
  readonly identity: AgentIdentity;
  /** Where that workload gets its attestations: over HTTP, with its own credential. */
  readonly source: AttestationSource;
  /** The same for attestations that name no server: what is to be embedded passes through two. */
  readonly sourceForAll: AttestationSource;
  /** The options by which a server trusts it. */
  readonly trust: ServerSettingsInput["issuers"][number] & { readonly jwksUri: string };
}

/** Starts an authority on a free port, with new keys and a new credential for its workload. */
export async function startDemoAuthority(options: {
  issuer: string;
  trustLevel: "provider" | "enterprise";
  trustDomain: string;
  identity: AgentIdentity;
  observer: Observer;
  embeds?: AuthoritySettings["embeds"];
}): Promise<DemoAuthority> {
  const { issuer, trustLevel, trustDomain, identity, observer, embeds } = options;
  const secret = randomBytes(32).toString("base64url");
  const settings = {
    issuer,
    lifetime: LIFETIME,
    keys: { rotateEvery: 60 * KEY_SPEED, publishAhead: 12 * KEY_SPEED, maxLifetime: LIFETIME * KEY_SPEED },
    secretSha256: createHash("sha256").update(secret).digest("hex"),
    identity,
    trustDomain,
    attestationType: trustLevel,
    statusTtl: STATUS_TTL,
    ...(embeds && { embeds }),
  };
  const started = Date.now() / 1000;
  const keyClock = () => started + (Date.now() / 1000 - started) * KEY_SPEED;
  const authority = await startAuthority(settings, { observer, keyClock });
  const attestations = new URL("attestations", authority.url);
  return {
    authority,
    identity,
    source: httpSource(attestations, { credential: () => secret }),
    sourceForAll: httpSource(attestations, { credential: () => secret, nameAudience: false }),
    trust: {
      issuer,
      trustLevel,
      trustDomains: [trustDomain],
      jwksUri: new URL(".well-known/jwks.json", authority.url).href,
      ...(embeds && { nested: true }),
      statusLists: [authority.statusList],
    },
  };
}
