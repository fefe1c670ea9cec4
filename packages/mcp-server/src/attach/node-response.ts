import type { ServerResponse } from "node:http";
import { isOwnField } from "../guard/answers.ts";
import { type AnswerFilter, type Asked, filterOf } from "./answer-filter.ts";
import type { GateReply } from "./http-gate.ts";

/** What a gate has to say in an answer, and wants to know of it. */
export interface Finishing {
  readonly asked: Asked;
  readonly fields: Readonly<Record<string, string>>;
  /** Called with the answer's status and `Mcp-Session-Id` before its head is sent. */
  answered(status: number, sessionId: string | undefined): void;
}

type Fields = [name: string, value: unknown][];
type Callback = () => void;
type WriteHead = Parameters<ServerResponse["writeHead"]>;

/** Answers a request itself. */
export function answer(res: ServerResponse, { status, headers, body }: GateReply): void {
  res.writeHead(status, headers).end(body);
}

/**
 * Has everything that a handler writes go through the gate: the head, however the handler sets it, and the body, in
 * pieces as it comes. Fields that only a guard may set are removed, and the gate's own are added.
 */
export function finishNodeResponse(res: ServerResponse, { asked, fields, answered }: Finishing): void {
  const [writeHead, write, end] = [res.writeHead, res.write, res.end];
  let filter: AnswerFilter | undefined;
  let headIsOut = false;
  /** The answer was ended for the handler, which may not know yet. */
  let broken = false;

  // biome-ignore lint/suspicious/noExplicitAny: the overloads of writeHead
  res.writeHead = (status: number, ...rest: any[]): ServerResponse => {
    const given = fieldsOf(rest.find((arg) => typeof arg === "object")).filter(([name]) => !isOwnField(name));
    for (const name of res.getHeaderNames().filter(isOwnField)) res.removeHeader(name);
    const fieldValue = (name: string) =>
      (given.find((field) => field[0].toLowerCase() === name)?.[1] ?? res.getHeader(name))?.toString();
    answered(status, fieldValue("mcp-session-id"));
    filter = filterOf(asked, fieldValue("content-type"));
    // A body that changes has another length.
    if (filter) res.removeHeader("content-length");
    const kept = given.filter(([name]) => !filter || name.toLowerCase() !== "content-length");
    const message = rest.filter((arg) => typeof arg === "string");
    headIsOut = true;
    return writeHead.apply(res, [
      status,
      ...message,
      headOf([...Object.entries(fields), ...kept]),
    ] as unknown as WriteHead);
  };
  const begin = () => {
    if (!headIsOut && !res.headersSent) res.writeHead(res.statusCode);
  };
  /** Writes what the filter has passed on; `false` once the reader has fallen behind. */
  const pass = (pieces: readonly Uint8Array[]): boolean => {
    let goesOn = true;
    for (const piece of pieces) goesOn = write.call(res, piece, "utf8", () => {});
    return goesOn;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the overloads of write
  res.write = (chunk: any, ...rest: any[]): boolean => {
    begin();
    if (!filter) return write.call(res, chunk, ...(rest as [BufferEncoding, Callback]));
    const callback = rest.find((arg) => typeof arg === "function") as Callback | undefined;
    if (callback) process.nextTick(callback);
    if (broken) return false;
    const goesOn = pass(filter.push(bytesOf(chunk, rest[0])));
    if (filter.broken) end.call(res, undefined, "utf8", () => {});
    broken = filter.broken;
    return goesOn && !broken;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the overloads of end
  res.end = (...args: any[]): ServerResponse => {
    begin();
    if (!filter) return end.apply(res, args as Parameters<typeof end>);
    const callback = args.find((arg) => typeof arg === "function") as Callback | undefined;
    if (broken) {
      if (callback) process.nextTick(callback);
      return res;
    }
    const [chunk] = args;
    if (chunk !== undefined && chunk !== null && typeof chunk !== "function")
      pass(filter.push(bytesOf(chunk, args[1])));
    pass(filter.end());
    return end.call(res, undefined, "utf8", () => callback?.());
  };
}

/** The bytes of a chunk, as a copy: they may be held for longer than the handler leaves its buffer alone. */
function bytesOf(chunk: string | Uint8Array, encoding: unknown): Uint8Array {
  if (typeof chunk !== "string") return Buffer.from(chunk);
  return Buffer.from(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8");
}

/** The forms that `writeHead` takes: an object, a list of pairs, or a flat list. */
function fieldsOf(given: unknown): Fields {
  if (typeof given !== "object" || given === null) return [];
  if (!Array.isArray(given)) return Object.entries(given);
  const flat: unknown[] = given.flat();
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[String(name), flat[i + 1]]] : [])) as Fields;
}

/** Fields as `writeHead` takes them: an object, which middleware around it understands best, or a flat list to name one twice. */
function headOf(fields: Fields): object {
  const head = Object.fromEntries(fields);
  return Object.keys(head).length === fields.length ? head : fields.flat();
}
