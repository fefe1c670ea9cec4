// One process of an authority, for the tests of what several of them do to one directory. Makes changes as fast as it can
// until it is killed, or as many as it is told; says "ready" once it has keys, and at the end which it removed.
import { AttestationError } from "@attest/core";
import { RotatingKeyStore } from "../src/index.ts";
import { FileKeyStorage } from "../src/node.ts";

const [directory = "", changes = "0"] = process.argv.slice(2);
const store = await RotatingKeyStore.open({ storage: new FileKeyStorage(directory), publishAhead: 120 });
process.stdout.write("ready\n");
const removed: string[] = [];
while (changes === "0" || removed.length < Number(changes)) {
  const { kid } = store.current();
  try {
    await store.remove(kid);
    removed.push(kid);
  } catch (error) {
    // Another process was first to remove that very key, or all of them are at it at once.
    if (!(error instanceof AttestationError)) throw error;
  }
}
store.close();
process.stdout.write(`${JSON.stringify(removed)}\n`);
