/** What is used of Node's `process`, where there is one. */
interface Host {
  readonly process?: { getBuiltinModule?(id: "node:cluster"): { readonly isWorker?: boolean } | undefined };
}

/** Whether this process is one of several by which `node:cluster` serves one address; false on platforms without it. */
export function isClusterWorker(): boolean {
  return (globalThis as Host).process?.getBuiltinModule?.("node:cluster")?.isWorker === true;
}
