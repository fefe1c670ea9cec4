import { createHash } from "node:crypto";
import { encodeBase64url, InMemoryReplayCache, KeyPair } from "@attest/core";
import {
  type Authority,
  type AuthorityOptions,
  type AuthorityRecord,
  createAuthority,
  type Rule,
  secretEvidence,
} from "../src/index.ts";
import { AUTHORITY, START } from "./platform.ts";

export const AUDIENCE = "https://bank.example/mcp";
export const SECRET = "a-secret-of-the-workload-aurora";
export const OTHER_SECRET = "another-secret-of-another-one";
export const hash = (secret: string): string => createHash("sha256").update(secret).digest("hex");
export const aurora = { modelFamily: "aurora", modelVersion: "aurora-2", provider: "example" };

export const rules: readonly Rule[] = [
  { name: "aurora", evidence: "desk", default: true, subject: "aurora", attest: { identity: aurora } },
  { name: "other", evidence: "desk", subject: "other", attest: { identity: aurora, audiences: [AUDIENCE] } },
];

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a test
  readonly body: any;
}

/** An authority that a test asks in process, by a clock in its hand. */
export class Asking {
  now = START;
  readonly address = `${AUTHORITY}/attestations`;
  readonly reported: unknown[] = [];
  readonly records: AuthorityRecord[] = [];
  authority!: Authority;
  key!: KeyPair;
  signer!: KeyPair;

  static async start(options: Partial<AuthorityOptions> = {}): Promise<Asking> {
    const asking = new Asking();
    asking.signer = await KeyPair.generate({ kid: "authority-1" });
    asking.key = await KeyPair.generate();
    const clock = () => asking.now;
    asking.authority = await createAuthority({
      issuer: "https://models.example",
      publicUrl: AUTHORITY,
      ...(options.keyStore === undefined && { signer: asking.signer }),
      evidence: { desk: secretEvidence({ workloads: { aurora: hash(SECRET), other: hash(OTHER_SECRET) } }) },
      rules,
      replayCache: ranForAWhile(),
      record: (entry) => void asking.records.push(entry),
      report: (error) => void asking.reported.push(error),
      clock,
      ...options,
    });
    return asking;
  }

  /** Posts as it is said, and reads the answer. */
  async post(
    path: string,
    body: string | object,
    credential: string | undefined = SECRET,
    fields = {},
    connection = {},
  ): Promise<Answer> {
    const request = new Request(`${AUTHORITY}/${path}`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        ...(credential && { Authorization: `Bearer ${credential}` }),
        ...fields,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const response = await this.authority.fetch(request, { address: "203.0.113.9", ...connection });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  async challenge(credential = SECRET, ask: object = {}): Promise<string> {
    return (await this.post("attestations/challenge", ask, credential)).body.challenge;
  }

  /** What an agent that has this authority configured signs. */
  possessionOf(signer: KeyPair, challenge: string, address: string = this.address) {
    return signedOver(signer, challenge, `io.github.attest/possession/2\n${address}\n${challenge}`);
  }

  /** An honest request, changed as the test wants it. */
  async ask(
    changes: { readonly rule?: string; readonly [member: string]: unknown } = {},
    credential = SECRET,
    signer = this.key,
  ): Promise<Answer> {
    const { rule } = changes;
    const possession = await this.possessionOf(
      signer,
      await this.challenge(credential, rule === undefined ? {} : { rule }),
    );
    return this.post("attestations", { confirmation_key: signer.toJwk(), possession, ...changes }, credential);
  }
}

/** A replay cache from long before the test: it is ready, and knows all that was used. */
function ranForAWhile(): InMemoryReplayCache {
  return Object.assign(new InMemoryReplayCache({ clock: () => START - 3600 }), { ready: async () => {} });
}

export async function signedOver(signer: KeyPair, challenge: string, text: string) {
  return { challenge, signature: encodeBase64url(await signer.sign(new TextEncoder().encode(text))) };
}
