import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeyPair } from "@attest/core";
import { AskedProcess } from "./asked-process.ts";
import type { LoadQuestion } from "./gateway-load-process.ts";

/** What can be asked of a forwarder: microseconds of CPU so far, bytes of resident memory, bytes taken from the server. */
type ForwarderQuestion = "cpu" | "memory" | "taken";

/** A process between agents and the server. */
export interface Forwarder {
  readonly endpoint: string;
  ask(what: ForwarderQuestion): Promise<number>;
  end(): Promise<void>;
}

interface Trust {
  readonly audience: string;
  readonly issuer: string;
  readonly jwks: object;
}

/** The server, its agents, and what is started between them: each a process of its own. */
export class GatewayFleet {
  readonly #server: AskedProcess;
  readonly #serverUrl: string;
  readonly #load: AskedProcess;
  readonly #folder: string;

  private constructor(server: readonly [AskedProcess, string], load: AskedProcess, folder: string) {
    [this.#server, this.#serverUrl] = server;
    this.#load = load;
    this.#folder = folder;
  }

  static async start(): Promise<GatewayFleet> {
    const server = await AskedProcess.start<string>("gateway-upstream-process");
    const [load, { jwks, audience, issuer }] = await AskedProcess.start<Trust>("gateway-load-process");
    const folder = mkdtempSync(join(tmpdir(), "attest-bench-"));
    const write = (name: string, value: object) =>
      writeFileSync(join(folder, name), JSON.stringify(value), { mode: 0o600 });
    write("keys.json", jwks);
    write("assertion-key.json", await (await KeyPair.generate({ kid: "gateway" })).toPrivateJwk());
    write("gateway.json", {
      listen: "127.0.0.1:0",
      audience,
      trustedIssuers: [{ issuer, trustLevel: "provider", trustDomains: ["example.com"], jwks: "./keys.json" }],
      upstream: { url: server[1], audience: "https://inner.example/mcp" },
      assertion: { issuer: "https://gateway.example", key: "./assertion-key.json" },
      limits: { streams: 10_000, streamsPerAgent: 10_000 },
    });
    return new GatewayFleet(server, load, folder);
  }

  /** Starts the gateway, or the plain proxy that it is compared with. */
  async forwarder(kind: "plain" | "gateway"): Promise<Forwarder> {
    const where = kind === "plain" ? this.#serverUrl : join(this.#folder, "gateway.json");
    const [process, endpoint] = await AskedProcess.start<string>("gateway-proxy-process", kind, where);
    return { endpoint, ask: (what) => process.ask({ what }), end: () => process.end() };
  }

  /** Has the agents do something. */
  agents<T>(question: LoadQuestion): Promise<T> {
    return this.#load.ask(question);
  }

  async end(): Promise<void> {
    await this.#load.end();
    await this.#server.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
