#!/usr/bin/env bash
# Loading ioredis 6 makes the methods of strings several times slower in the whole process, before any connection is opened and in
# code that has nothing to do with Redis. It defines a subclass of `String` for one kind of reply, and from then on V8 looks up
# `charCodeAt`, `startsWith`, `slice` and `indexOf` again for each call instead of taking them for known. Code that goes through texts by
# character pays most, such as the check of header values in the platform's `fetch`; properties, templates, regular expressions and
# `JSON.parse` cost what they did. ioredis 5 has no such class. A way out: go by bytes in hot loops, and measure with and without.
#
# Node 20.20.2, Linux, x64; ioredis 6.0.0 and 5.4.2. Seen on 2026-11-30, CPU time of a loop of `charCodeAt` after ÷ before:
# 4.9 with ioredis 6.0.0, 6.0 with no more than `class extends String {}`, 1.0 with ioredis 5.4.2. On Node 24.21 that class alone came
# to 7.7.
#
# Output seen:
#   nothing loaded: as before
#   ioredis 5.4.2: as before
#   ioredis 6.0.0: more than twice as slow
#   a subclass of String: more than twice as slow
#
# Exits with 0 if that is still so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund ioredis6@npm:ioredis@6.0.0 ioredis5@npm:ioredis@5.4.2
cat >run.cjs <<'RUN'
const text = "x".repeat(300);
function codes() {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum += text.charCodeAt(i);
  return sum;
}
function cost() {
  const rounds = [];
  for (let round = 0; round < 9; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < 20_000; i++) codes();
    const { user, system } = process.cpuUsage(before);
    rounds.push(user + system);
  }
  return Math.min(...rounds);
}
const [name, what] = process.argv.slice(2);
const before = cost();
if (what === "class") (class extends String {});
else if (what) require(what);
const times = cost() / before;
console.error(`${name}: ${times.toFixed(1)} times`);
console.log(`${name}: ${times > 2 ? "more than twice as slow" : times < 1.5 ? "as before" : "neither"}`);
RUN
{
  node run.cjs "nothing loaded"
  node run.cjs "ioredis 5.4.2" ioredis5
  node run.cjs "ioredis 6.0.0" ioredis6
  node run.cjs "a subclass of String" class
} | tee seen
diff - seen <<'EXPECTED'
nothing loaded: as before
ioredis 5.4.2: as before
ioredis 6.0.0: more than twice as slow
a subclass of String: more than twice as slow
EXPECTED
