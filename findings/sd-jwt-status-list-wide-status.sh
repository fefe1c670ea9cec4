#!/usr/bin/env bash
# @sd-jwt/jwt-status-list takes a status that does not fit into its bits, and then writes the status of another index: 2
# ("suspended") at index 1 of a list with 1 bit a status marks index 2, and index 1 stays valid. One would expect an error. The
# constructor compares with `>` where the least value that does not fit is 2 ** bits itself; setStatus compares nothing.
#
# Versions: @sd-jwt/jwt-status-list 0.19.0. Seen on 2026-11-29:
#   by the constructor: 0,0,1,0,0,0,0,0; by setStatus: 0,0,1,0,0,0,0,0
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --ignore-scripts --no-audit --no-fund --silent @sd-jwt/jwt-status-list@0.19.0

cat >list.mjs <<'JS'
import { StatusList } from "@sd-jwt/jwt-status-list";
const sent = (list) => StatusList.decompressStatusList(list.compressStatusList(), 1).statusList.join();
const made = new StatusList([0, 2, 0, 0, 0, 0, 0, 0], 1);
const changed = new StatusList([0, 0, 0, 0, 0, 0, 0, 0], 1);
changed.setStatus(1, 2);
console.log(`by the constructor: ${sent(made)}; by setStatus: ${sent(changed)}`);
JS

seen=$(node list.mjs)
printf '%s\n' "$seen"
[ "$seen" = 'by the constructor: 0,0,1,0,0,0,0,0; by setStatus: 0,0,1,0,0,0,0,0' ]
