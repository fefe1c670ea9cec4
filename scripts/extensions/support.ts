import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { META_ATTESTATION, META_PROOF } from "@attest/core";
import { afterAll, vi } from "vitest";
import { run } from "../src/program.ts";

/** A folder of the test's own. */
export const folder: string = mkdtempSync(join(tmpdir(), "extension-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = 0;
});

/** Runs `attest` on the sources, and returns the JSON that it prints. */
export async function attestFromSource(args: readonly string[]): Promise<unknown> {
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((text) => void printed.push(String(text)));
  try {
    await run(args);
  } finally {
    log.mockRestore();
  }
  return JSON.parse(printed.join("\n"));
}

type Request = { readonly method: string; readonly params: object };

/** A request with credentials in its `_meta`. */
export function inBand({ method, params }: Request, { attestation, proof }: { attestation: string; proof: string }) {
  return {
    jsonrpc: "2.0",
    id: 1,
    method,
    params: { ...params, _meta: { [META_ATTESTATION]: attestation, [META_PROOF]: proof } },
  };
}
