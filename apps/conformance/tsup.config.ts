import { library } from "../../tsup.base.ts";

export default library(["src/main.ts", "src/client/attested-client.ts", "src/suite/guarded-pair.ts"]);
