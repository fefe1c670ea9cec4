import { type Attack, type AttackResult, httpTarget, referenceAttacks } from "@attest/attacks";
import { localSource } from "@attest/mcp-client";
import { attackOptions } from "./attack-options.ts";
import { createAuthority, IDENTITY, serverEnvironment } from "./authority.ts";
import { startHttpServer } from "./http-server.ts";
import { runAttack } from "./run-attack.ts";
import { type SessionReport, scriptedSession } from "./session.ts";

/** What the demo showed. */
export interface DemoReport {
  readonly sessions: readonly SessionReport[];
  readonly attacks: readonly { readonly attack: Attack; readonly result: AttackResult }[];
  /** Every honest call was served, and every attack stopped by the defence that is meant for it. */
  readonly passed: boolean;
}

/** Runs honest sessions over both transports, then every attack on the live server. */
export async function runDemo(program: string): Promise<DemoReport> {
  const authority = await createAuthority("https://models.example", "provider", "example.com");
  const { provider, key } = authority;
  const env = serverEnvironment([authority]);
  const server = await startHttpServer(program, env);
  try {
    const source = localSource(provider, IDENTITY);
    const overStdio = { command: process.execPath, args: [program, "stdio"], env };
    const sessions = [await scriptedSession(overStdio, source), await scriptedSession(server.url, source)];
    const target = httpTarget({ ...attackOptions(provider, key), url: server.url });
    const results = [];
    for (const attack of referenceAttacks) results.push({ attack, result: await runAttack(attack, target, server) });
    const honest = sessions.every(({ attestation }) => attestation.status === "verified");
    const stopped = results.every(({ result }) => result.outcome === "blocked" && result.intended);
    return { sessions, attacks: results, passed: honest && stopped };
  } finally {
    await server.stop();
  }
}
