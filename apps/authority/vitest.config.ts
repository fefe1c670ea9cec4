import { project } from "../../vitest.base.ts";

export default project("demo-authority", { testTimeout: 30_000 });
