import ts from "typescript";

/**
 * Programs of one configuration, of which the first reads the sources and the others share what it read: typedoc by itself reads
 * everything again for each entry point. Each has a checker of its own, since the order of a union's members follows from
 * what its checker saw before.
 *
 * @param configuration The path of a tsconfig.json.
 * @returns What makes the next program. Throws where the configuration cannot be read.
 */
export function programs(configuration) {
  const refuse = ({ messageText }) => {
    throw new Error(ts.flattenDiagnosticMessageText(messageText, "\n"));
  };
  const system = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: refuse };
  const { fileNames, options } = ts.getParsedCommandLineOfConfigFile(configuration, {}, system);
  const host = ts.createCompilerHost(options);
  const readSource = host.getSourceFile;
  const sources = new Map();
  host.getSourceFile = (file, ...rest) => {
    if (!sources.has(file)) sources.set(file, readSource(file, ...rest));
    return sources.get(file);
  };
  let latest;
  return () => {
    latest = ts.createProgram({ rootNames: fileNames, options, host, oldProgram: latest });
    return latest;
  };
}
