import { createHash } from "node:crypto";
import { type AgentIdentity, encodeBase64url, KeyPair } from "@attest/core";
import { afterEach, beforeEach, expect } from "vitest";
import { type Authority, type AuthoritySettingsInput, parseSettings, startAuthority } from "../src/index.ts";

export const START = 1_800_000_000;
export const AUDIENCE = "https://bank.example/mcp";
export const SECRET = "a-secret-of-the-workload-aurora";
export const OTHER_SECRET = "another-secret-of-another-one";
export const hash = (secret: string): string => createHash("sha256").update(secret).digest("hex");
const aurora: AgentIdentity = { modelFamily: "aurora", modelVersion: "aurora-2", provider: "example" };
export const auroraBeta: AgentIdentity = { ...aurora, modelVersion: "aurora-3-beta" };

export const settings = {
  issuer: "https://models.example",
  port: 0,
  workloads: [
    { id: "aurora", secretSha256: hash(SECRET), identities: [aurora, auroraBeta] },
    { id: "other", secretSha256: hash(OTHER_SECRET), identities: [aurora], audiences: [AUDIENCE] },
  ],
} satisfies AuthoritySettingsInput;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a test
  readonly body: any;
}

/** An authority that a test runs and asks, by a clock in its hand. */
export class Asking {
  now = START;
  authority!: Authority;
  /** The agent's key. */
  key!: KeyPair;
  readonly reported: unknown[] = [];

  async start(changes: Partial<AuthoritySettingsInput> = {}): Promise<Authority> {
    const options = { clock: () => this.now, report: (error: unknown) => this.reported.push(error) };
    this.authority = await startAuthority(parseSettings({ ...settings, ...changes }), options);
    return this.authority;
  }

  async restart(changes: Partial<AuthoritySettingsInput> = {}): Promise<void> {
    await this.authority.close();
    await this.start(changes);
  }

  /** Where its own `/attestations` is. */
  get address(): string {
    return new URL("attestations", this.authority.url).href;
  }

  /** Posts as it is said, and reads the answer. */
  async post(path: string, body: string | object, secret: string | undefined = SECRET, fields = {}): Promise<Answer> {
    const response = await fetch(new URL(path, this.authority.url), {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(secret && { Authorization: `Bearer ${secret}` }), ...fields },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  async challenge(secret = SECRET): Promise<string> {
    return (await this.post("attestations/challenge", {}, secret)).body.challenge;
  }

  /** What an agent that has this authority configured signs. */
  possessionOf(signer: KeyPair, challenge: string, address: string = this.address) {
    return signedOver(signer, challenge, `io.github.attest/possession/2\n${address}\n${challenge}`);
  }

  /** An honest request, changed as the test wants it. */
  async ask(changes: object = {}, secret = SECRET): Promise<Answer> {
    const possession = await this.possessionOf(this.key, await this.challenge(secret));
    return this.post("attestations", { confirmation_key: this.key.toJwk(), possession, ...changes }, secret);
  }
}

export async function signedOver(signer: KeyPair, challenge: string, text: string) {
  return { challenge, signature: encodeBase64url(await signer.sign(new TextEncoder().encode(text))) };
}

/** An authority for each test of a file, which may fail at nothing of its own. */
export function eachTestAsks(): Asking {
  const asking = new Asking();
  beforeEach(async () => {
    asking.now = START;
    asking.reported.length = 0;
    await asking.start();
    asking.key = await KeyPair.generate();
  });
  afterEach(async () => {
    await asking.authority.close();
    expect(asking.reported).toEqual([]);
  });
  return asking;
}
