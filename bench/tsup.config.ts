import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/main.ts", "src/call-server.ts", "src/against.ts", "src/authority.ts", "src/authority-process.ts"],
  format: "esm",
  target: "node20.19",
  clean: true,
  dts: false,
});
