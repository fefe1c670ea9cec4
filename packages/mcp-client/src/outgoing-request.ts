import { optionError, readAuthorization } from "@attest/core";

/** One HTTP request to the endpoint, as each attempt sends it apart from its credentials. */
export interface OutgoingRequest {
  readonly url: string | URL;
  readonly method: string;
  /** With fields that are this request's own. */
  readonly init: RequestInit & { readonly headers: Headers };
  /** The body's bytes, which a proof covers. */
  readonly bytes: Uint8Array;
  /** What else a proof covers. */
  readonly context: { readonly sessionId?: string; readonly accessToken?: string };
}

/** The members of a `Request` that an `init` has too, apart from its body. */
const INIT_MEMBERS: readonly string[] = [
  "headers",
  "signal",
  "redirect",
  "cache",
  "credentials",
  "integrity",
  "keepalive",
  "mode",
  "referrer",
  "referrerPolicy",
];

/** What `fetch` takes as its first argument. */
export type FetchInput = string | URL | Request;

/** A `Request`, of whichever realm or implementation. */
export function isRequest(input: FetchInput): input is Request {
  return typeof input === "object" && "headers" in input;
}

/** The method of a request, in upper case. */
export function methodOf(input: FetchInput, init: RequestInit | undefined): string {
  return (init?.method ?? (isRequest(input) ? input.method : "GET")).toUpperCase();
}

/**
 * Reads a request as a whole. Its body becomes a snapshot: what is proved is what is sent, in every attempt.
 *
 * @throws AttestationError `ERR_OPTION` for a body whose bytes cannot be known before they are sent, and for an
 * `Authorization` field with anything but exactly one credential after Bearer or DPoP (M14).
 */
export async function readRequest(input: FetchInput, init: RequestInit = {}): Promise<OutgoingRequest> {
  const merged = isRequest(input) ? await mergedInit(input, init) : init;
  const headers = new Headers(merged.headers);
  const sessionId = headers.get("mcp-session-id");
  const { accessToken, problem } = readAuthorization(headers.get("authorization"));
  if (problem !== undefined)
    throw optionError("Authorization", "must hold exactly one credential after Bearer or DPoP");
  const { body } = merged;
  const { content, bytes, type } = typeof body === "string" ? snapshotOfText(body) : await snapshotOf(body);
  if (type && !headers.has("content-type")) headers.set("content-type", type);
  const method = methodOf(input, init);
  return {
    url: isRequest(input) ? input.url : input,
    method,
    bytes,
    // Credentials follow no redirect (SPEC-4.9).
    init: {
      ...merged,
      method,
      headers,
      redirect: merged.redirect === "error" ? "error" : "manual",
      ...(content !== undefined && { body: content }),
    },
    context: { ...(sessionId !== null && { sessionId }), ...(accessToken !== undefined && { accessToken }) },
  };
}

/** A `Request` as an `init`, where the given init does not replace its members. */
async function mergedInit(request: Request, init: RequestInit): Promise<RequestInit> {
  const own = INIT_MEMBERS.map((name) => [name, request[name as keyof Request]]);
  const entries = [...own, ...Object.entries(init)].filter(([, value]) => value !== undefined);
  const merged: RequestInit = Object.fromEntries(entries);
  if (merged.body !== undefined) return merged;
  const body = new Uint8Array(await request.arrayBuffer());
  return body.length === 0 ? merged : { ...merged, body };
}

const encoder = new TextEncoder();

interface Snapshot {
  readonly content?: string | Uint8Array<ArrayBuffer>;
  readonly bytes: Uint8Array;
  /** The media type that `fetch` gives a body of this kind by itself. */
  readonly type?: string;
}

/** Without a promise: bodies of messages are texts. */
function snapshotOfText(content: string): Snapshot {
  return { content, bytes: encoder.encode(content) };
}

async function snapshotOf(body: Exclude<RequestInit["body"], string>): Promise<Snapshot> {
  if (body === undefined || body === null) return { bytes: new Uint8Array() };
  if (body instanceof URLSearchParams) {
    return { ...snapshotOfText(body.toString()), type: "application/x-www-form-urlencoded;charset=UTF-8" };
  }
  const { bytes, type } = await bytesOf(body);
  return { content: bytes, bytes, type };
}

async function bytesOf(body: unknown): Promise<{ bytes: Uint8Array<ArrayBuffer>; type: string }> {
  if (body instanceof Blob) return { bytes: new Uint8Array(await body.arrayBuffer()), type: body.type };
  if (body instanceof ArrayBuffer) return { bytes: new Uint8Array(body.slice(0)), type: "" };
  if (ArrayBuffer.isView(body)) {
    const { buffer, byteOffset, byteLength } = body;
    return { bytes: new Uint8Array(buffer, byteOffset, byteLength).slice() as Uint8Array<ArrayBuffer>, type: "" };
  }
  throw optionError(
    "body",
    "must be a string, bytes, a Blob or URLSearchParams, and is a stream or a form: a proof covers bytes that are known before they are sent",
  );
}
