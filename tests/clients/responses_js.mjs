// Drives the Responses of the OpenAI JavaScript SDK; called and answering as responses_python.py.
import { createRequire } from "node:module";

const OpenAI = createRequire(`${process.env.MODULES}/`)("openai").default;
const [baseURL, model, apiKey, ...chosen] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey, maxRetries: 0, timeout: 30_000 });
const HI = [{ role: "user", content: "Hi" }];
const THINK = [{ role: "user", content: "Think first." }];
const TOOL = {
  type: "function",
  name: "get_weather",
  description: "Weather of a city",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  strict: false,
};
const WEATHER = {
  type: "object",
  properties: { place: { type: "string" }, degrees: { type: "integer" }, rain: { type: "boolean" } },
  required: ["place", "degrees", "rain"],
  additionalProperties: false,
};
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

function whole({ output, output_text, status, incomplete_details, usage }) {
  const of = (type) => output.filter((item) => item.type === type);
  return {
    text: output_text,
    thinking: of("reasoning")
      .flatMap((item) => [...item.summary, ...(item.content ?? [])])
      .map((part) => part.text)
      .join(""),
    calls: of("function_call").map((item) => [item.call_id, item.name, item.arguments]),
    finish: incomplete_details?.reason ?? status,
    usage: [usage.input_tokens, usage.output_tokens],
    items: output,
  };
}

async function ask(input = "Hi", settings = {}) {
  return whole(await client.responses.create({ model, input, ...settings }));
}

// The answer that the SDK's own accumulator makes of the stream, how many frames carried text, and what was in order.
async function askStreamed(input = "Hi", settings = {}) {
  const stream = client.responses.stream({ model, input, ...settings });
  const kinds = [];
  let number = 0;
  for await (const event of stream) {
    kinds.push(event.type.replace("response.", ""));
    if (event.sequence_number !== number++) throw new Error(`frame ${number - 1} says ${event.sequence_number}`);
  }
  const pieces = kinds.filter((kind) => kind === "output_text.delta").length;
  const answer = await stream.finalResponse();
  const text = answer.output_text ?? answer.output.flatMap((item) => item.content ?? []).map((part) => part.text ?? "").join("");
  return { ...whole({ ...answer, output_text: text }), pieces, kinds: [...new Set(kinds)] };
}

// Both turns of a tool's round trip: the call, and the answer once its result is given beside all that was said.
async function tools(ask) {
  const first = await ask(HI, { tools: [TOOL] });
  const result = { type: "function_call_output", call_id: first.calls[0][0], output: "sunny" };
  return { first, second: await ask([...HI, ...first.items, result], { tools: [TOOL] }) };
}

async function structured() {
  const format = { type: "json_schema", name: "weather", schema: WEATHER, strict: true };
  return (await ask("Hi", { text: { format } })).text;
}

function image() {
  const picture = { type: "input_image", image_url: `data:image/png;base64,${PIXEL}`, detail: "auto" };
  return ask([{ role: "user", content: [{ type: "input_text", text: "What is this?" }, picture] }]);
}

async function models() {
  const names = [];
  for await (const entry of client.models.list()) names.push(entry.id);
  return names.sort();
}

const SCENARIOS = {
  chat: () => ask(),
  stream: () => askStreamed(),
  system: () => ask("Hi", { instructions: "Be short." }),
  thinking: () => ask(THINK),
  thinking_streamed: () => askStreamed(THINK),
  cut_short: () => ask("Hi", { max_output_tokens: 3 }),
  tools: () => tools(ask),
  tools_streamed: () => tools(askStreamed),
  structured,
  image,
  models,
  unknown_model: () => ask("Hi", { model: "no-such-model" }),
  unknown_model_streamed: () => askStreamed("Hi", { model: "no-such-model" }),
  bad_request: () => ask("Hi", { model: 5 }),
};

const seen = {};
for (const name of chosen.length ? chosen : Object.keys(SCENARIOS)) {
  try {
    seen[name] = await SCENARIOS[name]();
  } catch (error) {
    seen[name] = { raised: error.constructor.name, status: error.status ?? null, message: error.message };
  }
}
console.log(JSON.stringify(seen));
