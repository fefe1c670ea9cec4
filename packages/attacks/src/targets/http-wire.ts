import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

/** An HTTP request as it goes out; several values of a field go out as several fields. */
export interface HttpRequest {
  readonly method: string;
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Uint8Array;
}

/** What came back; `lost` if nothing did. */
export type HttpResponse =
  | {
      readonly status: number;
      readonly field: (name: string) => string | undefined;
      readonly text: string;
      readonly lost?: never;
    }
  | { readonly lost: string };

/** Of a longer answer only the beginning is read. */
const MAX_ANSWER = 256 * 1024;

/**
 * Makes one HTTP request, as it is given: no redirect is followed, nothing is added or joined. An event stream is read
 * until `isComplete` says that what was waited for has come.
 */
export function exchangeHttp(
  url: URL,
  { method, fields, body }: HttpRequest,
  timeoutMs: number,
  isComplete: (text: string) => boolean,
): Promise<HttpResponse> {
  return new Promise((resolve) => {
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    const signal = AbortSignal.timeout(timeoutMs);
    const lose = (error: Error & { code?: string }) => resolve({ lost: error.code ?? error.name });
    const length = body && { "Content-Length": String(body.length) };
    const headers = Object.fromEntries(
      Object.entries({ ...fields, ...length }).map(([name, value]) => [name, mutable(value)]),
    );
    try {
      const request = send(url, { method, headers, signal, agent: false }, (response) => {
        const { statusCode: status = 0 } = response;
        const field = (name: string) => response.headers[name.toLowerCase()]?.toString();
        const streaming = field("content-type")?.startsWith("text/event-stream") === true;
        let text = "";
        const finish = () => {
          resolve({ status, field, text });
          response.destroy();
        };
        response.setEncoding("utf8");
        response.on("error", finish);
        response.on("end", finish);
        response.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > MAX_ANSWER || (streaming && isComplete(text))) finish();
        });
        if (streaming && method === "GET") finish();
      });
      request.on("error", lose);
      request.end(body);
    } catch (error) {
      // A field that HTTP cannot carry.
      lose(error as Error);
    }
  });
}

function mutable(value: string | readonly string[]): string | string[] {
  return typeof value === "string" ? value : [...value];
}
