// Reports what @attest/core weighs in a bundle, minified, and fails when that is more than it may be.
// Usage: node scripts/bundle-size.mjs   (after a build)
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

// esbuild comes with tsup, which builds the packages.
const require = createRequire(import.meta.url);
const esbuild = require(require.resolve("esbuild", { paths: [dirname(require.resolve("tsup"))] }));
const packages = fileURLToPath(new URL("../packages", import.meta.url));

/** What is bundled for whom, with everything that it depends on, and the most bytes it may take. */
const BUNDLES = [
  // The advice to operators, 12,000 bytes, is an entry point of its own, and no bundle here holds it. All of it took 65,400 before
  // formats and status lists, 76,400 with them; the rest are nested attestations, tickets, delegation and,
  // with 800, tools' definitions and, with 600, chains that are remembered as a whole. The verifier took 47,500
  // before formats and status lists, 55,900 before nested attestations, 57,700 before tickets, 67,500 before delegation.
  { what: "all of it, for the web", platform: "browser", code: `export * from "@attest/core"`, limit: 110_100 },
  { what: "all of it, for Node", platform: "node", code: `export * from "@attest/core"`, limit: 109_300 },
  {
    what: "a server's verifier, for Node",
    platform: "node",
    code: `export { AttestationVerifier, InMemoryKeyResolver } from "@attest/core"`,
    limit: 80_600,
  },
  {
    what: "an agent's proofs, for the web",
    platform: "browser",
    code: `export { createProof, KeyPair } from "@attest/core"`,
    limit: 24_500,
  },
];

let tooLarge = false;
for (const { what, platform, code, limit } of BUNDLES) {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: code, resolveDir: `${packages}/mcp-client` },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2023",
    platform,
  });
  const [{ contents }] = outputFiles;
  const bytes = contents.length;
  tooLarge ||= bytes > limit;
  const share = `${Math.round((100 * bytes) / limit)} % of ${limit}`;
  console.log(`${what}: ${bytes} bytes minified (${share}), ${gzipSync(contents).length} gzipped`);
}
if (tooLarge) process.exit(1);
