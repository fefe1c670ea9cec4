#!/usr/bin/env bash
# undici hands an empty piece to a handler that resumes a paused response while the rest of a chunk is still on its way, and
# another one each time that it pauses and resumes again. One would expect `resume()` to call the handler when bytes have come, as
# streams do: a handler that pauses at every piece until its reader has taken it is then called again and again with nothing.
#
# Version: undici 7.30.2, on Node 20.20.2. Seen on 2026-12-01, of a chunk of 200,000 bytes of which 100 have come:
#   20 pieces within a turn: 1 of 100 bytes, 19 empty
# Exits with 1 if that changes. A way out: drop empty pieces without pausing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --save-exact undici@7.30.2

cat >resume.mjs <<'JS'
import { createServer } from "node:net";
import { Pool } from "undici";

const CHUNK = 200_000;
const server = createServer((socket) => {
  socket.once("data", () => {
    const head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
    socket.write(`${head}${CHUNK.toString(16)}\r\n${"x".repeat(100)}`);
  });
}).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));

const lengths = [];
new Pool(`http://127.0.0.1:${server.address().port}`).dispatch(
  { path: "/", method: "GET" },
  {
    onRequestStart() {},
    onResponseStart() {},
    onResponseEnd() {},
    onResponseError() {},
    onResponseData(controller, piece) {
      lengths.push(piece.length);
      if (lengths.length === 20) report();
      controller.pause();
      queueMicrotask(() => controller.resume());
    },
  },
);
setTimeout(report, 2000);

function report() {
  const empty = lengths.filter((length) => length === 0).length;
  const others = lengths.filter((length) => length > 0);
  console.log(`${lengths.length} pieces within a turn: ${others.length} of ${others.join(", ")} bytes, ${empty} empty`);
  process.exit();
}
JS

seen=$(node resume.mjs)
printf '%s\n' "$seen"
[ "$seen" = '20 pieces within a turn: 1 of 100 bytes, 19 empty' ]
