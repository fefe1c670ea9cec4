import cluster from "node:cluster";

/**
 * Starts processes of this same program that share one address: connections go to them in turn.
 *
 * @returns Once all of them listen: their port, and an end for all. @throws If one of them ends instead.
 */
export async function startReplicas(count: number): Promise<{ port: number; close(): Promise<void> }> {
  const workers = Array.from({ length: count }, () => cluster.fork());
  const ports = await Promise.all(
    workers.map(
      (worker) =>
        new Promise<number>((resolve, reject) => {
          worker.once("listening", ({ port }) => resolve(port));
          worker.once("exit", (code) => reject(new Error(`A replica ended with status ${code} before it listened`)));
        }),
    ),
  );
  const close = async (): Promise<void> => {
    const ended = workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
    for (const worker of workers) if (!worker.isDead()) worker.kill("SIGTERM");
    await Promise.all(ended);
  };
  return { port: ports[0] ?? 0, close };
}

/** Which replica this process is, from 1; `undefined` for one that is alone. */
export function replicaNumber(): number | undefined {
  return cluster.worker?.id;
}
