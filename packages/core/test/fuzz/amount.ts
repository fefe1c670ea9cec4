/** How much every run of the tests fuzzes: the same each time. `pnpm fuzz` goes on for a time, from another seed. */
export const FUZZ_EXECUTIONS = 6_000;
export const FUZZ_SEED = 1;
