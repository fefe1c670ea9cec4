import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as root from "@attest/observability";
import * as openTelemetry from "@attest/observability/opentelemetry";
import * as prometheus from "@attest/observability/prometheus";
import { expect, it } from "vitest";

const source = fileURLToPath(new URL("../src", import.meta.url));

/** The packages that a file loads, itself and through what it imports. Imports of types load nothing. */
function loaded(file: string, seen: Set<string> = new Set()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const from = readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type )(?:[^;]*? from )?"([^"]+)"/gm);
  const specifiers = [...from].map(([, specifier = ""]) => specifier);
  const own = specifiers.filter((specifier) => specifier.startsWith("."));
  return [
    ...specifiers.filter((specifier) => !specifier.startsWith(".")),
    ...own.flatMap((specifier) => loaded(join(dirname(file), specifier), seen)),
  ];
}

it("load their own peer and no other", () => {
  const packagesOf = (entry: string) => [...new Set(loaded(join(source, entry)))].sort();
  expect(packagesOf("index.ts")).toEqual(["@attest/core", "node:buffer", "node:crypto"]);
  expect(packagesOf("opentelemetry/index.ts")).toEqual(["@attest/core", "@opentelemetry/api"]);
  expect(packagesOf("prometheus/index.ts")).toEqual(["@attest/core", "prom-client"]);
});

it("export this and nothing else", () => {
  expect(Object.keys(root).sort()).toEqual([
    "AttestationEventHandler",
    "createAuditLog",
    "readAuditLine",
    "verifyAuditLog",
  ]);
  expect(Object.keys(openTelemetry).sort()).toEqual(["createMetrics", "createTracing"]);
  expect(Object.keys(prometheus).sort()).toEqual(["createMetrics"]);
});
