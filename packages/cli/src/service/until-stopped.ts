/** A server that runs by a configuration file. */
interface Running {
  /** Reads the configuration again. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Writes a line of JSON to stderr. */
export type Log = (line: object) => void;

/** The log of a server. @param source What its lines call it. */
export function logOf(source: string): Log {
  return (line) => void process.stderr.write(`${JSON.stringify({ source, ...line })}\n`);
}

/** Runs a server until SIGINT or SIGTERM, which end it orderly; SIGHUP reads its configuration again. */
export async function untilStopped(running: Running, log: Log): Promise<void> {
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const reload = () => {
    running.reload().then(
      () => log({ reload: "done" }),
      (error: unknown) => {
        const { problems = [{ message: messageOf(error) }] } = error as { problems?: unknown };
        log({ reload: "failed", problems });
      },
    );
  };
  process.on("SIGHUP", reload);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  await stopped;
  process.off("SIGHUP", reload);
  await running.close();
}

/** What an error says itself. What caused it could hold more than belongs into a log. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? `${code}: ${error.message}` : error.message;
}
