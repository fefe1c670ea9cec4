// Runs a task of this repository with the pinned pnpm, so that Node and npm are all a newcomer needs.
// Usage: node scripts/with-pnpm.mjs demo|bench|soak|test|test:fast [arguments for the task]
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { packageManager } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const FAST = ["core", "mcp-server", "jwks", "observability"];

/** What `test:fast` leaves to `npm test`: tests that start programs, and tests that flood. */
const LEFT_OUT = [
  ...["cluster-worker", "collected-keys", "file-key-storage", "behind-proxies", "dashboards"],
  ...["replay-flooding", "rotation-under-load", "cardinality"],
].flatMap((name) => ["--exclude", `**/${name}.test.ts`]);

const TASKS = {
  demo: (rest) => [
    ["exec", "turbo", "run", "build", "--output-logs=errors-only"],
    // The report in the terminal, or everything at once behind a page.
    ["--filter", rest.includes("--web") ? "demo-console" : "demo-agent", "--silent", "run", "demo", ...rest],
  ],
  bench: (rest) => [
    ["exec", "turbo", "run", "build", "--output-logs=errors-only"],
    ["--filter", "bench", "--silent", "run", "bench", ...rest],
  ],
  soak: (rest) => [
    ["exec", "turbo", "run", "build", "--output-logs=errors-only", "--filter", "soak"],
    ["--filter", "soak", "--silent", "run", "soak", ...rest],
  ],
  test: (rest) => [
    // The programs that tests start, and what these are built from.
    [
      "exec",
      "turbo",
      "run",
      "build",
      "--output-logs=errors-only",
      "--filter",
      "./apps/*",
      "--filter",
      "@attest/cli",
      "--filter",
      "@attest/vectors",
    ],
    ["exec", "vitest", "run", ...rest],
  ],
  // On the sources, in Vitest's own processes: nothing to build, no program to start.
  "test:fast": (rest) => [["vitest", "run", ...FAST.flatMap((name) => ["--project", name]), ...LEFT_OUT, ...rest]],
};

const [task, ...rest] = process.argv.slice(2);
const steps = TASKS[task]?.(rest);
if (!steps) {
  console.error(`Usage: node scripts/with-pnpm.mjs ${Object.keys(TASKS).join("|")} [arguments]`);
  process.exit(2);
}

/** Whether what the lockfile says is what is installed: pnpm keeps a copy of the lockfile that it installed by. */
function isInstalled() {
  const [wanted, installed] = ["pnpm-lock.yaml", "node_modules/.pnpm/lock.yaml"].map((file) => join(root, file));
  return existsSync(installed) && readFileSync(wanted).equals(readFileSync(installed));
}

/** Runs one pnpm command. */
function pnpm(args) {
  const inside = process.env.npm_config_user_agent?.startsWith(packageManager.replace("@", "/"));
  run([...(inside ? ["pnpm"] : ["npx", "--yes", packageManager]), ...args]);
}

/** Runs a command, and ends this process with its status if it fails. */
function run(command) {
  const { status, error } = spawnSync(command[0], command.slice(1), {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
  });
  if (error) console.error(`Could not run ${command[0]}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

if (!isInstalled()) pnpm(["install", "--frozen-lockfile", "--reporter=append-only", "--loglevel=warn"]);
// Vitest by itself needs no pnpm, which takes three seconds to start.
for (const step of steps)
  step[0] === "vitest" ? run([join(root, "node_modules/.bin/vitest"), ...step.slice(1)]) : pnpm(step);
