import { project } from "../../vitest.base.ts";

export default project("observability", { testTimeout: 30_000 });
