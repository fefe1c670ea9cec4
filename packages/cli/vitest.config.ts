import { project } from "../../vitest.base.ts";

export default project("cli", { testTimeout: 30_000 });
