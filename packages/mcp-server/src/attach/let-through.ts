import { BriefMemory } from "../guard/brief-memory.ts";

/** Proofs of GET and DELETE requests that passed a gate of a guard and have not reached a transport yet. */
const proofs = new WeakMap<object, BriefMemory<true>>();

/** Notes that a gate let a request through, by its proof, which no other request has. */
export function letThrough(guard: object, proof: string | undefined): void {
  if (proof === undefined) return;
  let memory = proofs.get(guard);
  if (!memory) {
    memory = new BriefMemory();
    proofs.set(guard, memory);
  }
  memory.put(proof, true);
}

/** Whether a gate of this guard let a request with this proof through. Answers yes once. */
export function wasLetThrough(guard: object, proof: string | undefined): boolean {
  return proof !== undefined && proofs.get(guard)?.take(proof) === true;
}
