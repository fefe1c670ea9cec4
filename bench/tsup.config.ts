import { defineConfig } from "tsup";

export default defineConfig({
  entry: [
    "src/main.ts",
    "src/part-process.ts",
    "src/call-process.ts",
    "src/call-server.ts",
    "src/against.ts",
    "src/authority.ts",
    "src/authority-process.ts",
    "src/answering-process.ts",
    "src/gateway-upstream-process.ts",
    "src/gateway-proxy-process.ts",
    "src/gateway-load-process.ts",
  ],
  format: "esm",
  target: "node20.19",
  clean: true,
  dts: false,
});
