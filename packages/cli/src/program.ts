import { readFileSync } from "node:fs";
import { AttestationError } from "@attest/core";
import { Command, CommanderError } from "commander";
import { addAttack } from "./commands/attack.ts";
import { addAuthority, addAuthoritySchema } from "./commands/authority.ts";
import { addConnect } from "./commands/connect.ts";
import { addDelegate } from "./commands/delegate.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addGateway, addGatewaySchema } from "./commands/gateway.ts";
import { addGenerate } from "./commands/generate.ts";
import { addInspect } from "./commands/inspect.ts";
import { addKeygen } from "./commands/keygen.ts";
import { addProve } from "./commands/prove.ts";
import { addReport } from "./commands/report.ts";
import { addRequest } from "./commands/request.ts";
import { addRevoke } from "./commands/revoke.ts";
import { addServeJwks } from "./commands/serve-jwks.ts";
import { addServeStatus } from "./commands/serve-status.ts";
import { addStatus } from "./commands/status.ts";
import { addTicketRing } from "./commands/ticket-ring.ts";
import { addVerify } from "./commands/verify.ts";
import { EXIT, MalformedError, UsageError } from "./exit.ts";
import { examples } from "./input/options.ts";
import { paint } from "./terminal/paint.ts";
import { printable } from "./terminal/printable.ts";

const COMMANDS = [
  addKeygen,
  addTicketRing,
  addGenerate,
  addProve,
  addDelegate,
  addVerify,
  addInspect,
  addAttack,
  addDoctor,
  addReport,
  addRequest,
  addServeJwks,
  addRevoke,
  addStatus,
  addServeStatus,
  addAuthority,
  addAuthoritySchema,
  addGateway,
  addGatewaySchema,
  addConnect,
];

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

/** Runs the command that the arguments name and sets the process's exit status; never throws. */
export async function run(args: readonly string[]): Promise<void> {
  const program = new Command("attest")
    .description("Work with agent attestations from a terminal.")
    .version(version)
    .exitOverride()
    .showHelpAfterError("(see --help)")
    .addHelpText(
      "after",
      examples(
        "attest keygen --out authority.json > authority-public.json && attest keygen --out agent.json > agent-public.json",
        "attest generate --issuer https://authority.example --key authority.json --holder-key agent-public.json | attest inspect -",
        "attest doctor https://bank.example/mcp",
      ),
    )
    .addHelpText("after", "\nExit status: 0 good; 1 refused, breached, misconfigured or malformed; 2 wrong usage.");
  for (const add of COMMANDS) add(program);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = tell(error);
  }
}

/** Tells what went wrong, where that is not done already, and says with which status to end. */
function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.good : EXIT.usage;
  const expected = error instanceof UsageError || error instanceof MalformedError || error instanceof AttestationError;
  const message = error instanceof Error ? error.message : String(error);
  const prefix = paint("red", expected ? "error:" : "internal error:", process.stderr);
  console.error(`${prefix} ${printable(message)}`);
  return error instanceof MalformedError ? EXIT.refused : EXIT.usage;
}
