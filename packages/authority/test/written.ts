import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type RunningAuthority, type RunOptions, runAuthority } from "../src/node.ts";

export const SECRET = "a-secret-of-the-workload-aurora";
export const HASH = createHash("sha256").update(SECRET).digest("hex");

export const GOOD = `issuer: https://models.example
listen: 127.0.0.1:0
evidence:
  desk: { secret: { sha256: ${HASH} } }
rules:
  - name: aurora
    default: true
    evidence: desk
    attest:
      identity: { modelFamily: aurora, modelVersion: aurora-2, provider: example }
`;

/** A folder of one test, with a configuration in it. */
export class Written {
  folder = "";

  static async of(text: string, name = "authority.yaml"): Promise<Written> {
    const written = new Written();
    written.folder = await mkdtemp(join(tmpdir(), "attest-authority-"));
    onTestFinished(() => rm(written.folder, { recursive: true, force: true }));
    await written.write(name, text);
    return written;
  }

  path(name = "authority.yaml"): string {
    return join(this.folder, name);
  }

  async write(name: string, text: string, mode = 0o600): Promise<void> {
    await writeFile(this.path(name), text);
    await chmod(this.path(name), mode);
  }

  writeSecret(name: string, mode?: number): Promise<void> {
    return this.write(name, `${randomBytes(32).toString("base64url")}\n`, mode);
  }

  async run(options: RunOptions = {}): Promise<RunningAuthority> {
    const running = await runAuthority(this.path(), options);
    onTestFinished(() => running.close());
    return running;
  }
}
