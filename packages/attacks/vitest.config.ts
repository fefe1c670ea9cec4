import { project } from "../../vitest.base.ts";

export default project("attacks", { testTimeout: 180_000 });
