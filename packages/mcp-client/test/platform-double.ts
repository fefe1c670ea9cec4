import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A request as a platform received it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a platform answers: a status and a body. */
export type PlatformAnswer = (
  received: Received,
) => readonly [status: number, body: string, headers?: Record<string, string>];

/** A local double of a platform's API, for one test. @returns Its address, and what it received. */
export async function openPlatform(answer: PlatformAnswer): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (req, res) => {
    let body = "";
    for await (const chunk of req) body += chunk;
    const one = { method: req.method ?? "", url: req.url ?? "", headers: req.headers, body };
    received.push(one);
    const [status, text, headers] = answer(one);
    res.writeHead(status, { "Content-Type": "application/json", ...headers }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

export const AUDIENCE = "https://authority.example";
export const THUMBPRINT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";

/** What an agent asks for. */
export const ask = (): { keyThumbprint: string; signal: AbortSignal } => ({
  keyThumbprint: THUMBPRINT,
  signal: new AbortController().signal,
});
