/** The lines of Node that everything must run on: the oldest that is supported to the newest. */
export const NODE_VERSIONS = [20, 22, 24, 26];
