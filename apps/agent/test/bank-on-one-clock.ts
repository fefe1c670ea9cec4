import { createHash } from "node:crypto";
import { InMemoryReplayCache, type VerificationEvent } from "@attest/core";
import { HttpKeyResolver } from "@attest/jwks";
import { AttestingAgent, httpSource } from "@attest/mcp-client";
import { AttestationGuard } from "@attest/mcp-server";
import { type Authority, type AuthoritySettings, startAuthority } from "demo-authority";
import { createHttpServer, listen } from "demo-mcp-server";
import { AUDIENCE, IDENTITY } from "../src/authority.ts";
import { type Connection, connect } from "../src/connect.ts";

const SECRET = "the-secret-of-the-demo-workload";
const ISSUER = "https://models.example";

/** An authority, a bank and any number of agents that talk over HTTP in one process, on one clock that a test moves. */
export interface BankOnOneClock {
  authority: Authority;
  /** Every verification the bank made. */
  readonly verifications: VerificationEvent[];
  connect(): Promise<Connection>;
  /** Starts the authority anew, at the address it had, with new keys. */
  restartAuthority(): Promise<void>;
  close(): Promise<void>;
}

export async function startBank(
  clock: () => number,
  changes: Partial<AuthoritySettings> = {},
): Promise<BankOnOneClock> {
  const secretSha256 = createHash("sha256").update(SECRET).digest("hex");
  const start = (port: number) =>
    startAuthority(
      { issuer: ISSUER, port, secretSha256, identity: IDENTITY, requestsPerMinute: 100_000, ...changes },
      { clock },
    );
  const authority = await start(0);
  const keyResolver = new HttpKeyResolver({
    issuers: { [ISSUER]: { jwksUri: new URL(".well-known/jwks.json", authority.url).href } },
    allowInsecureHttp: true,
    allowPrivateNetwork: true,
    clock,
  });
  const verifications: VerificationEvent[] = [];
  const guard = new AttestationGuard({
    audience: AUDIENCE,
    trustedIssuers: [{ issuer: ISSUER, trustLevel: "provider", trustDomains: ["example.com"] }],
    keyResolver,
    clock,
    // Of a process that has been running for a minute: it refuses what may be older than itself.
    replayCache: new InMemoryReplayCache({ clock: () => clock() - 60 }),
    observer: {
      onEvent: (event) => {
        if (event.type === "verification") verifications.push(event);
      },
    },
  });
  await guard.verifier.ready();
  const bank = await listen(
    createHttpServer(guard, () => {}),
    { host: "127.0.0.1", port: 0 },
  );
  const source = httpSource(new URL("attestations", authority.url), { credential: () => SECRET });
  const connections: Connection[] = [];
  const running: BankOnOneClock = {
    authority,
    verifications,
    async connect() {
      const url = new URL(`http://127.0.0.1:${bank.port}/mcp`);
      const connection = await connect("v2", url, AUDIENCE, new AttestingAgent({ source, clock }));
      connections.push(connection);
      return connection;
    },
    async restartAuthority() {
      running.authority = await start(Number(authority.url.port));
    },
    async close() {
      await Promise.all(connections.map((connection) => connection.close()));
      await Promise.all([bank.close(), running.authority.close(), keyResolver.close()]);
    },
  };
  return running;
}
