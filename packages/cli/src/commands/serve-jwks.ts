import { AttestationError, InMemoryKeyResolver, type PublicJwk } from "@attest/core";
import type { Command } from "commander";
import { UsageError } from "../exit.ts";
import { examples, wholeNumber } from "../input/options.ts";
import { readPublicKey } from "../input/read-keys.ts";
import { serveOnLoopback } from "../serve-on-loopback.ts";

const PATH = "/.well-known/jwks.json";

interface ServeJwksOptions {
  readonly key: readonly string[];
  readonly port: number;
}

/** `attest serve-jwks`: the key set of an authority, for trying things out on this machine. */
export function addServeJwks(program: Command): void {
  program
    .command("serve-jwks")
    .summary("serve the public halves of keys on this machine")
    .description(
      `Serves the public halves of keys at http://127.0.0.1:<port>${PATH} until it is stopped, for tests. Only this machine can reach it. It never serves the private part of a key.`,
    )
    .requiredOption("--key <file...>", "a key, private or public (JWK); may be repeated")
    .option("--port <number>", "the port (default: a free one, which is printed)", wholeNumber(0, 65_535), 0)
    .addHelpText("after", examples("attest serve-jwks --key authority.json --port 8080"))
    .action(serveJwks);
}

async function serveJwks({ key, port }: ServeJwksOptions): Promise<void> {
  const keySet = await readKeySet(key);
  const { createNodeJwksHandler } = await import("@attest/jwks/node");
  const publish = createNodeJwksHandler({ jwks: () => keySet });
  await serveOnLoopback(PATH, port, async (request, response) => publish(request, response));
}

/** The set that is served: every key vetted, so that a private member, a repeated kid or a weak key ends the command. */
async function readKeySet(files: readonly string[]): Promise<{ keys: PublicJwk[] }> {
  const keys = new InMemoryKeyResolver();
  for (const file of files) {
    const publicJwk = await readPublicKey(file, "--key");
    try {
      await keys.addKey(PATH, publicJwk);
    } catch (error) {
      if (error instanceof AttestationError) throw new UsageError(`--key: ${file}: ${error.message}`);
      throw error;
    }
  }
  return keys.toJwks(PATH);
}
