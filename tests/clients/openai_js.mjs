// Drives the OpenAI JavaScript SDK; called and answering as openai_python.py. MODULES names its node_modules folder.
import { createRequire } from "node:module";

const OpenAI = createRequire(`${process.env.MODULES}/`)("openai").default;
const [baseURL, model, apiKey, ...chosen] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey, maxRetries: 0, timeout: 30_000 });
const HI = [{ role: "user", content: "Hi" }];
const THINK = [{ role: "user", content: "Think first." }];
const TOOL = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const WEATHER = {
  type: "object",
  properties: { place: { type: "string" }, degrees: { type: "integer" }, rain: { type: "boolean" } },
  required: ["place", "degrees", "rain"],
  additionalProperties: false,
};
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

function whole({ choices: [{ message, finish_reason }], usage }) {
  return {
    text: message.content ?? "",
    thinking: message.reasoning_content ?? "",
    calls: (message.tool_calls ?? []).map((call) => [call.id, call.function.name, call.function.arguments]),
    finish: finish_reason,
    usage: [usage.prompt_tokens, usage.completion_tokens],
  };
}

async function ask(messages = HI, settings = {}) {
  return whole(await client.chat.completions.create({ model, messages, ...settings }));
}

// The completion that the SDK's own accumulator makes of the stream, and how many chunks carried text.
async function askStreamed(messages = HI, settings = {}) {
  const asked = { model, messages, stream_options: { include_usage: true }, ...settings };
  const stream = client.chat.completions.stream(asked);
  let pieces = 0;
  let thinking = "";
  for await (const chunk of stream) {
    pieces += chunk.choices[0]?.delta.content ? 1 : 0;
    thinking += chunk.choices[0]?.delta.reasoning_content ?? "";
  }
  return { ...whole(await stream.finalChatCompletion()), thinking, pieces };
}

// Both turns of a tool's round trip: the call, and the answer once its result is given.
async function tools(ask) {
  const first = await ask(HI, { tools: [TOOL] });
  const [id, name, args] = first.calls[0];
  const called = {
    role: "assistant",
    content: null,
    tool_calls: [{ id, type: "function", function: { name, arguments: args } }],
  };
  const result = { role: "tool", tool_call_id: id, content: "sunny" };
  return { first, second: await ask([...HI, called, result], { tools: [TOOL] }) };
}

async function structured() {
  const format = { type: "json_schema", json_schema: { name: "weather", schema: WEATHER, strict: true } };
  return (await ask(HI, { response_format: format })).text;
}

function image() {
  const picture = { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } };
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
  system: () => ask([{ role: "system", content: "Be short." }, ...HI]),
  thinking: () => ask(THINK),
  thinking_streamed: () => askStreamed(THINK),
  cut_short: () => ask(HI, { max_tokens: 3 }),
  tools: () => tools(ask),
  tools_streamed: () => tools(askStreamed),
  structured,
  image,
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
