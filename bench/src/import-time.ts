import { execFileSync } from "node:child_process";
import { median } from "./measure.ts";
import type { Row } from "./row.ts";

/** How long a fresh process takes to import `@attest/core`, inside that process. */
export function measureImport(): Row {
  const program = "const s=performance.now();await import('@attest/core');console.log(performance.now()-s)";
  const times = Array.from({ length: 11 }, () =>
    Number(execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" })),
  );
  return {
    path: "import of @attest/core in a fresh process",
    unit: "ms",
    measured: median(times),
    must: 40,
    aim: 15,
    better: "smaller",
  };
}
