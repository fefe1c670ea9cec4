#!/usr/bin/env bash
# Bun does not load an installed undici: under the package's name it has a part of its own, whose `Pool` has no `dispatch`.
# One would expect the version that the lockfile names, as with any other dependency. The same package imported
# by its file, `undici/index.js`, is loaded as installed, and works.
#
# Versions: bun 1.4.5, undici 7.30.2, each from the npm package of that name. Seen on 2026-12-01:
#   undici: a Pool without dispatch
#   undici/index.js: 200 hello
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --save-exact undici@7.30.2 bun@1.4.5

cat >ask.mjs <<'JS'
import { createServer } from "node:http";
import * as byName from "undici";
import * as byFile from "undici/index.js";

const server = createServer((_, res) => res.end("hello")).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

function ask({ Pool }) {
  return new Promise((resolve) => {
    let answer = "";
    const handler = {
      onRequestStart() {},
      onResponseStart: (_, status) => void (answer = `${status} `),
      onResponseData: (_, piece) => void (answer += piece),
      onResponseEnd: () => resolve(answer),
      onResponseError: (_, error) => resolve(String(error)),
    };
    const pool = new Pool(origin);
    if (typeof pool.dispatch !== "function") return resolve("a Pool without dispatch");
    pool.dispatch({ path: "/", method: "GET" }, handler);
  });
}
console.log("undici:", await ask(byName));
console.log("undici/index.js:", await ask(byFile));
process.exit();
JS

seen=$(node_modules/.bin/bun run ask.mjs)
printf '%s\n' "$seen"
diff - <(printf '%s\n' "$seen") <<'EXPECTED'
undici: a Pool without dispatch
undici/index.js: 200 hello
EXPECTED
