import type { RequestListener } from "node:http";
import type { AttestationError, AttestationEvent, MaybePromise } from "@attest/core";
import { answer as document, type HostileServer, loopback, openHostileServer } from "hostile-server";
import { onTestFinished } from "vitest";
import { HttpKeyResolver, type HttpKeyResolverOptions } from "../src/index.ts";

export { document, type HostileServer, openHostileServer };

export const ISSUER = "https://authority.example";

/** A server's answer with a key set, and whatever header fields. */
export function jwks(keys: readonly unknown[], headers: Record<string, string> = {}): RequestListener {
  return document(JSON.stringify({ keys }), { "content-type": "application/jwk-set+json", ...headers });
}

/** A resolver that finds a hostile server by name, over TLS, or has a fetch of its own; with its time in the test's hand. */
export function resolverFor(
  server: Pick<HostileServer, "url" | "ca">,
  options: Partial<HttpKeyResolverOptions> = {},
): { resolver: HttpKeyResolver; time: { now: number }; events: AttestationEvent[]; outcome: Outcome } {
  const time = { now: 1_800_000_000 };
  const events: AttestationEvent[] = [];
  const resolver = new HttpKeyResolver({
    issuers: { [ISSUER]: { jwksUri: server.url } },
    ...(options.fetch
      ? { allowUncheckedAddresses: true }
      : { allowPrivateNetwork: true, ca: server.ca, lookup: loopback }),
    // On a busy machine a handshake can take its time.
    timeoutMs: 60_000,
    clock: () => time.now,
    observer: { onEvent: (event) => events.push(event) },
    ...options,
  });
  onTestFinished(() => resolver.close());
  return { resolver, time, events, outcome: (kid) => outcomeOf(() => resolver.resolve(ISSUER, kid)) };
}

/** What a resolution comes to: the key's thumbprint, `none`, or the code of its error. */
export type Outcome = (kid: string) => Promise<string>;

export async function outcomeOf(work: () => MaybePromise<{ thumbprint: string } | undefined>): Promise<string> {
  try {
    return (await work())?.thumbprint ?? "none";
  } catch (error) {
    return (error as AttestationError).code;
  }
}

/** The messages of an error and everything that caused it. */
export async function wordsOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "";
  } catch (error) {
    const words: string[] = [];
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      words.push(cause.message, JSON.stringify(cause), cause.stack ?? "");
    }
    return words.join("\n");
  }
}

/** A resolver with a fetch of its own, and no connection. */
export function webResolver(fetch: () => Promise<Response>, options: { timeoutMs?: number } = {}) {
  return resolverFor({ url: "https://keys.example/", ca: "" }, { fetch, ...options });
}
