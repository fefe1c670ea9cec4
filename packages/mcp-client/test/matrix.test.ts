import type { AttestationEvent, VerificationPolicy } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestationErrorOf, localSource } from "@attest/mcp-client";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type AnyClient,
  type ClientGeneration,
  connect,
  type ServerGeneration,
  ServerProcesses,
  type Wire,
} from "./harness.ts";

const SUBJECT = "spiffe://example.com/model/example-1";
const CLIENTS: readonly ClientGeneration[] = ["v1", "v2 handshake", "v2 stateless"];
const SERVERS: readonly ServerGeneration[] = ["v1", "v2"];
const WIRES: readonly Wire[] = ["stdio", "http-stateful", "http-stateless"];
const POLICIES: readonly VerificationPolicy[] = ["required", "optional"];

/** Stateless clients need a server of their era; a session of the handshake era is not for them. */
const cells = CLIENTS.flatMap((client) =>
  SERVERS.flatMap((server) =>
    WIRES.filter((wire) => client !== "v2 stateless" || (server === "v2" && wire !== "http-stateful")).flatMap((wire) =>
      POLICIES.map((policy) => ({ client, server, wire, policy })),
    ),
  ),
);

let authority: TestAuthority;
let agent: AttestingAgent;
let servers: ServerProcesses;
const table: string[][] = [];

beforeAll(async () => {
  authority = await createTestAuthority();
  agent = new AttestingAgent({ source: localSource(authority.provider, authority.identity) });
  servers = new ServerProcesses(authority);
});
afterAll(() => {
  servers.close();
  const head = ["client", "server", "wire", "policy", "attested agent", "by", "handlers' refusals", "plain client"];
  const rows = [head, ...table];
  const widths = head.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  for (const row of rows) process.stdout.write(`${row.map((text, i) => text.padEnd(widths[i] ?? 0)).join("  ")}\n`);
});

async function reasonOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (served) => ({ served }),
    (error: unknown) => attestationErrorOf(error)?.reason ?? error,
  );
}

const ticketEvents: string[] = [];
const tickets = {
  onEvent: (event: AttestationEvent) => void (event.type === "ticket" && ticketEvents.push(event.action)),
};

const textOf = (result: { content: { text: string }[] }) => result.content[0]?.text;

/** Each kind of handler, and each of their refusals as a JSON-RPC error rather than a text. */
async function useEverything(client: AnyClient): Promise<void> {
  expect(textOf(await client.callTool({ name: "whoami" }))).toBe(SUBJECT);
  expect(textOf(await client.callTool({ name: "protected", arguments: { n: 7 } }))).toBe(`7 ${SUBJECT}`);
  expect(await client.readResource({ uri: "bank://accounts" })).toMatchObject({ contents: [{ text: SUBJECT }] });
  expect(await client.readResource({ uri: "bank://accounts/4" })).toMatchObject({
    contents: [{ text: `4 ${SUBJECT}` }],
  });
  expect(await client.getPrompt({ name: "greeting" })).toMatchObject({ messages: [{ content: { text: SUBJECT } }] });
}

async function useRefused(client: AnyClient): Promise<void> {
  for (const call of [
    () => client.callTool({ name: "elsewhere" }),
    () => client.callTool({ name: "elsewhere-with-arguments", arguments: { n: 1 } }),
    () => client.readResource({ uri: "bank://vault" }),
    () => client.getPrompt({ name: "secret", arguments: { name: "x" } }),
  ]) {
    expect(await reasonOf(call())).toBe("attestation_claims_insufficient");
  }
}

describe("each SDK generation on each transport under each policy", () => {
  it.each(cells)(
    "$client client, $server server, $wire, $policy (M8, T23, SPEC-19.8, SPEC-19.9)",
    async ({ client, server, wire, policy }) => {
      const target =
        wire === "stdio" ? servers.stdio(server, { policy }) : await servers.startHttp(server, wire, { policy });
      const own = new AttestingAgent({
        source: localSource(authority.provider, authority.identity),
        observer: tickets,
      });
      const attested = { agent: own, audience: authority.audience };
      const made = vi.spyOn(own, "credentialsFor");
      ticketEvents.length = 0;
      const row: string[] = [client, server, wire, policy];
      table.push(row);

      const honest = await connect(client, target, attested);
      await useEverything(honest.client);
      expect(honest.attestation).toMatchObject({ status: "verified", trustLevel: "provider" });
      row.push("verified");
      // One signature asked for a ticket, which every server grants in its answer, and no MAC was refused.
      const kinds = (await Promise.all(made.mock.results.map(({ value }) => value))).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === "mac").length).toBeGreaterThanOrEqual(4);
      expect(ticketEvents).toEqual(["obtained"]);
      row.push(`${kinds.filter((kind) => kind === "signature").length} signatures, then MACs`);
      await useRefused(honest.client);
      row.push("JSON-RPC error");
      await honest.client.close();

      if (policy === "required") {
        const calling = connect(client, target).then(({ client }) => client.callTool({ name: "whoami" }));
        expect(await reasonOf(calling)).toBe("attestation_required");
        row.push("refused");
        return;
      }
      const plain = await connect(client, target);
      expect(textOf(await plain.client.callTool({ name: "whoami" }))).toBe("nobody");
      expect(await reasonOf(plain.client.callTool({ name: "protected", arguments: { n: 1 } }))).toBe(
        "attestation_required",
      );
      await plain.client.close();
      row.push("served, unverified");
    },
  );
});

describe("an attesting client at a server that knows nothing of attestation", () => {
  it.each(cells.filter(({ policy }) => policy === "required"))(
    "works unchanged: $client client, $server server, $wire",
    async ({ client, server, wire }) => {
      const settings = { plain: true };
      const target =
        wire === "stdio" ? servers.stdio(server, settings) : await servers.startHttp(server, wire, settings);
      const { client: own, attestation } = await connect(client, target, { agent, audience: authority.audience });
      expect(textOf(await own.callTool({ name: "whoami" }))).toBe("nobody");
      expect(attestation?.status).toBe("unsupported");
      await own.close();
    },
  );
});
