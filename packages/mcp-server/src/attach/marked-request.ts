/**
 * A request that was let through, with a body that can be read. What its `json()` resolves to is the very message that the
 * guard verified and marked, so that a framework that reads the request itself still knows who calls.
 */
export function markedRequest(request: Request, body: Uint8Array | string, message: unknown): Request {
  const again = new Request(request, { body: body as Uint8Array<ArrayBuffer> | string });
  again.headers.delete("content-length");
  // A body that is not a message is read as it is.
  return message === undefined ? again : withMessage(again, message);
}

function withMessage(request: Request, message: unknown): Request {
  const { clone } = request;
  return Object.defineProperties(request, {
    json: {
      async value() {
        // Uses the body up, and fails where reading it would.
        await request.arrayBuffer();
        return message;
      },
    },
    clone: { value: () => withMessage(clone.call(request), message) },
  });
}
