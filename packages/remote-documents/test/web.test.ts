import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";
import { expect, it, onTestFinished } from "vitest";

it.each(["browser", "workerd"])(
  "works as a bundle for %s, with a fetch that is passed in and nothing of Node's",
  async (condition) => {
    const directory = await mkdtemp(join(tmpdir(), "attest-web-"));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    await build({
      entry: [fileURLToPath(new URL("../src/index.ts", import.meta.url))],
      outDir: directory,
      format: "esm",
      platform: "neutral",
      config: false,
      silent: true,
      noExternal: [/.*/],
      esbuildOptions(options) {
        options.conditions = ["@attest/source", condition];
        options.mainFields = ["module", "main"];
      },
      outExtension: () => ({ js: ".mjs" }),
    });
    const file = join(directory, "index.mjs");
    expect(await readFile(file, "utf8")).not.toMatch(/from ["'](node:|undici)|require\(|\bBuffer\b/);
    const { DocumentClient, RemoteDocument } = (await import(
      /* @vite-ignore */ file
    )) as typeof import("../src/index.ts");
    expect(() => new DocumentClient()).toThrow(/allowUncheckedAddresses/);
    const document = new RemoteDocument({
      client: new DocumentClient({ fetch: async () => new Response("text"), allowUncheckedAddresses: true }),
      url: "https://list.example/",
      accept: "text/plain",
      parse: (body) => ({ value: new TextDecoder().decode(body) }),
      code: "ERR_REVOCATION_UNAVAILABLE",
      source: "The list's source",
      unavailable: "The list cannot be fetched",
    });
    expect(await document.find((text) => text)).toBe("text");
  },
);
