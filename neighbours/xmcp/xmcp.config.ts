import type { XmcpConfig } from "xmcp";

// A bundle with a copy of the guard's package of its own would not know the guard that stands before it.
const external = { "@attest/mcp-server": "module @attest/mcp-server" };

const config: XmcpConfig = {
  http: true,
  experimental: { adapter: "express" },
  paths: { prompts: false, resources: false },
  // biome-ignore lint/suspicious/noExplicitAny: the bundler's own configuration, which xmcp does not type
  bundler: (config: any) => ({ ...config, externals: [config.externals ?? [], external].flat() }), // @attest
};
export default config;
