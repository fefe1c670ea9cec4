import { createHash, timingSafeEqual } from "node:crypto";
import { AttestationError, decodeStrictJson, encodeBase64url, readAuthorization } from "@attest/core";
import { type Listener, listenAdmin as listen } from "@attest/service";
import type { Revocable, Revocation } from "@attest/status-list";
import { readBody } from "../http/read-body.ts";
import { ANSWER_FIELDS, Problem } from "../problem.ts";
import type { Revocations } from "./revocations.ts";

/** What an authority's operators can ask. */
export interface AdminParts {
  isReady(): Promise<void>;
  metrics(request: Request): Promise<Response>;
  /** Notified of failures that are the authority's own. */
  report(problem: unknown): void;
  /** Absent: nothing can be revoked here. */
  readonly revoking?: { readonly token: Uint8Array; readonly revocations: Revocations };
}

/**
 * Listens for operators: `GET /health`, `/ready` and `/metrics`; with a token `POST /revocations` and `/reinstatements`.
 *
 * @param address `HOST:PORT`.
 * @param parts What is answered.
 * @throws The system's error.
 */
export function listenAdmin(address: string, parts: AdminParts): Promise<Listener> {
  const { isReady, metrics } = parts;
  return listen(address, { isReady, metrics, other: (request) => answer(request, parts) });
}

async function answer(request: Request, parts: AdminParts): Promise<Response> {
  const { pathname } = new URL(request.url);
  const { revoking } = parts;
  if (!revoking || !(pathname === "/revocations" || pathname === "/reinstatements")) return json(404, {});
  if (request.method !== "POST") return json(405, {}, { Allow: "POST" });
  // Before anything is read of the request.
  if (!mayRevoke(request, revoking.token)) return json(401, {}, { "WWW-Authenticate": "Bearer" });
  try {
    const { value, problem } = decodeStrictJson(await readBody(request));
    if (problem) return json(400, { problem: "The body is not strict JSON in UTF-8" });
    const { revocations } = revoking;
    if (pathname === "/revocations") {
      const revoked = await revocations.revoke(value as Revocation);
      return json(200, { revoked, within: revocations.within });
    }
    await revocations.reinstate(value as Revocable);
    return json(200, {});
  } catch (error) {
    if (error instanceof Problem) return json(error.status, { problem: error.message });
    if (error instanceof AttestationError && error.code === "ERR_OPTION") return json(400, { problem: error.message });
    parts.report(error);
    return json(503, { problem: "It is not known whether this was stored: ask again" });
  }
}

/** Whether the request brings the token. Hashes have one length and tell nothing by the time that comparing them takes. */
function mayRevoke(request: Request, token: Uint8Array): boolean {
  const { accessToken = "" } = readAuthorization(request.headers.get("Authorization"));
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(accessToken), hash(encodeBase64url(token)));
}

function json(status: number, body: object, fields: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { ...ANSWER_FIELDS, ...fields } });
}
