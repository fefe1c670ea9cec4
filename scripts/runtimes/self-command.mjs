// How this runtime is started once more with another program: `[command, ...arguments]`.
import process from "node:process";

export function selfCommand(program, ...args) {
  const own = "Deno" in globalThis ? ["run", "--allow-all", "--node-modules-dir=manual"] : [];
  return [process.execPath, ...own, program, ...args];
}
