import { library } from "../../tsup.base.ts";

export default library(["src/index.ts", "src/evidence/aws.ts", "src/evidence/github.ts", "src/evidence/kubernetes.ts"]);
