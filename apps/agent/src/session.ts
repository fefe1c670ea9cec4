import { type AttestationSource, type AttestationState, AttestingAgent } from "@attest/mcp-client";
import { AUDIENCE } from "./authority.ts";
import { connect, type Generation, type Target } from "./connect.ts";

/** What an honest session came to. */
export interface SessionReport {
  readonly over: string;
  readonly attestation: AttestationState;
  readonly calls: readonly { readonly tool: string; readonly answer: string }[];
}

/** An open and a protected tool. */
const SCRIPT = [
  ["list_accounts", {}],
  ["transfer", { to: "savings", amount: 25 }],
] as const;

/** Connects, calls what the script says, and disconnects. @throws If anything is refused. */
export async function scriptedSession(
  target: Target,
  source: AttestationSource,
  generation: Generation = "v2",
  audience: string = AUDIENCE,
): Promise<SessionReport> {
  const connection = await connect(generation, target, audience, new AttestingAgent({ source }));
  try {
    const calls = [];
    for (const [tool, args] of SCRIPT) calls.push({ tool, answer: await connection.call(tool, args) });
    const attestation = { ...(connection.attestation ?? { status: "not_provided" as const }) };
    return { over: target instanceof URL ? "Streamable HTTP" : "stdio", attestation, calls };
  } finally {
    await connection.close();
  }
}
