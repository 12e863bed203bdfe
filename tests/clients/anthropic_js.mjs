// Drives the Anthropic JavaScript SDK; called and answering as openai_python.py. MODULES names its node_modules folder.
import { createRequire } from "node:module";

const Anthropic = createRequire(`${process.env.MODULES}/`)("@anthropic-ai/sdk").default;
const [baseURL, model, apiKey, ...chosen] = process.argv.slice(2);
const client = new Anthropic({ baseURL, apiKey, maxRetries: 0, timeout: 30_000 });
const HI = [{ role: "user", content: "Hi" }];
const THINK = [{ role: "user", content: "Think first." }];
const TOOL = {
  name: "get_weather",
  description: "Weather of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const WEATHER = {
  type: "object",
  properties: { place: { type: "string" }, degrees: { type: "integer" }, rain: { type: "boolean" } },
  required: ["place", "degrees", "rain"],
  additionalProperties: false,
};
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

function whole({ content, stop_reason, usage }) {
  const of = (type) => content.filter((block) => block.type === type);
  return {
    text: of("text").map((block) => block.text).join(""),
    thinking: of("thinking").map((block) => block.thinking).join(""),
    calls: of("tool_use").map((block) => [block.id, block.name, JSON.stringify(block.input)]),
    finish: stop_reason,
    usage: [usage.input_tokens + (usage.cache_read_input_tokens ?? 0), usage.output_tokens],
  };
}

async function ask(messages = HI, settings = {}) {
  return whole(await client.messages.create({ model, messages, max_tokens: 500, ...settings }));
}

// The message that the SDK's own accumulator makes of the stream, and how many events carried text.
async function askStreamed(messages = HI, settings = {}) {
  const stream = client.messages.stream({ model, messages, max_tokens: 500, ...settings });
  let pieces = 0;
  for await (const event of stream) pieces += event.delta?.type === "text_delta" ? 1 : 0;
  return { ...whole(await stream.finalMessage()), pieces };
}

// Both turns of a tool's round trip: the call, and the answer once its result is given.
async function tools(ask) {
  const first = await ask(HI, { tools: [TOOL] });
  const [id, name, args] = first.calls[0];
  const turns = [
    { role: "assistant", content: [{ type: "tool_use", id, name, input: JSON.parse(args) }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "sunny" }] },
  ];
  return { first, second: await ask([...HI, ...turns], { tools: [TOOL] }) };
}

async function structured() {
  const format = { type: "json_schema", schema: WEATHER };
  return (await ask(HI, { output_config: { format } })).text;
}

function image() {
  const picture = { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } };
  return ask([{ role: "user", content: [{ type: "text", text: "What is this?" }, picture] }]);
}

async function models() {
  const names = [];
  for await (const entry of client.models.list()) names.push(entry.id);
  return names.sort();
}

const SCENARIOS = {
  chat: () => ask(),
  stream: () => askStreamed(),
  system: () => ask(HI, { system: "Be short." }),
  thinking: () => ask(THINK),
  thinking_streamed: () => askStreamed(THINK),
  cut_short: () => ask(HI, { max_tokens: 3 }),
  tools: () => tools(ask),
  tools_streamed: () => tools(askStreamed),
  structured,
  image,
  count: async () => (await client.messages.countTokens({ model, messages: HI })).input_tokens,
  models,
  unknown_model: () => ask(HI, { model: "no-such-model" }),
  unknown_model_streamed: () => askStreamed(HI, { model: "no-such-model" }),
  bad_request: () => ask(HI, { model: 5 }),
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
