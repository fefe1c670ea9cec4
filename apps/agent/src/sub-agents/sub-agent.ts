// A sub-agent in a process of its own, started by its parent over an IPC channel: it gets its chain from its parent's
// delegation handler, calls what it is asked to call, and ends with its parent.
import type { AttestationEvent } from "@attest/core";
import { AttestingAgent, attestationErrorOf, httpSource } from "@attest/mcp-client";
import { type Connection, connect } from "../connect.ts";
import { lacksAttestation } from "../lacks-attestation.ts";
import type { CallOutcome, FromSubAgent, ToSubAgent } from "./messages.ts";

type Begin = Extract<ToSubAgent, { type: "begin" }>;

let begun: Begin | undefined;
let connection: Promise<Connection> | undefined;

process.on("message", (message: ToSubAgent) => {
  if (message.type === "begin") begun = message;
  else if (message.type === "renew") renew();
  else {
    const { id, tool, args } = message;
    call(tool, args).then(
      (came) => tell({ type: "called", id, came }),
      (error) => tell({ type: "failed", id, problem: error instanceof Error ? error.message : String(error) }),
    );
  }
});
// Whatever ends its parent ends it too.
process.once("disconnect", () => process.exit(0));

function tell(message: FromSubAgent): void {
  process.send?.(message);
}

function renew(): void {
  const former = connection;
  connection = undefined;
  former?.then((open) => open.close()).catch(() => {});
}

async function call(tool: string, args: Readonly<Record<string, unknown>>): Promise<CallOutcome> {
  try {
    if (!begun) throw new Error("The sub-agent was not told how to begin");
    connection ??= open(begun);
    return { outcome: "served", answer: await (await connection).call(tool, { ...args }) };
  } catch (error) {
    if (lacksAttestation(error)) {
      renew();
      return { outcome: "undelegated" };
    }
    const reason = attestationErrorOf(error)?.reason;
    if (reason === undefined) throw error;
    return { outcome: "refused", reason };
  }
}

function open({ delegations, secret, server, audience }: Begin): Promise<Connection> {
  const onEvent = (event: AttestationEvent) => event.type === "ticket" && tell({ type: "event", event });
  const source = httpSource(delegations, { credential: () => secret });
  const opening = connect("v2", new URL(server), audience, new AttestingAgent({ source, observer: { onEvent } }));
  opening.catch(() => {
    // The next call tries again.
    if (connection === opening) connection = undefined;
  });
  return opening;
}
