#!/usr/bin/env bash
# Deno's DecompressionStream("deflate") ends without an error on truncated data, an empty input included. The Compression
# Standard has it throw a TypeError where the end of the compressed input has not been reached, and Node 26 and Bun 1.4.5 do.
#
# Versions: deno 2.9.6, from the npm package of that name. Seen on 2026-11-29:
#   whole: 1000 bytes; without its last two: 1000 bytes; nothing: 0 bytes
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >inflate.mjs <<'JS'
const make = new Blob([new Uint8Array(1000)]).stream().pipeThrough(new CompressionStream("deflate"));
const whole = new Uint8Array(await new Response(make).arrayBuffer());
async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  try {
    return `${(await new Response(stream).arrayBuffer()).byteLength} bytes`;
  } catch (error) {
    return error.name;
  }
}
const [all, most, none] = [await inflated(whole), await inflated(whole.slice(0, -2)), await inflated(whole.slice(0, 0))];
console.log(`whole: ${all}; without its last two: ${most}; nothing: ${none}`);
JS

seen=$(npx --yes deno@2.9.6 run --no-config inflate.mjs)
printf '%s\n' "$seen"
[ "$seen" = 'whole: 1000 bytes; without its last two: 1000 bytes; nothing: 0 bytes' ]
