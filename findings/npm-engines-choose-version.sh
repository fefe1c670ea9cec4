#!/usr/bin/env bash
# Without a lockfile, npm installs an older version of a package than the newest that the range allows, without a word, if the
# newest one's `engines` exclude the Node that runs npm. One would expect the highest version in the range, and the warning
# EBADENGINE. So the same package.json gives another major version on another Node, and a lockfile written on an old Node keeps
# everybody on old versions. A range that only the newest satisfies does install it, with the warning: pin what a test means.
#
# npm 11.6.2 and undici, whose version 8.0.0 needs Node 22. Output seen:
#   Node 20.20.2, "7.10.0 || 8.0.0": 7.10.0, warned: no
#   Node 20.20.2, "8.0.0": 8.0.0, warned: yes
#   Node 22.23.3, "7.10.0 || 8.0.0": 8.0.0, warned: no
#
# Exits with 0 if that is still so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --save-exact npm@11.6.2 node20@npm:node@20.20.2 node22@npm:node@22.23.3

try() {
  local node="$folder/node_modules/$1/bin/node" range=$2
  rm -rf "$folder/try" && mkdir "$folder/try" && cd "$folder/try"
  printf '{"dependencies":{"undici":"%s"}}' "$range" >package.json
  "$node" "$folder/node_modules/npm/bin/npm-cli.js" install --ignore-scripts --no-audit --no-fund >said 2>&1
  printf 'Node %s, "%s": %s, warned: %s\n' "$("$node" -p process.versions.node)" "$range" \
    "$(node -p 'require("./node_modules/undici/package.json").version')" "$(grep -q EBADENGINE said && echo yes || echo no)"
  cd "$folder"
}
{
  try node20 "7.10.0 || 8.0.0"
  try node20 "8.0.0"
  try node22 "7.10.0 || 8.0.0"
} | tee seen
diff - seen <<'EXPECTED'
Node 20.20.2, "7.10.0 || 8.0.0": 7.10.0, warned: no
Node 20.20.2, "8.0.0": 8.0.0, warned: yes
Node 22.23.3, "7.10.0 || 8.0.0": 8.0.0, warned: no
EXPECTED
