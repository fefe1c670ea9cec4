import type { ServerResponse } from "node:http";
import type { GateReply } from "./http-gate.ts";
import { answer } from "./node-response.ts";

/** The functions by which an answer is given. */
type ResponseCalls = Pick<ServerResponse, "writeHead" | "write" | "end" | "flushHeaders">;

/**
 * Keeps back what a handler answers until `decide` has said whether it may be sent. It is asked when the handler begins to
 * answer: a server that is made for the request is there by then, and with it what its handlers demand.
 *
 * @param decide The answer to send in the handler's place; `undefined` if the handler's is sent.
 * @param plain The functions of the answer before a gate replaced them: the gate's own answer needs no finishing.
 */
export function withholdResponse(
  res: ServerResponse,
  decide: () => Promise<GateReply | undefined>,
  plain: ResponseCalls,
): void {
  const finishing = responseCalls(res);
  const kept: (() => void)[] = [];
  let refused = false;

  const settle = (instead: GateReply | undefined): void => {
    Object.assign(res, instead ? plain : finishing);
    if (!instead) {
      for (const call of kept) call();
      return;
    }
    refused = true;
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    answer(res, instead);
    // What the handler still writes goes nowhere.
    Object.assign(res, keeping);
  };
  const keep = (name: keyof ResponseCalls, args: unknown[]): void => {
    if (refused) return;
    kept.push(() => Reflect.apply(finishing[name] as (...args: unknown[]) => unknown, res, args));
    if (kept.length === 1) decide().then(settle, () => res.destroy());
  };
  const keeping = {
    writeHead: (...args: unknown[]) => {
      keep("writeHead", args);
      return res;
    },
    write: (...args: unknown[]) => {
      keep("write", args);
      return true;
    },
    end: (...args: unknown[]) => {
      keep("end", args);
      return res;
    },
    flushHeaders: () => keep("flushHeaders", []),
  };
  Object.assign(res, keeping);
}

/** The functions of an answer as they are now. */
export function responseCalls(res: ServerResponse): ResponseCalls {
  const { writeHead, write, end, flushHeaders } = res;
  return { writeHead, write, end, flushHeaders };
}
