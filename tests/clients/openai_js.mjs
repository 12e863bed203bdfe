// Drives the OpenAI JavaScript SDK; called and answering as common.py says.
import { CITY, HI, PIXEL, THINK, WEATHER, WEATHER_TOOL, all, apiKey, baseURL, load, model, tell } from "./common.mjs";

const OpenAI = load("openai").default;
const client = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey, maxRetries: 0, timeout: 30_000 });
const TOOL = { type: "function", function: { ...WEATHER_TOOL, parameters: CITY } };

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
  models: async () => (await all(client.models.list())).map((entry) => entry.id).sort(),
  unknown_model: () => ask(HI, { model: "no-such-model" }),
  unknown_model_streamed: () => askStreamed(HI, { model: "no-such-model" }),
  bad_request: () => ask(HI, { model: 5 }),
};

await tell(SCENARIOS);
