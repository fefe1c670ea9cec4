/** Names of this machine's own network, as `URL.hostname` gives them: what is sent there passes no network. */
export const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);
