import { cpSync } from "node:fs";
import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

const FROM = new URL("../../spec/vectors/", import.meta.url);
const TO = new URL("vectors/", import.meta.url);

export default defineConfig((options) => ({
  ...library(["src/index.ts", "src/main.ts", "src/folder/package.ts"], ["#folder"]),
  ...options,
  async onSuccess() {
    cpSync(FROM, TO, { recursive: true });
  },
}));
