import type { IncomingMessage, ServerResponse } from "node:http";
import { type Listener, type ListenOptions, listen } from "@attest/service";
import type { Authority } from "../create-authority.ts";
import type { AuthorityAnswer } from "../http/plain.ts";
import { connectionOf, type TrustedProxy } from "./node-connection.ts";
import { NodeRequest } from "./node-request.ts";
import { Turns } from "./turns.ts";
import { writeAnswer } from "./write-answer.ts";

/** How an authority is served. */
export interface ServeOptions extends ListenOptions {
  /** The proxy that requests come through. Default: none, so that the connection's own address counts. */
  readonly proxy?: TrustedProxy;
}

/** An authority that listens. */
export interface ServedAuthority {
  /** Where it listens, with the port that was chosen. */
  readonly url: URL;
  /** Answers by another authority from now on: after its configuration changed. The former one stays the caller's to close. */
  replace(authority: Authority): void;
  /** Whether it takes requests. */
  readonly draining: boolean;
  /** Takes no more connections, waits for requests under way for so many milliseconds, then ends them. */
  close(withinMs?: number): Promise<void>;
}

/**
 * Serves an authority over HTTP or HTTPS, once it is ready. `GET /health` answers that the process is there.
 *
 * @param authority The authority, or what makes it once its address is known: for one that is published under no other. Until
 * then everything is answered with 503.
 * @param options Where it listens.
 * @throws AttestationError if the authority is not ready; the system's error if it cannot listen.
 */
export async function serveAuthority(
  authority: Authority | ((url: URL) => Promise<Authority>),
  options: ServeOptions,
): Promise<ServedAuthority> {
  if (typeof authority !== "function") await authority.ready();
  const { proxy } = options;
  let current = typeof authority === "function" ? undefined : authority;
  let draining = false;
  const turns = new Turns();
  const answer = async (req: IncomingMessage): Promise<AuthorityAnswer> => {
    if (!current) return { status: 503, headers: { "Retry-After": "1" }, body: "" };
    const request = new NodeRequest(req, turns);
    return request.path === "/health" ? health(current.issuer) : current.answer(request, connectionOf(req, proxy));
  };
  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    // A client that stays is sent to another replica.
    if (draining) res.setHeader("Connection", "close");
    answer(req)
      .then((answered) => writeAnswer(req, res, answered))
      .catch(() => res.destroy());
  };
  const listener: Listener = await listen(handle, options);
  try {
    current ??= await readyAuthority(authority as (url: URL) => Promise<Authority>, listener.url);
  } catch (error) {
    await listener.close(0);
    throw error;
  }
  return {
    url: listener.url,
    replace(next) {
      current = next;
    },
    get draining() {
      return draining;
    },
    close(withinMs = 5000) {
      draining = true;
      return listener.close(withinMs);
    },
  };
}

async function readyAuthority(make: (url: URL) => Promise<Authority>, url: URL): Promise<Authority> {
  const authority = await make(url);
  await authority.ready();
  return authority;
}

function health(issuer: string): AuthorityAnswer {
  const headers = { "Content-Type": "application/json", "Cache-Control": "no-store" };
  return { status: 200, headers, body: JSON.stringify({ status: "ok", issuer }) };
}
