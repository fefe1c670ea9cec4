import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AttestationSource, httpSource } from "@attest/mcp-client";
import { type Authority, startAuthority } from "demo-authority";
import type { ServerSettingsInput } from "demo-mcp-server";
import { AUDIENCE, IDENTITY, inheritedEnvironment } from "./authority.ts";
import { type HttpServer, startHttpServer } from "./http-server.ts";

/**
 * Seconds for which the bank uses a status list without asking again: short, so that nobody waits long for a revocation, and as
 * long as fetching one may take, since its time begins with the request.
 */
const STATUS_TTL = 5;

/** What the demo plays in: an authority with a status list, and a bank in a process of its own that asks it. */
export interface World {
  readonly authority: Authority;
  /** Where the agent gets its attestations: over HTTP, with its own credential. */
  readonly source: AttestationSource;
  /** The bank over HTTP. */
  readonly bank: HttpServer;
  /** What starts another bank like it. */
  readonly env: Record<string, string>;
  /** The file in which the bank's operator names the keys of sub-agents that it refuses. */
  readonly refusedSubAgents: string;
  /** The file in which that operator changes what the tools say of themselves. */
  readonly toolTexts: string;
  stop(): Promise<void>;
}

/** Starts the world, on free ports and with new keys. @param program The bank's. */
export async function startWorld(program: string): Promise<World> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const secret = randomBytes(32).toString("base64url");
    const authority = await startAuthority({
      issuer: "https://models.example",
      secretSha256: createHash("sha256").update(secret).digest("hex"),
      identity: IDENTITY,
      statusTtl: STATUS_TTL,
    });
    stops.push(() => authority.close());
    const folder = await mkdtemp(join(tmpdir(), "attest-demo-"));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    const refusedSubAgents = join(folder, "refused-sub-agents");
    await writeFile(refusedSubAgents, "");
    const toolTexts = join(folder, "tool-texts.json");
    await writeFile(toolTexts, "{}");
    const settings: ServerSettingsInput = {
      audience: AUDIENCE,
      issuers: [
        {
          issuer: authority.issuer,
          trustLevel: "provider",
          trustDomains: ["example.com"],
          jwksUri: new URL(".well-known/jwks.json", authority.url).href,
          statusLists: [authority.statusList],
        },
      ],
      dangerouslyAllowLocalKeySources: true,
      maxDelegationDepth: 1,
      refusedSubAgents,
      toolTexts,
    };
    const env = { ...inheritedEnvironment(), ATTEST_SERVER: JSON.stringify(settings) };
    const bank = await startHttpServer(program, env);
    stops.push(() => bank.stop());
    const source = httpSource(new URL("attestations", authority.url), { credential: () => secret });
    return { authority, source, bank, env, refusedSubAgents, toolTexts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
