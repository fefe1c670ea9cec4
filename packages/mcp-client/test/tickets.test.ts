import {
  type AttestationEvent,
  HTTP_FIELDS,
  type KeyPair,
  META_PROOF,
  META_TICKET_GRANT,
  type TicketEvent,
  type VerificationEvent,
  type VerifierOptions,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import {
  AttestationGuard,
  attestHandler,
  attestServerTransport,
  type GuardOptions,
  type GuardSettings,
} from "@attest/mcp-server";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AttestingAgent, attestFetch, attestTransport } from "../src/index.ts";

const START = 1_800_000_000;
const ENDPOINT = "https://server.example/mcp";

let now = START;
let authority: TestAuthority;
let events: AttestationEvent[];
beforeEach(async () => {
  now = START;
  events = [];
  authority = await createTestAuthority({ clock: () => now });
});
afterEach(() => {
  vi.useRealTimers();
});

const observer = { onEvent: (event: AttestationEvent) => void events.push(event) };
const guardWith = (options: Partial<VerifierOptions> & GuardSettings = {}) =>
  new AttestationGuard({ ...authority.verifierOptions, observer, ...options } as GuardOptions);
const agentWith = (options: { tickets?: boolean; signer?: KeyPair } = {}) =>
  new AttestingAgent({
    source: { getAttestation: ({ confirmationKey }) => authority.attest({ confirmationKey }) },
    clock: () => now,
    observer,
    ...options,
  });

const verified = () => events.filter((event): event is VerificationEvent => event.type === "verification");
const kinds = () => verified().map(({ proof, code }) => (code ? `${proof} ${code}` : proof));
const tickets = () =>
  events
    .filter((event): event is TicketEvent => event.type === "ticket")
    .map(({ action, reason }) => (reason ? `${action} ${reason}` : action));

const call = (id: number, name = "transfer", more: object = {}) => ({
  jsonrpc: "2.0" as const,
  id,
  method: "tools/call",
  params: { name, arguments: {}, ...more },
});

/** Whether a signed proof asks for a ticket. */
const asks = (proof = "") => "ticket_epk" in JSON.parse(Buffer.from(proof.split(".")[1] ?? "", "base64url").toString());

/** A client over HTTP whose server is exchanged by setting `guard`, and what reached it. */
function overHttp(guard: AttestationGuard, agent = agentWith()) {
  const served: unknown[] = [];
  const answers: Response[] = [];
  const proofs: string[] = [];
  const make = (by: AttestationGuard) =>
    attestHandler(async (request: Request) => {
      const message = (await request.json()) as { id?: number; params?: { fails?: boolean } };
      served.push(message);
      const outcome = message.params?.fails ? { error: { code: -32000, message: "No" } } : { result: {} };
      return Response.json({ jsonrpc: "2.0", id: message.id, ...outcome });
    }, by);
  let handler = make(guard);
  const fetch = attestFetch({
    agent,
    audience: authority.audience,
    endpoint: ENDPOINT,
    fetch: async (url, init) => {
      proofs.push(new Headers(init?.headers).get(HTTP_FIELDS.proof) ?? "");
      const response = await handler(new Request(url, init));
      answers.push(response.clone());
      return response;
    },
  });
  return {
    served,
    answers,
    proofs,
    exchange: (by: AttestationGuard) => {
      handler = make(by);
    },
    send: async (message: object, headers: Record<string, string> = {}) =>
      (
        await fetch(ENDPOINT, {
          method: "POST",
          body: JSON.stringify(message),
          headers: { "Content-Type": "application/json", ...headers },
        })
      ).json(),
    fetch,
  };
}

/** A client over an in-memory wire, and what reached its server. */
async function overWire(guard: AttestationGuard, agent = agentWith(), result: Record<string, unknown> = {}) {
  const [clientEnd, serverEnd] = InMemoryTransport.createLinkedPair();
  const served: { method?: string; params?: object }[] = [];
  const wired: unknown[] = [];
  const server = attestServerTransport(serverEnd as never, guard) as InMemoryTransport;
  server.onmessage = (message) => {
    served.push(message as never);
    if ("id" in message && "method" in message) server.send({ jsonrpc: "2.0", id: message.id, result });
  };
  const send = clientEnd.send.bind(clientEnd);
  clientEnd.send = (message) => {
    wired.push(message);
    return send(message);
  };
  const answered: unknown[] = [];
  const listen = clientEnd;
  const client = attestTransport(listen as never, {
    agent,
    audience: authority.audience,
  }) as unknown as InMemoryTransport;
  const waiting = new Map<unknown, (message: unknown) => void>();
  client.onmessage = (message) => {
    answered.push(message);
    waiting.get((message as { id?: unknown }).id)?.(message);
  };
  await server.start();
  await client.start();
  return {
    served,
    wired,
    answered,
    client,
    send: (message: { id: number }) =>
      new Promise<{ result?: { _meta?: object }; error?: { data?: { reason: string } } }>((resolve) => {
        waiting.set(message.id, resolve as never);
        client.send(message as never);
      }),
  };
}

describe("over HTTP", () => {
  it("one signature asks for a ticket, and MACs follow it (SPEC-19.9, SPEC-19.10)", async () => {
    const client = overHttp(guardWith());
    for (let id = 1; id <= 4; id++) expect(await client.send(call(id))).toMatchObject({ result: {} });
    expect(kinds()).toEqual(["signature", "mac", "mac", "mac"]);
    expect(tickets()).toEqual(["granted", "obtained"]);
    const fields = client.answers.map(({ headers }) => headers.has(HTTP_FIELDS.ticket));
    expect(fields).toEqual([true, false, false, false]);
    expect(client.served).toHaveLength(4);
  });

  it("the grant goes with the head of the answer, whatever its result turns out to be (SPEC-19.9)", async () => {
    const client = overHttp(guardWith());
    expect(await client.send(call(1, "transfer", { fails: true }))).toMatchObject({ error: { code: -32000 } });
    await client.send(call(2));
    expect(kinds()).toEqual(["signature", "mac"]);
  });

  it("covers session and access token as a signature does", async () => {
    const client = overHttp(guardWith());
    await client.send(call(1));
    await client.send(call(2), { Authorization: "Bearer mF_9.B5f-4.1JqM" });
    expect(kinds()).toEqual(["signature", "mac"]);
  });

  it("a server that was restarted refuses once, and the call is sent once more, signed, and executed once (SPEC-19.22, C7)", async () => {
    const client = overHttp(guardWith());
    await client.send(call(1));
    client.exchange(guardWith());
    expect(await client.send(call(2))).toMatchObject({ result: {} });
    expect(kinds()).toEqual(["signature", "mac ERR_TICKET_UNKNOWN", "signature"]);
    expect(tickets().slice(2)).toEqual(["fallback attestation_ticket_refused", "granted", "obtained"]);
    expect(client.served).toHaveLength(2);
    await client.send(call(3));
    expect(kinds().at(-1)).toBe("mac");
  });

  it("a server without tickets is sent signatures, and asked ever more rarely (SPEC-19.10)", async () => {
    const client = overHttp(guardWith({ tickets: false }));
    for (const [at, expected] of [
      [0, true],
      [4, false],
      [5, true],
      [14, false],
      [15, true],
      [34, false],
      [35, true],
    ] as const) {
      now = START + at;
      await client.send(call(1));
      expect([at, asks(client.proofs.at(-1))]).toEqual([at, expected]);
    }
    expect(new Set(kinds())).toEqual(new Set(["signature"]));
  });

  it("an agent that is configured without tickets signs everything", async () => {
    const client = overHttp(guardWith(), agentWith({ tickets: false }));
    await client.send(call(1));
    await client.send(call(2));
    expect(kinds()).toEqual(["signature", "signature"]);
    expect(tickets()).toEqual([]);
  });

  it("`initialize` is signed, with a ticket at hand too (SPEC-19.23)", async () => {
    const client = overHttp(guardWith());
    await client.send(call(1));
    await client.send({ jsonrpc: "2.0", id: 2, method: "initialize", params: {} });
    await client.send(call(3));
    expect(kinds()).toEqual(["signature", "signature", "mac"]);
  });

  it("an `initialize` that is spelt with escapes, or sent as bytes, is signed too (SPEC-19.23)", async () => {
    const client = overHttp(guardWith());
    await client.send(call(1));
    const text = JSON.stringify({ ...call(2), method: "initialize", params: {} });
    const escaped = text.replace("init", "\\u0069nit");
    for (const body of [text, escaped, new TextEncoder().encode(text)]) {
      await client.fetch(ENDPOINT, { method: "POST", body, headers: { "Content-Type": "application/json" } });
    }
    await client.send(call(3));
    expect(client.proofs.map((proof) => proof.startsWith("mac1~"))).toEqual([false, false, false, false, true]);
  });

  it("a ticket is not used in its last ten seconds, and the next message asks anew (SPEC-19.10)", async () => {
    const client = overHttp(guardWith({ tickets: { lifetime: 60 } }));
    await client.send(call(1));
    now = START + 49;
    await client.send(call(2));
    now = START + 50;
    await client.send(call(3));
    await client.send(call(4));
    expect(kinds()).toEqual(["signature", "mac", "signature", "mac"]);
    expect(tickets()).toEqual(["granted", "obtained", "granted", "obtained"]);
  });

  it("is not used by a clock that was set back", async () => {
    const client = overHttp(guardWith());
    await client.send(call(1));
    now = START - 5;
    await client.send(call(2));
    expect(kinds()).toEqual(["signature", "signature"]);
  });

  it("a 0.2.0 replica's answer to a MAC is answered by a signature, once (SPEC-19.22)", async () => {
    const client = overHttp(guardWith());
    await client.send(call(1));
    for (const reason of ["attestation_proof_invalid", "attestation_required"]) {
      const refuses = vi.fn(async () => Response.json({}, { headers: { [HTTP_FIELDS.error]: reason } }));
      const agent = agentWith();
      const proofs: string[] = [];
      const guarded = attestHandler(
        async (_: Request) => Response.json({ jsonrpc: "2.0", id: 1, result: {} }),
        guardWith(),
      );
      const fetch = attestFetch({
        agent,
        audience: authority.audience,
        endpoint: ENDPOINT,
        fetch: async (url, init) => {
          const proof = new Headers(init?.headers).get(HTTP_FIELDS.proof) ?? "";
          proofs.push(proof.slice(0, 5));
          return proof.startsWith("mac1~") ? refuses() : guarded(new Request(url, init));
        },
      });
      const post = () => fetch(ENDPOINT, { method: "POST", body: JSON.stringify(call(1)) });
      await post();
      expect((await post()).headers.get(HTTP_FIELDS.status)).toBe("verified;trust=provider");
      expect(proofs).toEqual(["eyJhb", "mac1~", "eyJhb"]);
      expect(refuses).toHaveBeenCalledOnce();
    }
  });

  it("a signed proof that is refused is never repeated, whatever the server says about tickets (SPEC-7.10)", async () => {
    for (const reason of [
      "attestation_proof_invalid",
      "attestation_ticket_refused",
      "attestation_signature_required",
    ]) {
      const refuses = vi.fn(async () => Response.json({}, { headers: { [HTTP_FIELDS.error]: reason } }));
      const options = { agent: agentWith(), audience: authority.audience, endpoint: ENDPOINT, fetch: refuses };
      await attestFetch(options)(ENDPOINT, { method: "POST", body: JSON.stringify(call(1)) });
      expect(refuses).toHaveBeenCalledOnce();
    }
  });

  it("after two tickets that were refused unused, it waits before it asks again (SPEC-19.10)", async () => {
    // Instances that nobody gave one ring: whichever granted a ticket, another is asked next.
    const client = overHttp(guardWith());
    const granted = () => tickets().filter((action) => action === "granted").length;
    const send = async (id: number) => {
      client.exchange(guardWith());
      await client.send(call(id));
      return granted();
    };
    // Each but the first is a MAC that is refused and a signature that asks, until two were refused.
    expect([await send(1), await send(2), await send(3), await send(4)]).toEqual([1, 2, 2, 2]);
    now += 4;
    expect(await send(5)).toBe(2);
    now += 1;
    expect(await send(6)).toBe(3);
    expect(client.served).toHaveLength(6);
  });

  it("an ask whose answer does not come ends after ten seconds, and does not count (SPEC-19.2)", async () => {
    vi.useFakeTimers();
    const agent = agentWith();
    const ask = { method: "tools/call", ask: true };
    const request = { kind: "http", method: "POST" } as const;
    const credentials = () => agent.credentialsFor(authority.audience, request, { tickets: ask });
    const first = await credentials();
    expect(asks(first.proof)).toBe(true);
    expect(asks((await credentials()).proof)).toBe(false);
    vi.advanceTimersByTime(9_999);
    expect(asks((await credentials()).proof)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(asks((await credentials()).proof)).toBe(true);
  });

  it("does not ask in `ping`, `server/discover` or `subscriptions/listen`, nor with what gets no result (SPEC-19.2)", async () => {
    const agent = agentWith();
    const request = { kind: "http", method: "POST" } as const;
    const claims = async (tickets: object) => {
      const { proof } = await agent.credentialsFor(authority.audience, request, { tickets: tickets as never });
      return JSON.parse(Buffer.from(proof.split(".")[1] ?? "", "base64url").toString());
    };
    for (const method of ["ping", "server/discover", "subscriptions/listen"]) {
      expect(await claims({ method, ask: true })).not.toHaveProperty("ticket_epk");
    }
    expect(await claims({ method: "tools/call", ask: false })).not.toHaveProperty("ticket_epk");
    expect(await claims({ method: "tools/call", ask: true })).toHaveProperty("ticket_epk");
  });

  it("credentials that nobody hands back an answer for are signed, and ask for nothing", async () => {
    const agent = agentWith();
    const { kind, proof } = await agent.credentialsFor(authority.audience, { kind: "http", method: "GET" });
    expect(kind).toBe("signature");
    expect(Buffer.from(proof.split(".")[1] ?? "", "base64url").toString()).not.toContain("ticket_epk");
  });

  it("a grant that belongs to another ask is none (C3)", async () => {
    const client = overHttp(guardWith(), agentWith());
    await client.send(call(1));
    const foreign = client.answers[0]?.headers.get(HTTP_FIELDS.ticket) ?? "";
    const agent = agentWith();
    const swapped = attestFetch({
      agent,
      audience: authority.audience,
      endpoint: ENDPOINT,
      fetch: async (url, init) => {
        const response = await handler(new Request(url, init));
        response.headers.has(HTTP_FIELDS.ticket) && response.headers.set(HTTP_FIELDS.ticket, foreign);
        return response;
      },
    });
    const handler = attestHandler(
      async (_: Request) => Response.json({ jsonrpc: "2.0", id: 1, result: {} }),
      guardWith(),
    );
    const post = () => swapped(ENDPOINT, { method: "POST", body: JSON.stringify(call(1)) });
    events.length = 0;
    await post();
    expect((await post()).headers.get(HTTP_FIELDS.status)).toBe("verified;trust=provider");
    expect(kinds()[1]).toMatch(/^mac ERR_TICKET_/);
    expect(kinds().at(-1)).toBe("signature");
  });
});

describe("signatures on demand", () => {
  it("are asked for before anything acts, sent once more, and remembered by the agent (SPEC-19.24, SPEC-19.25)", async () => {
    const client = overHttp(guardWith({ signatures: { tools: ["transfer"] } }));
    await client.send(call(1, "balance"));
    await client.send(call(2, "balance"));
    expect(await client.send(call(3))).toMatchObject({ result: {} });
    await client.send(call(4));
    await client.send(call(5, "balance"));
    const demanded = ["mac ERR_SIGNATURE_REQUIRED", "signature"];
    expect(kinds()).toEqual(["signature", "mac", ...demanded, "signature", "mac"]);
    expect(client.served).toHaveLength(5);
  });

  it("for everything: nothing is granted (SPEC-19.3)", async () => {
    const client = overHttp(guardWith({ signatures: true }));
    await client.send(call(1));
    await client.send(call(2));
    expect(kinds()).toEqual(["signature", "signature"]);
    expect(tickets()).toEqual([]);
  });

  it("work in the message too", async () => {
    const client = await overWire(guardWith({ signatures: { tools: ["transfer"] } }));
    await client.send(call(1, "balance"));
    expect(await client.send(call(2))).toHaveProperty("result");
    await client.send(call(3));
    expect(kinds()).toEqual(["signature", "mac ERR_SIGNATURE_REQUIRED", "signature", "signature"]);
    expect(client.served).toHaveLength(3);
  });
});

describe("in the message", () => {
  it("one signature asks for a ticket, and MACs follow it; the host sees nothing of it (SPEC-19.8, SPEC-4.31)", async () => {
    const client = await overWire(guardWith());
    for (let id = 1; id <= 3; id++) expect(await client.send(call(id))).toEqual({ jsonrpc: "2.0", id, result: {} });
    expect(kinds()).toEqual(["signature", "mac", "mac"]);
    expect(JSON.stringify(client.answered)).not.toContain(META_TICKET_GRANT);
  });

  it("many in flight: those that are signed ask once (SPEC-19.2)", async () => {
    const client = await overWire(guardWith());
    await Promise.all(Array.from({ length: 8 }, (_, i) => client.send(call(i))));
    await Promise.all(Array.from({ length: 8 }, (_, i) => client.send(call(100 + i))));
    expect(kinds()).toEqual([...Array(8).fill("signature"), ...Array(8).fill("mac")]);
    expect(tickets()).toEqual(["granted", "obtained"]);
  });

  it("notifications, result responses and `initialize` are always signed (SPEC-19.23)", async () => {
    const client = await overWire(guardWith());
    await client.send(call(1));
    await client.client.send({ jsonrpc: "2.0", method: "notifications/progress", params: {} } as never);
    await client.client.send({ jsonrpc: "2.0", id: 7, result: {} } as never);
    await client.send({ ...call(2), method: "initialize" } as never);
    await client.send(call(3));
    expect(kinds()).toEqual(["signature", "signature", "signature", "signature", "mac"]);
    const proofs = client.wired.map((message) => {
      const { params, result } = message as { params?: { _meta?: object }; result?: { _meta?: object } };
      return (Object.assign({}, params?._meta, result?._meta) as Record<string, string>)[META_PROOF]?.slice(0, 4);
    });
    expect(proofs).toEqual(["eyJh", "eyJh", "eyJh", "eyJh", "mac1"]);
  });

  it("no ticket goes with a result that others may be served, nor with an error (SPEC-19.9)", async () => {
    const shared = await overWire(guardWith(), agentWith(), { cacheScope: "public" });
    await shared.send(call(1));
    await shared.send(call(2));
    expect(kinds()).toEqual(["signature", "signature"]);
    expect(tickets()).not.toContain("obtained");
  });

  it("a refusal is answered by one signed message, which is executed once (SPEC-19.22)", async () => {
    const agent = agentWith();
    const first = await overWire(guardWith(), agent);
    await first.send(call(1));
    const restarted = await overWire(guardWith(), agent);
    expect(await restarted.send(call(2))).toHaveProperty("result");
    expect(kinds()).toEqual(["signature", "mac ERR_TICKET_UNKNOWN", "signature"]);
    expect(restarted.served).toHaveLength(1);
  });

  it("a guard that only reports grants nothing (SPEC-4.30)", async () => {
    const client = await overWire(guardWith({ enforce: false }));
    await client.send(call(1));
    await client.send(call(2));
    expect(kinds()).toEqual(["signature", "signature"]);
    expect(tickets()).toEqual([]);
  });
});
