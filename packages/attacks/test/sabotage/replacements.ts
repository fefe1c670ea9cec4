type Json = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: functions of any module
export type Replacement = (real: any) => any;
// biome-ignore lint/suspicious/noExplicitAny: what is known of a token and its use, as far as the checks have come
export type Facts = any;
export type Check = (facts: Facts) => unknown;

/** A check that is left out. */
export const skip: Replacement = () => () => undefined;

/** A check that is asked only when `when` says so. */
export const only =
  (when: (facts: Facts) => boolean): Replacement =>
  (real: Check) =>
  (facts: Facts) =>
    when(facts) ? real(facts) : undefined;

/** A MAC is verified over less of the request: by the tries that it was made for, and by the honest one. */
export const macOver = (less: (request: Json) => Json): Readonly<Record<string, Replacement>> => ({
  checkMac: (real: Check) => async (facts: Facts) => {
    const honest = await real(facts);
    return honest === undefined ? undefined : real({ ...facts, proved: less(facts.proved) });
  },
});

/** What a chain allows is what its last link does. */
export const ofLastLink: Replacement = (real: Check) => (facts: Facts) => {
  const { statement } = facts;
  const delegation = statement.delegation && { links: statement.delegation.links.slice(-1) };
  return real({ ...facts, statement: { ...statement, delegation } });
};

/** A chain may have any number of links. */
export const splitAnywhere: Replacement = () => (facts: Facts) => ({ texts: facts.token.split("~") });
