import { project } from "../../vitest.base.ts";

// Some tests try very much; what bounds them is their own counts, not how busy the machine is.
export default project("core", { testTimeout: 120_000 });
