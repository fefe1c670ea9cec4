import { localSource } from "@attest/mcp-client";
import type { Attack } from "./attacks/attack.ts";
import { attacks } from "./attacks/attacks.ts";
import { IDENTITY } from "./attacks/exchange.ts";
import { type AttackReport, runAttack } from "./attacks/run-attack.ts";
import { createAuthority, serverEnvironment } from "./authority.ts";
import { startHttpServer } from "./http-server.ts";
import { type SessionReport, scriptedSession } from "./session.ts";

/** What the demo showed. */
export interface DemoReport {
  readonly sessions: readonly SessionReport[];
  readonly attacks: readonly { readonly attack: Attack; readonly result: AttackReport }[];
  /** Every honest call was served, and every attack stopped by the defence that is meant for it. */
  readonly passed: boolean;
}

/** Runs honest sessions over both transports, then every attack on the live server. */
export async function runDemo(program: string): Promise<DemoReport> {
  const provider = await createAuthority("https://models.example", "provider", "example.com");
  const enterprise = await createAuthority("https://idp.acme.example", "enterprise", "acme.com");
  const env = serverEnvironment([provider, enterprise]);
  const server = await startHttpServer(program, env);
  try {
    const source = localSource(provider.provider, IDENTITY);
    const overStdio = { command: process.execPath, args: [program, "stdio"], env };
    const sessions = [await scriptedSession(overStdio, source), await scriptedSession(server.url, source)];
    const results = [];
    const target = { server: server.url, provider: provider.provider, enterprise: enterprise.provider };
    for (const attack of attacks) results.push({ attack, result: await runAttack(attack, target, server) });
    const honest = sessions.every(({ attestation }) => attestation.status === "verified");
    const stopped = results.every(
      ({ attack, result }) => result.outcome === "blocked" && result.reason === attack.expected,
    );
    return { sessions, attacks: results, passed: honest && stopped };
  } finally {
    await server.stop();
  }
}
