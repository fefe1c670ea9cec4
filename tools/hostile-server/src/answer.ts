import type { RequestListener } from "node:http";

/** Answers every request alike. */
export function answer(body: string | Uint8Array, headers: Record<string, string> = {}, status = 200): RequestListener {
  return (_req, res) => {
    res.writeHead(status, headers).end(body);
  };
}
