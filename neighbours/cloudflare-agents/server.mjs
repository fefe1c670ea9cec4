// Runs the worker in workerd, bundled as wrangler does: modules of Node under their bare names are workerd's own.
import { builtinModules } from "node:module";
import * as esbuild from "esbuild";
import { Miniflare } from "miniflare";
import { ready } from "neighbour-kit/server";

const nodeModules = {
  name: "node-modules",
  setup(build) {
    const filter = new RegExp(`^(${builtinModules.join("|")})$`);
    build.onResolve({ filter }, ({ path }) => ({ path, namespace: "node" }));
    build.onLoad({ filter: /.*/, namespace: "node" }, ({ path }) => ({
      contents: `export * from "node:${path}"; export { default } from "node:${path}"`,
    }));
  },
};
const { outputFiles } = await esbuild.build({
  entryPoints: ["worker.mjs"],
  bundle: true,
  write: false,
  format: "esm",
  target: "es2022",
  conditions: ["workerd", "worker", "browser"],
  external: ["cloudflare:*", "node:*"],
  logLevel: "error",
  plugins: [nodeModules],
});
const miniflare = new Miniflare({
  modules: [{ type: "ESModule", path: "worker.js", contents: outputFiles[0].text }],
  compatibilityDate: "2026-01-01",
  compatibilityFlags: ["nodejs_compat"],
  bindings: { ATTEST_TRUST: process.env.ATTEST_TRUST },
  host: "127.0.0.1",
  port: 0,
});
ready(Number((await miniflare.ready).port));
