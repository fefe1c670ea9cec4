import { isPending, type MaybePromise } from "../maybe-promise.ts";
import { Refusal } from "./refusal.ts";

/** What a check may answer: a refusal, the facts that it established, or nothing where its rule holds and tells nothing new. */
type Answer<Found = unknown> = MaybePromise<Refusal | Found | undefined>;

/**
 * Checks in their order. Given the facts that they begin with, it answers with the first refusal, or with these facts and all
 * that the checks established.
 *
 * The facts are gathered in the object that is given, so that its holder can see how far a refused one came. Where it
 * has a place for each of them from the start (`beginToken`, `beginUse`), they cost little: an object that grows by many
 * members becomes a hash table, in which every look-up of every check is slow.
 */
export type Order<Given extends object, Established> = (given: Given) => MaybePromise<Refusal | Established>;

type AnyCheck = (given: never) => unknown;
type Check = (facts: object) => Answer<object>;

/** What a check establishes. */
type FoundBy<Check> = Check extends (given: never) => infer Answered ? Facts<Awaited<Answered>> : unknown;
type Facts<Answered> = [Exclude<Answered, Refusal | undefined>] extends [never]
  ? unknown
  : Exclude<Answered, Refusal | undefined>;

/** What all of several checks establish. */
type FoundByAll<Checks extends readonly unknown[]> = Checks extends readonly [infer First, ...infer Rest]
  ? FoundBy<First> & FoundByAll<Rest>
  : unknown;

/** The same checks, if each needs no more than is given or a check before it established. */
type Ordered<Given, Checks extends readonly unknown[]> = Checks extends readonly [infer First, ...infer Rest]
  ? [
      First extends (given: Given) => unknown ? First : (given: Given) => Answer,
      ...Ordered<Given & FoundBy<First>, Rest>,
    ]
  : [];

/**
 * Puts checks in order. The compiler refuses an order in which a check needs what no check before it establishes. What is given
 * follows from the type of what the order is assigned to.
 */
export function inOrder<Given extends object, const Checks extends readonly AnyCheck[]>(
  ...checks: Checks & Ordered<Given, Checks>
): Order<Given, Given & FoundByAll<Checks>> {
  return (given) => run(checks as readonly unknown[] as readonly Check[], given, 0) as never;
}

/** Runs checks until one refuses. Waits only where a check does. */
function run(checks: readonly Check[], facts: object, from: number): MaybePromise<Refusal | object> {
  for (let i = from; i < checks.length; i++) {
    const answer = (checks[i] as Check)(facts);
    if (answer === undefined) continue;
    if (answer instanceof Refusal) return answer;
    if (isPending(answer)) {
      return answer.then((found) =>
        found instanceof Refusal ? found : run(checks, Object.assign(facts, found), i + 1),
      );
    }
    // Own members only (T11).
    Object.assign(facts, answer);
  }
  return facts;
}
