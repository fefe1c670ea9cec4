import {
  type AttestationStatus,
  encodeBase64url,
  InMemoryKeyResolver,
  type KeyPair,
  type Signer,
  type StatusListEvent,
} from "@attest/core";
import type { FetchDocument } from "@attest/remote-documents";
import { onTestFinished } from "vitest";
import { HttpStatusSource, type HttpStatusSourceOptions, StatusError, StatusList } from "../src/index.ts";

export const ISSUER = "https://authority.example";
export const URI = "https://authority.example/status/1";
export const NOW = 1_800_000_000;

/** A list of 1024 entries, of which some have a status. */
export async function listOf(statuses: Readonly<Record<number, number>> = {}, bits: 1 | 2 = 1, size = 1024) {
  const list = StatusList.create(bits, size);
  for (const [index, status] of Object.entries(statuses)) list.set(Number(index), status);
  return list.encode();
}

/** Any token, signed: members of header and claims that are `undefined` are left out. */
export async function tokenOf(signer: Signer, claims: object, header: object = {}): Promise<string> {
  const alg = signer.algorithm;
  const parts = [{ typ: "statuslist+jwt", alg, kid: signer.kid, ...header }, claims].map((part) =>
    JSON.stringify(part),
  );
  return signed(signer, parts as [string, string]);
}

/** A token whose parts are texts. */
export async function signed(signer: Signer, [header, claims]: readonly [string, string]): Promise<string> {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${encodeBase64url(await signer.sign(new TextEncoder().encode(input)))}`;
}

const encode = (text: string) => encodeBase64url(new TextEncoder().encode(text));

/** Good claims, but for what is overridden. */
export async function claimsOf(overrides: object = {}, statuses: Readonly<Record<number, number>> = {}) {
  const status_list = await listOf(statuses);
  return { sub: URI, iss: ISSUER, iat: NOW, exp: NOW + 3600, ttl: 60, status_list, ...overrides };
}

/** A source of statuses over a `fetch` that answers as the test says, with its time in the test's hand. */
export function sourceOf(signer: KeyPair, options: Partial<HttpStatusSourceOptions> = {}) {
  const time = { now: NOW, elapsed: 0 };
  const events: StatusListEvent[] = [];
  const server = {
    hits: 0,
    revalidations: [] as (string | undefined)[],
    /** What is sent: a token, or a whole response. */
    answer: (): Response | string | Promise<Response | string> => new Response(null, { status: 503 }),
  };
  const fetch: FetchDocument = async (_url, { headers }) => {
    server.hits++;
    server.revalidations.push(headers["if-none-match"]);
    const answer = await server.answer();
    return typeof answer === "string" ? new Response(answer) : answer;
  };
  const keyResolver = new InMemoryKeyResolver();
  const source = new HttpStatusSource({
    lists: { [ISSUER]: URI },
    keyResolver,
    ...(options.allowPrivateNetwork ? {} : { fetch, allowUncheckedAddresses: true }),
    clock: () => time.now,
    observer: { onEvent: (event) => events.push(event as StatusListEvent) },
    ...options,
  });
  onTestFinished(() => source.close());
  const ready = keyResolver.addKey(ISSUER, signer.toJwk());
  /** The answer to a check, or the problem and what caused it. */
  const check = async (idx: number, uri = URI, issuer = ISSUER): Promise<AttestationStatus | string> => {
    await ready;
    return outcomeOf(async () => source.check(issuer, { uri, idx }));
  };
  return { source, server, time, events, check, keyResolver };
}

export async function outcomeOf<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return error.cause instanceof Error ? `${error.problem}: ${error.cause.message}` : error.problem;
  }
}
