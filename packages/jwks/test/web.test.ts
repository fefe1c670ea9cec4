import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { KeyPair } from "@attest/core";
import { build } from "tsup";
import { expect, it, onTestFinished } from "vitest";

it.each(["browser", "workerd"])(
  "works as a bundle for %s, with an injected fetch and nothing of Node's",
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
    const { HttpKeyResolver } = (await import(/* @vite-ignore */ file)) as typeof import("../src/index.ts");
    const key = await KeyPair.generate({ kid: "a" });
    const issuer = "https://authority.example";
    const issuers = { [issuer]: { jwksUri: "https://keys.example/jwks.json" } };
    const fetch = async () => Response.json({ keys: [key.toJwk()] });
    expect(() => new HttpKeyResolver({ issuers })).toThrow(/allowUncheckedAddresses/);
    const resolver = new HttpKeyResolver({ issuers, fetch, allowUncheckedAddresses: true });
    const found = await resolver.resolve(issuer, "a");
    const data = new TextEncoder().encode("data");
    expect(await found?.verify(data, await key.sign(data))).toBe(true);
  },
);
