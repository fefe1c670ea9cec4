import { library } from "../../tsup.base.ts";

export default library(["src/index.ts", "src/opentelemetry/index.ts", "src/prometheus/index.ts"]);
