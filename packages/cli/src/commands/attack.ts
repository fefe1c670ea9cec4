import { type Command, Option } from "commander";
import type { AttackOptions } from "../attack/attack-options.ts";
import { addIdentityOptions } from "../input/identity-options.ts";
import { examples, several, wholeNumber } from "../input/options.ts";

/** `attest attack`: what gets through to a server of one's own. */
export function addAttack(program: Command): void {
  const command = program
    .command("attack")
    .summary("attack a server of your own and see what gets through")
    .description(
      "Attacks a live MCP server, over Streamable HTTP (--url) or as a child process (--stdio). With neither, attacks the verifier that this command contains. Each attack runs together with the same exchange done honestly, so that a server that refuses everything does not pass. Calls only the tool that --tool names. Attack only servers of your own.",
    )
    .option("--url <url>", "the server's MCP endpoint")
    .option(
      "--stdio <command>",
      "the command that starts the server; quotes and backslashes as in a shell, nothing else",
    )
    .option("--authority <url>", "in the place of a server, an authority: the address that clients have, /attestations")
    .option("--credential-file <file>", "for --authority: evidence that it admits, read again for each request")
    .option("--rule <name>", "for --authority: the rule to ask by")
    .option("--env <name[=value]>", "an environment variable for --stdio, which inherits PATH and HOME only", several)
    .option("--audience <uri>", "the server's resource identifier, exactly as configured there")
    .option("--issuer <uri>", "a lab authority that the server trusts for this test")
    .option("--key <file>", "the lab authority's private key (JWK), which signs the honest agent's attestations")
    .option(
      "--attestation <file>",
      "without --key: the honest agent's attestation, which must not expire during the run",
    )
    .option("--holder-key <file>", "without --key: the honest agent's private key (JWK)")
    .option("--issuer-key <file>", "without --key: the authority's public key (JWK), for attacks that misuse it")
    .option("--bearer", "the server accepts 0.1.0 bearer attestations: attack that way too; needs --key");
  addIdentityOptions(command)
    .option("--tool <name>", "a harmless tool to call; best one with a demand of its own")
    .option("--tool-arguments <json>", "its arguments, as JSON")
    .option("--access-token <file>", "a file with the OAuth access token that the server requires")
    .addOption(
      new Option("--era <era>", "the protocol's era").choices(["auto", "handshake", "stateless"]).default("auto"),
    )
    .option("--only <id...>", "run only these attacks")
    .option("--rate <number>", "at most this many requests per second", wholeNumber(1, 1000), 20)
    .option("--timeout <seconds>", "how long to wait for each answer", wholeNumber(1, 600), 10)
    .option("--max-duration <seconds>", "start no attack after this time", wholeNumber(1, 86_400), 600)
    .option("--report <file>", "write a report for people, .html or .md; may be repeated", several)
    .option("--list", "list the attacks without running them")
    .option("--json", "print the results as JSON")
    .addHelpText(
      "after",
      examples(
        "attest attack --url http://127.0.0.1:3000/mcp --audience https://bank.example/mcp \\",
        "  --issuer https://lab.example --key lab.json --report report.html",
        'attest attack --stdio "node server.js" --env SERVER_CONFIG --audience https://bank.example/mcp \\',
        "  --issuer https://lab.example --key lab.json --json",
        "attest attack --authority https://authority.example/attestations --credential-file token --rule finance-bot",
        "attest attack --list",
      ),
    )
    .addHelpText("after", "\nExit status 1: an attack got through, or was inconclusive.")
    .action(async (options: AttackOptions) => {
      // The suite is loaded by those who attack, and by nobody who inspects a token.
      if (options.authority !== undefined) {
        const { runAuthorityAttack } = await import("../attack/attack-authority.ts");
        await runAuthorityAttack({ ...options, authority: options.authority });
        return;
      }
      const { runAttack } = await import("../attack/run-attack.ts");
      await runAttack(options);
    });
}
