// One part of the bench: node part-process.js NAME. Says what it found.
import { createMaterial } from "./material.ts";
import { PARTS } from "./parts.ts";

const part = PARTS[process.argv[2] ?? ""];
if (!part) throw new Error("There is no such part of the bench");
const measure = await part();
process.send?.(await measure(await createMaterial()));
