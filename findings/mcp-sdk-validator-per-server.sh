#!/usr/bin/env bash
# Making a server of the MCP SDK takes over ten times as long as it does when servers share one JSON Schema validator. The
# constructor builds an Ajv with its meta-schema and formats, which a server uses for nothing but what a user answers when it asks
# (elicitation): zod checks the arguments of tools. One would expect Ajv to be made when it is first needed. A stateless server over
# HTTP, which is made for each request, pays for it each time. `jsonSchemaValidator` takes a validator that is made once.
#
# Version: @modelcontextprotocol/sdk 1.32.2 on node 20.20.2, from the npm package of that name. Seen on 2026-12-01:
# 180 to 500 µs of CPU time with a validator of its own, 1 to 9 µs with a shared one, and the output below.
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --save-exact @modelcontextprotocol/sdk@1.32.2 node@20.20.2

cat >servers.mjs <<'JS'
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";

const SERVERS = 2_000;
const info = { name: "s", version: "1" };
const jsonSchemaValidator = new AjvJsonSchemaValidator();
const ways = [
  () => new Server(info, { capabilities: {} }),
  () => new Server(info, { capabilities: {}, jsonSchemaValidator }),
];

/** Microseconds of CPU time for one server. */
function cost(make) {
  const before = process.cpuUsage();
  for (let i = 0; i < SERVERS; i++) make();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / SERVERS;
}
// By turns, and the least of each: whatever else the machine does only adds to it.
const rounds = Array.from({ length: 6 }, () => ways.map(cost));
const [own, shared] = ways.map((_, way) => Math.min(...rounds.map((costs) => costs[way])));
console.error(`${own.toFixed(1)} µs with its own, ${shared.toFixed(1)} µs with a shared one`);
console.log(own > 10 * shared ? "over ten times" : "at most ten times");
JS

seen=$(node_modules/.bin/node servers.mjs)
printf '%s\n' "$seen"
diff - <(printf '%s\n' "$seen") <<'EXPECTED'
over ten times
EXPECTED
