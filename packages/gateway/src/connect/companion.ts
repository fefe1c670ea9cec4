import { isJsonObject, readAtMost } from "@attest/core";
import { eventsOf, type JsonRpcId } from "@attest/mcp-server/gate";
import { StatelessFields } from "./stateless-fields.ts";
import { trouble, troubleOf, troubleOfStatus } from "./trouble.ts";

type Message = Record<string, unknown>;
type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Bytes of an event, or of an answer without events. */
const MAX_EVENT = 16 * 1024 * 1024;
/** Milliseconds before a stream is opened again, doubled up to the second. */
const AGAIN_MS = 500;
const MOST_AGAIN_MS = 30_000;
/** Milliseconds that what follows waits for the session's stream to be open. */
const OPEN_MS = 2000;
/** How often a stream that broke off is asked for the rest of one answer. */
const RESUMES = 5;

/** A server over HTTP, as a host over stdio sees it: one message in, messages out. */
export class Companion {
  readonly #url: URL;
  readonly #fetch: Fetch;
  readonly #deliver: (message: object) => Promise<void>;
  readonly #fields = new StatelessFields();
  readonly #closed = new AbortController();
  /** Requests that wait for their answer; each can be ended. */
  readonly #waiting = new Map<JsonRpcId, AbortController>();
  readonly #tasks = new Set<Promise<void>>();
  #initialize: Message | undefined;
  #opening: Promise<void> | undefined;
  #sessionId: string | undefined;
  #version: string | undefined;
  #listening: AbortController | undefined;
  #renewals = 0;

  /** @param fetch What attests. @param deliver Gives a message to the host; resolves when it has room for more. */
  constructor(url: URL, fetch: Fetch, deliver: (message: object) => Promise<void>) {
    this.#url = url;
    this.#fetch = fetch;
    this.#deliver = deliver;
  }

  /** Takes a message of the host. What becomes of it is delivered. */
  take(message: Message): void {
    const { id, method } = message;
    if (method === "notifications/cancelled") this.#cancel(message);
    const isRequest = method !== undefined && id !== undefined;
    const before = this.#opening;
    const task = (async () => {
      // What follows an initialize belongs to the session that it opens.
      await before;
      if (isRequest) await this.#request(message, id as JsonRpcId);
      else await this.#tell(message);
    })();
    if (method === "initialize") this.#initialize = message;
    if (method === "initialize" || method === "notifications/initialized") this.#opening = task.catch(() => {});
    const known = task.catch(() => {}).finally(() => this.#tasks.delete(known));
    this.#tasks.add(known);
  }

  /** Waits for the answers to what was asked, and ends the session. */
  async end(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
    this.#closed.abort();
    this.#listening?.abort();
    if (this.#sessionId === undefined) return;
    const signal = AbortSignal.timeout(5000);
    await this.#fetch(this.#url, { method: "DELETE", headers: this.#sessionFields(), signal }).catch(() => {});
  }

  /** Ends everything at once. */
  abort(): void {
    this.#closed.abort();
    this.#listening?.abort();
    for (const controller of this.#waiting.values()) controller.abort();
  }

  async #request(message: Message, id: JsonRpcId): Promise<void> {
    const controller = new AbortController();
    this.#waiting.set(id, controller);
    try {
      const response = await this.#send(message, controller.signal);
      const answered = await this.#read(response, message, controller.signal);
      if (!answered && !controller.signal.aborted) {
        const why = response.ok ? "attest: the server ended without an answer" : troubleOfStatus(response.status);
        await this.#deliver(trouble(id, why));
      }
    } catch (error) {
      if (!controller.signal.aborted) await this.#deliver(trouble(id, troubleOf(error)));
    } finally {
      this.#waiting.delete(id);
    }
  }

  async #tell(message: Message): Promise<void> {
    const response = await this.#send(message, this.#closed.signal);
    await response.body?.cancel();
    if (message["method"] === "notifications/initialized" && this.#sessionId !== undefined) await this.#listen();
  }

  /** Sends a message; once more in a session that is opened again, if the server knows the former no longer. */
  async #send(message: Message, signal: AbortSignal): Promise<Response> {
    const sessionId = this.#sessionId;
    const response = await this.#post(message, signal);
    if (response.status !== 404 || sessionId === undefined || message["method"] === "initialize") return response;
    await response.body?.cancel();
    if (this.#sessionId === sessionId) {
      this.#opening = this.#renew(sessionId, this.#opening);
      await this.#opening;
    }
    return this.#post(message, signal);
  }

  #post(message: Message, signal: AbortSignal): Promise<Response> {
    const isInitialize = message["method"] === "initialize";
    const headers = {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      ...(!isInitialize && this.#sessionFields()),
      ...this.#fields.of(message),
    };
    return this.#fetch(this.#url, { method: "POST", headers, body: JSON.stringify(message), signal });
  }

  #sessionFields(): Record<string, string> {
    return {
      ...(this.#sessionId !== undefined && { "Mcp-Session-Id": this.#sessionId }),
      ...(this.#version !== undefined && { "MCP-Protocol-Version": this.#version }),
    };
  }

  /** Opens a session again with the host's own `initialize`, under an id that the host does not use. */
  async #renew(former: string, before: Promise<void> | undefined): Promise<void> {
    await before;
    if (this.#sessionId !== former || !this.#initialize) return;
    const id = `attest-again-${++this.#renewals}`;
    const response = await this.#post({ ...this.#initialize, id }, this.#closed.signal);
    this.#noteSession(response);
    await jsonOf(response);
    const initialized = { jsonrpc: "2.0", method: "notifications/initialized" };
    await (await this.#post(initialized, this.#closed.signal)).body?.cancel();
    if (this.#listening) await this.#listen();
  }

  #noteSession({ headers }: Response): void {
    this.#sessionId = headers.get("mcp-session-id") ?? undefined;
  }

  /** Delivers what an answer holds. Resolves to whether the request was answered. */
  async #read(response: Response, asked: Message, signal: AbortSignal): Promise<boolean> {
    const id = asked["id"] as JsonRpcId;
    if (asked["method"] === "initialize" && response.ok) this.#noteSession(response);
    const type = response.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
    if (type === "application/json") {
      const message = await jsonOf(response);
      if (!isJsonObject(message)) return false;
      // Some servers answer what they refuse under no id.
      if (!("error" in message) && !("result" in message && message["id"] === id)) return false;
      await this.#give({ ...message, id }, asked);
      return true;
    }
    if (type !== "text/event-stream" || !response.body) {
      await response.body?.cancel();
      return false;
    }
    let lastId: string | undefined;
    let wait = AGAIN_MS;
    let body: ReadableStream<Uint8Array> = response.body;
    for (let resumed = 0; ; resumed++) {
      try {
        for await (const event of eventsOf(body, MAX_EVENT)) {
          lastId = event.id ?? lastId;
          wait = event.retry ?? wait;
          if (event.data && (await this.#give(JSON.parse(event.data), asked))) {
            await body.cancel().catch(() => {});
            return true;
          }
        }
      } catch {
        // It broke off: the rest is asked for, where the server keeps it.
      }
      if (lastId === undefined || resumed >= RESUMES || signal.aborted) return false;
      await pause(wait, signal);
      const again = await this.#get(lastId, signal);
      if (!again.ok || !again.body) return false;
      body = again.body;
    }
  }

  /** Delivers a message. Says whether it was the answer to a request. */
  async #give(message: unknown, asked?: Message): Promise<boolean> {
    if (!isJsonObject(message)) return false;
    const isAnswer = asked !== undefined && !("method" in message) && message["id"] === asked["id"];
    const { result } = message;
    if (isAnswer && asked["method"] === "initialize" && isJsonObject(result)) {
      const { protocolVersion } = result;
      this.#version = typeof protocolVersion === "string" ? protocolVersion : undefined;
    }
    if (isAnswer && asked["method"] === "tools/list") this.#fields.learn(result);
    await this.#deliver(message);
    return isAnswer;
  }

  #get(lastId: string | undefined, signal: AbortSignal): Promise<Response> {
    const headers = {
      Accept: "text/event-stream",
      ...this.#sessionFields(),
      ...(lastId !== undefined && { "Last-Event-ID": lastId }),
    };
    return this.#fetch(this.#url, { method: "GET", headers, signal });
  }

  /**
   * Keeps the session's own stream open, for as long as the server has one. Resolves when it is open, or is long in coming: what
   * servers send by themselves before is lost with many of them.
   */
  async #listen(): Promise<void> {
    this.#listening?.abort();
    const controller = new AbortController();
    this.#listening = controller;
    this.#closed.signal.addEventListener("abort", () => controller.abort(), { once: true });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, OPEN_MS);
      const open = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#keepListening(controller.signal, open).then(open, open);
    });
  }

  async #keepListening(signal: AbortSignal, open: () => void): Promise<void> {
    let lastId: string | undefined;
    let wait = AGAIN_MS;
    while (!signal.aborted) {
      const response = await this.#get(lastId, signal).catch(() => undefined);
      open();
      // A server without such a stream says so, and one that lost the session says it to the next message.
      if (response && !response.ok && response.status < 500 && response.status !== 429) return;
      let came = false;
      try {
        if (response?.ok && response.body) {
          for await (const event of eventsOf(response.body, MAX_EVENT)) {
            came = true;
            lastId = event.id ?? lastId;
            if (event.data) await this.#give(JSON.parse(event.data));
          }
        }
      } catch {
        // Opened again below.
      }
      wait = came ? AGAIN_MS : Math.min(wait * 2, MOST_AGAIN_MS);
      await pause(wait, signal);
    }
  }

  /** In the stateless era a request is cancelled by ending its answer. */
  #cancel({ params }: Message): void {
    const { requestId } = isJsonObject(params) ? params : {};
    if (this.#sessionId === undefined && this.#version === undefined)
      this.#waiting.get(requestId as JsonRpcId)?.abort();
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", end, { once: true });
  });
}

/** What a body says; `undefined` if it is not JSON, or larger than an answer may be. */
async function jsonOf({ body }: Response): Promise<unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(await readAtMost(body, MAX_EVENT)));
  } catch {
    return undefined;
  }
}
