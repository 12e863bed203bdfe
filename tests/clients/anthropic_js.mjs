// Drives the Anthropic JavaScript SDK; called and answering as common.py says.
import { CITY, HI, PIXEL, THINK, WEATHER, WEATHER_TOOL, all, apiKey, baseURL, load, model, tell } from "./common.mjs";

const Anthropic = load("@anthropic-ai/sdk").default;
const client = new Anthropic({ baseURL, apiKey, maxRetries: 0, timeout: 30_000 });
const TOOL = { ...WEATHER_TOOL, input_schema: CITY };

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
  models: async () => (await all(client.models.list())).map((entry) => entry.id).sort(),
  unknown_model: () => ask(HI, { model: "no-such-model" }),
  unknown_model_streamed: () => askStreamed(HI, { model: "no-such-model" }),
  bad_request: () => ask(HI, { model: 5 }),
};

await tell(SCENARIOS);
