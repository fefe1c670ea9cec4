import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestationErrorOf, delegatingSource, localSource } from "@attest/mcp-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ClientGeneration, connect, type ServerGeneration, ServerProcesses, type Wire } from "./harness.ts";

const GENERATIONS: readonly { client: ClientGeneration; server: ServerGeneration; http: Wire }[] = [
  { client: "v1", server: "v1", http: "http-stateful" },
  { client: "v2 stateless", server: "v2", http: "http-stateless" },
];
const cells = GENERATIONS.flatMap(({ http, ...sdks }) => (["stdio", http] as const).map((wire) => ({ ...sdks, wire })));

let authority: TestAuthority;
let servers: ServerProcesses;
beforeAll(async () => {
  authority = await createTestAuthority();
  servers = new ServerProcesses(authority);
});
afterAll(() => servers.close());

/** What a call came to: the tool's words, or the reason of the refusal. */
const outcomeOf = (call: Promise<{ content: { text: string }[] }>): Promise<unknown> =>
  call.then(
    ({ content }) => content[0]?.text,
    (error: unknown) => attestationErrorOf(error)?.reason ?? error,
  );

it.each(cells)(
  "a chain of three lets its last agent do what each link allows, and nothing else: $client client, $server server, $wire (SPEC-21.7, SPEC-21.8, SPEC-21.11)",
  async ({ client, server, wire }) => {
    const settings = { maxDelegationDepth: 2 } as const;
    const target = wire === "stdio" ? servers.stdio(server, settings) : await servers.startHttp(server, wire, settings);
    const agent = new AttestingAgent({ source: localSource(authority.attestationIssuer, authority.identity) });
    const planner = new AttestingAgent({
      source: delegatingSource(agent, { name: "planner", allow: { tools: ["who-acts", "whoami"] } }),
    });
    // Narrower than its parent, but for one thing that its parent may not do either.
    const worker = new AttestingAgent({
      source: delegatingSource(planner, { name: "worker", allow: { tools: ["who-acts", "defined"] } }),
    });
    const use = async (by: AttestingAgent, tools: readonly string[]): Promise<unknown[]> => {
      const { client: own } = await connect(client, target, { agent: by, audience: authority.audience });
      const outcomes = [];
      for (const name of tools) outcomes.push(await outcomeOf(own.callTool({ name, arguments: { n: 1 } })));
      await own.close();
      return outcomes;
    };
    const subject = "spiffe://example.com/model/example-1";
    expect(await use(worker, ["who-acts", "whoami", "defined", "who-acts"])).toEqual([
      `planner, worker for ${subject}`,
      "attestation_claims_insufficient",
      "attestation_claims_insufficient",
      `planner, worker for ${subject}`,
    ]);
    // Over stdio every connection is a process: what its parent may do is seen where there is one for all.
    if (wire === "stdio") return;
    expect(await use(planner, ["who-acts", "whoami"])).toEqual([`planner for ${subject}`, subject]);
  },
);
