import type { Dispatcher } from "undici";
import { ArrivingBody } from "./arriving-body.ts";
import type { UpstreamAnswer } from "./upstream.ts";

/** What a request ends with that nobody waits for any more. One for all: a stack for each of them costs more than the request. */
export const GIVEN_UP: Error = new Error("Nobody waits for the answer");

/** A request on its way by undici, until its answer is here. */
export class SentRequest implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: UpstreamAnswer) => void;
  readonly #reject: (error: Error) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #body: ArrivingBody | undefined;
  /** Its whole answer has come, or it failed. */
  #over = false;

  /** @param resolve Called with the head of the answer. @param reject Called if no answer comes. */
  constructor(resolve: (answer: UpstreamAnswer) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Ends it, with its connection, if it is not over. */
  giveUp(): void {
    if (this.#over) return;
    // Before there is a connection there is nobody to notify: then it is never sent.
    this.#controller?.abort(GIVEN_UP);
    this.#end(GIVEN_UP);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(GIVEN_UP);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // More heads come before that of the answer.
    if (status < 200) return;
    const body = new ArrivingBody(controller, () => this.giveUp());
    this.#body = body;
    const headers = fieldsOf(controller.rawHeaders as readonly Buffer[]);
    this.#resolve({ status, headers, body, here: () => body.here() });
  }

  onResponseData(_: Dispatcher.DispatchController, piece: Uint8Array): void {
    this.#body?.push(piece);
  }

  onResponseEnd(): void {
    this.#over = true;
    this.#body?.end();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#end(error);
  }

  #end(error: Error): void {
    this.#over = true;
    this.#body?.end(error);
    this.#reject(error);
  }
}

function fieldsOf(raw: readonly Buffer[]): (readonly [string, string])[] {
  const fields: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    fields.push([String(raw[i]).toLowerCase(), (raw[i + 1] as Buffer).toString("latin1")]);
  }
  return fields;
}
