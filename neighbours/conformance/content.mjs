// What the conformance suite asks every server for, whichever SDK serves it.
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";
export const text = (said) => ({ type: "text", text: said });
const image = { type: "image", data: PNG, mimeType: "image/png" };
const embedded = (uri, said, mimeType = "text/plain") => ({
  type: "resource",
  resource: { uri, mimeType, text: said },
});
export const string = { type: "string" };
/** The schema of an object. */
export const object = (properties = {}, required = Object.keys(properties)) => ({
  type: "object",
  properties,
  required,
});

/** Tools that need nothing of an SDK: what each has as its input, and the content of its answer. */
export const TOOLS = {
  test_simple_text: [object(), () => [text("This is a simple text response for testing.")]],
  test_image_content: [object(), () => [image]],
  test_audio_content: [object(), () => [{ type: "audio", data: WAV, mimeType: "audio/wav" }]],
  test_embedded_resource: [
    object(),
    () => [embedded("test://embedded-resource", "This is an embedded resource content.")],
  ],
  test_multiple_content_types: [
    object(),
    () => [
      text("Multiple content types test:"),
      image,
      embedded("test://mixed-content-resource", '{"test":"data","value":123}', "application/json"),
    ],
  ],
  test_error_handling: [
    object(),
    () => {
      throw new Error("This tool intentionally returns an error for testing");
    },
  ],
  json_schema_2020_12_tool: [
    {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      $defs: { address: { $anchor: "addressDef", type: "object", properties: { street: string, city: string } } },
      properties: {
        name: string,
        address: { $ref: "#/$defs/address" },
        contactMethod: { type: "string", enum: ["phone", "email"] },
        phone: string,
        email: string,
      },
      allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
      if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { required: ["phone"] },
      else: { required: ["email"] },
      additionalProperties: false,
    },
    () => [text("well")],
  ],
};

/** Prompts: the arguments that each demands, and the content of its messages. */
export const PROMPTS = {
  test_simple_prompt: [[], () => [text("This is a simple prompt for testing.")]],
  test_prompt_with_arguments: [
    ["arg1", "arg2"],
    ({ arg1, arg2 }) => [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  ],
  test_prompt_with_embedded_resource: [
    ["resourceUri"],
    ({ resourceUri }) => [
      embedded(resourceUri, "Embedded resource content for testing."),
      text("Please process the embedded resource above."),
    ],
  ],
  test_prompt_with_image: [[], () => [image, text("Please analyze the image above.")]],
};

const RESOURCES = {
  "test://static-text": { mimeType: "text/plain", text: "This is the content of the static text resource." },
  "test://static-binary": { mimeType: "image/png", blob: PNG },
  "test://watched-resource": { mimeType: "text/plain", text: "watched" },
};

/** The results of the lists, and of a completion. @param tools Tools as above. */
export const listed = (tools, prompts = PROMPTS) => ({
  tools: Object.entries(tools).map(([name, [inputSchema]]) => ({
    name,
    description: `The suite's ${name}`,
    inputSchema,
  })),
  prompts: Object.entries(prompts).map(([name, [names]]) => ({
    name,
    description: `The suite's ${name}`,
    arguments: names.map((each) => ({ name: each, required: true })),
  })),
  resources: Object.entries(RESOURCES).map(([uri, { mimeType }]) => ({ uri, name: uri, mimeType })),
  resourceTemplates: [{ uriTemplate: "test://template/{id}/data", name: "template" }],
  completion: { values: ["paris", "park", "party"] },
});

/** The contents of the resource at a URI; `undefined` if the server has no such resource. */
export function read(uri) {
  if (RESOURCES[uri]) return { uri, ...RESOURCES[uri] };
  const [, id] = /^test:\/\/template\/([^/]+)\/data$/.exec(uri) ?? [];
  if (id === undefined) return undefined;
  const data = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
  return { uri, mimeType: "application/json", text: data };
}
