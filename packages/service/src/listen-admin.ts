import { getRequestListener } from "@hono/node-server";
import { hostAndPort } from "./host-and-port.ts";
import { type Listener, listen } from "./listen.ts";

/** What operators can ask. */
export interface AdminParts {
  /** Rejects while no requests should come. */
  isReady(): Promise<void>;
  /** Answers `/metrics`. */
  metrics(request: Request): Promise<Response>;
  /** Answers everything else; `undefined` for what it does not know. */
  other?(request: Request): Promise<Response | undefined>;
}

/**
 * Serves `GET /health`, `/ready` and `/metrics` for operators, at an address of their own.
 *
 * @param address `HOST:PORT`.
 * @param parts What is answered.
 * @throws The system's error.
 */
export function listenAdmin(address: string, parts: AdminParts): Promise<Listener> {
  const handle = getRequestListener((request) => answer(request, parts), { overrideGlobalObjects: false });
  return listen((request, response) => void handle(request, response), hostAndPort(address));
}

async function answer(request: Request, { isReady, metrics, other }: AdminParts): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/metrics") return metrics(request);
  if (pathname === "/health") return Response.json({ status: "ok" });
  if (pathname !== "/ready") return (await other?.(request)) ?? Response.json({}, { status: 404 });
  const ready = await isReady().then(
    () => true,
    () => false,
  );
  return Response.json({ status: ready ? "ready" : "not ready" }, { status: ready ? 200 : 503 });
}
