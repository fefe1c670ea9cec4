import type { AttestationErrorCode, AttestationEvent } from "@attest/core";
import type { Attack, AttackResult } from "./attacks/attack.ts";
import { attacks } from "./attacks/attacks.ts";
import { createAuthority, serverEnvironment } from "./authority.ts";
import { startHttpServer } from "./http-server.ts";
import { type SessionReport, sessionOverHttp, sessionOverStdio } from "./session.ts";

/** What the demo showed. */
export interface DemoReport {
  readonly sessions: readonly SessionReport[];
  readonly attacks: readonly { readonly attack: Attack; readonly result: AttackResult; readonly code: string }[];
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
    const sessions = [await sessionOverStdio(program, env, provider), await sessionOverHttp(server.url, provider)];
    const results = [];
    for (const attack of attacks) {
      const before = server.events.length;
      const result = await attack.run({ server, provider, enterprise });
      results.push({ attack, result, code: await refusalAfter(server.events, before) });
    }
    const honest = sessions.every(({ attestation }) => attestation.status === "verified");
    const stopped = results.every(
      ({ attack, result }) => result.outcome === "blocked" && result.reason === attack.expected,
    );
    return { sessions, attacks: results, passed: honest && stopped };
  } finally {
    await server.stop();
  }
}

/** The precise code by which the server refused last: it is told to the operator, in the server's log, and not to the peer. */
async function refusalAfter(events: readonly AttestationEvent[], from: number): Promise<AttestationErrorCode | "–"> {
  // The log is another pipe than the answer, and may come a moment later.
  for (let turn = 0; turn < 1000; turn++) {
    const code = events.slice(from).findLast((event) => "code" in event && event.code !== undefined);
    if (code && "code" in code && code.code) return code.code;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return "–";
}
