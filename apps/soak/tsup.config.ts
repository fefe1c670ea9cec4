import { library } from "../../tsup.base.ts";

export default library(["src/main.ts", "src/worker.ts", "src/revocation/replica.ts"]);
