import { isJsonObject } from "@attest/core";
import type { GatewayAnswer } from "./answer/gateway-answer.ts";
import { readBounded } from "./answer/read-bounded.ts";
import { CallEnd } from "./call-end.ts";
import { metadataUrl } from "./upstream/metadata-url.ts";
import type { Upstream, UpstreamAnswer } from "./upstream/upstream.ts";

const MAX_BYTES = 64 * 1024;
/** Milliseconds for which the upstream's metadata is used again, and after which it is given up. */
const FRESH_MS = 30_000;
const DEADLINE_MS = 10_000;

/**
 * OAuth's metadata of the protected resource (RFC 9728), at the gateway's own address: the upstream's, with the gateway's address
 * as `resource`, which is what clients compare.
 */
export class ProtectedResource {
  /** Its address. */
  readonly metadata: string;
  readonly #path: string;
  readonly #resource: string;
  readonly #upstream: Upstream;
  #held: { readonly until: number; readonly answer: Promise<GatewayAnswer> } | undefined;

  constructor(publicUrl: URL, upstream: Upstream) {
    const url = metadataUrl(publicUrl);
    this.metadata = url.href;
    this.#path = url.pathname;
    this.#resource = publicUrl.href;
    this.#upstream = upstream;
  }

  isAt(path: string): boolean {
    return path === this.#path;
  }

  /** Strangers ask for it, so the upstream is asked once in a while, whatever they do. */
  async answer(method: string): Promise<GatewayAnswer> {
    if (method !== "GET" && method !== "HEAD") return { status: 405, headers: { Allow: "GET, HEAD" }, body: "" };
    const now = performance.now();
    if (!this.#held || now >= this.#held.until) {
      this.#held = { until: now + FRESH_MS, answer: this.#ask().catch(() => failed(502)) };
    }
    return this.#held.answer;
  }

  async #ask(): Promise<GatewayAnswer> {
    if (!this.#upstream.metadata) return failed(404);
    const call = new CallEnd();
    const deadline = setTimeout(call.end, DEADLINE_MS);
    try {
      return await this.#read(await this.#upstream.metadata(call), call);
    } finally {
      clearTimeout(deadline);
    }
  }

  async #read(answer: UpstreamAnswer, call: CallEnd): Promise<GatewayAnswer> {
    const { status } = answer;
    const pieces = await readBounded(answer, { bytes: MAX_BYTES, idleMs: DEADLINE_MS, tooLong: call.end });
    if (!pieces) call.end();
    if (status !== 200) return failed(status >= 400 && status < 500 ? 404 : 502);
    if (!pieces) return failed(502);
    const value: unknown = JSON.parse(Buffer.concat(pieces).toString());
    if (!isJsonObject(value)) return failed(502);
    const headers = { "Content-Type": "application/json", "Cache-Control": "no-store" };
    return { status: 200, headers, body: JSON.stringify({ ...value, resource: this.#resource }) };
  }
}

function failed(status: number): GatewayAnswer {
  return { status, headers: {}, body: "" };
}
