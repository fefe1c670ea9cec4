// The demo: an attested agent is verified, a tool changes after it was read, sub-agents do what they were let, then eight attacks on the same server. Exit status 1 if anything went wrong.
import { fileURLToPath } from "node:url";
import { runDemo } from "./demo.ts";

const report = await runDemo({
  bank: fileURLToPath(import.meta.resolve("demo-mcp-server/main")),
  subAgent: fileURLToPath(import.meta.resolve("demo-agent/sub-agent")),
});

console.log("\nHonest agents");
for (const { over, attestation, calls } of report.sessions) {
  console.log(`\n  over ${over}: ${attestation.status}, trust ${attestation.trustLevel ?? "none"}`);
  for (const { tool, answer } of calls) console.log(`    ${tool} → ${answer}`);
}
console.log("\nA tool that changes after the agent has read it\n");
for (const { what, came, asExpected } of report.definition.calls) {
  const mark = asExpected ? "✓" : "✗";
  const refusal = came.outcome === "refused" && `refused: ${came.reason} (the server's log: ${came.code ?? "–"})`;
  console.log(`  ${mark} close_account, ${what} → ${came.outcome === "served" ? came.answer : refusal}`);
}
console.log("\nSub-agents, each in a process of its own\n");
for (const [name, { tools }] of Object.entries(report.subAgents.cast)) {
  console.log(`  orchestrator → ${name}: may use ${tools?.join(", ") ?? "nothing"}`);
}
for (const { what, calls } of report.subAgents.scenes) {
  console.log(`\n  ${what}.`);
  for (const { by, tool, came, code, asExpected } of calls) {
    const mark = asExpected ? "✓" : "✗";
    const refusal =
      came.outcome === "refused" ? `refused: ${came.reason} (the server's log: ${code ?? "–"})` : "undelegated";
    console.log(`    ${mark} ${by}: ${tool} → ${came.outcome === "served" ? came.answer : refusal}`);
  }
}
console.log("\nAttacks on the live server\n");
for (const { attack, result } of report.attacks) {
  const mark = result.outcome === "blocked" && result.intended ? "✓" : "✗";
  console.log(`  ${mark} ${attack.name} (${attack.threat}): ${result.outcome}`);
  console.log(`      ${attack.description}`);
  if (result.outcome === "blocked")
    console.log(
      `      stopped by ${result.defence}: ${result.reason ?? result.evidence} (the server's log: ${result.code ?? "–"})`,
    );
  else console.log(`      ${result.evidence}`);
}
const blocked = report.attacks.filter(({ result }) => result.outcome === "blocked").length;
console.log(
  `\n${blocked} of ${report.attacks.length} attacks blocked. ${report.passed ? "All as it should be." : "NOT as it should be."}\n`,
);
process.exitCode = report.passed ? 0 : 1;
