import { project } from "../../vitest.base.ts";

export default project("authority", { testTimeout: 30_000 });
