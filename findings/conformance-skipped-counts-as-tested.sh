#!/usr/bin/env bash
# MCP's conformance suite compares the requirements of a proposal with the checks that a run emitted. A check that was skipped, so that
# nothing was found out about its requirement, counts as tested, also with --strict. One would expect "untested", or a count of its own.
#
# Versions: @modelcontextprotocol/conformance 0.2.0-alpha.12, on Node 22. Seen on 2026-11-30, of one requirement whose only check was
# skipped: tested 1, untested 0, status 0.
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir -p src/seps results/one
cat >src/seps/sep-0.yaml <<'YAML'
sep: 0
spec_url: https://example.com/
requirements:
  - check: sep-0-first
    text: A server MUST answer.
    url: https://example.com/#answers
YAML
cat >results/one/checks.json <<'JSON'
[
  {
    "id": "sep-0-first",
    "name": "Answers",
    "description": "The server answers.",
    "status": "SKIPPED",
    "timestamp": "2026-01-01T00:00:00.000Z",
    "specReferences": [{ "id": "sep-0", "url": "https://example.com/#answers" }]
  }
]
JSON

status=0
npx --yes --package node@22 --package @modelcontextprotocol/conformance@0.2.0-alpha.12 -- \
  conformance traceability --results results --strict >/dev/null 2>&1 || status=$?
seen=$(node -e '
  const { summary } = JSON.parse(require("node:fs").readFileSync("src/seps/traceability.json", "utf8")).seps["0"];
  console.log(`tested ${summary.tested}, untested ${summary.untested}, status ${process.argv[1]}`);
' "$status")
printf '%s\n' "$seen"
[ "$seen" = 'tested 1, untested 0, status 0' ]
