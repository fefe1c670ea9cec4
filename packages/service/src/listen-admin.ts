import { hostAndPort } from "./host-and-port.ts";
import { type Listener, listen } from "./listen.ts";

/** What is asked at the address for operators. */
export interface AdminOptions {
  /** `HOST:PORT`. */
  readonly address: string;
  /** Rejects while no requests should come. */
  isReady(): Promise<void>;
  /** Answers `/metrics`. */
  metrics(request: Request): Promise<Response>;
  /** Answers everything else; `undefined` for what it does not know. */
  other?(request: Request): Promise<Response | undefined>;
}

/** Serves `/health`, `/ready` and `/metrics` at an address of their own. @throws The system's error. */
export async function listenAdmin({ address, isReady, metrics, other }: AdminOptions): Promise<Listener> {
  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/metrics") return metrics(request);
    if (pathname === "/health") return Response.json({ status: "ok" });
    if (pathname !== "/ready") return (await other?.(request)) ?? Response.json({ status: "unknown" }, { status: 404 });
    const ready = await isReady().then(
      () => true,
      () => false,
    );
    return Response.json({ status: ready ? "ready" : "not ready" }, { status: ready ? 200 : 503 });
  };
  return listen((request, response) => {
    const { method = "GET", url = "/" } = request;
    request.resume();
    answer(new Request(new URL(url, "http://admin.invalid"), { method: method === "HEAD" ? "HEAD" : "GET" }))
      .then(async (answered) => {
        response.writeHead(answered.status, Object.fromEntries(answered.headers));
        response.end(Buffer.from(await answered.arrayBuffer()));
      })
      .catch(() => response.destroy());
  }, hostAndPort(address));
}
