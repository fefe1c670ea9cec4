import { project } from "../../vitest.base.ts";

export default project("attacks", { testTimeout: 60_000 });
