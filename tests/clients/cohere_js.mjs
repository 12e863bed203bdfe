// Drives the Cohere JavaScript SDK; called and answering as common.py says.
import { CITY, HI, PIXEL, THINK, WEATHER, WEATHER_TOOL, apiKey, baseURL, load, model, tell } from "./common.mjs";

const { CohereClientV2 } = load("cohere-ai");
const client = new CohereClientV2({ token: apiKey, environment: baseURL });
const ONCE = { maxRetries: 0, timeoutInSeconds: 30 };
const BROKEN = { id: "a", type: "function", function: { name: "get_weather", arguments: "as the model likes" } };
const TOOL = { type: "function", function: { ...WEATHER_TOOL, parameters: CITY } };

const told = (texts, thoughts, calls, finish, { tokens }) => ({
  text: texts.join(""),
  thinking: thoughts.join(""),
  calls,
  finish,
  usage: [tokens.inputTokens, tokens.outputTokens],
});

async function ask(messages = HI, settings = {}) {
  const { message, finishReason, usage } = await client.chat({ model, messages, ...settings }, ONCE);
  const of = (type) => (message.content ?? []).filter((part) => part.type === type);
  return told(
    of("text").map((part) => part.text),
    of("thinking").map((part) => part.thinking),
    (message.toolCalls ?? []).map((call) => [call.id, call.function.name, call.function.arguments]),
    finishReason,
    usage,
  );
}

// The answer that the stream's events make, and how many of them carried text.
async function askStreamed(messages = HI, settings = {}) {
  const [texts, thoughts, calls, opened] = [[], [], [], []];
  let last;
  for await (const event of await client.chatStream({ model, messages, ...settings }, ONCE)) {
    const said = event.delta?.message;
    if (event.type.endsWith("-start")) opened.push(event.type.slice(0, -6));
    if (event.type.endsWith("-end") && opened.pop() !== event.type.slice(0, -4)) throw new Error(`stray ${event.type}`);
    if (event.type === "content-delta" && said.content.text) texts.push(said.content.text);
    if (event.type === "content-delta" && said.content.thinking) thoughts.push(said.content.thinking);
    if (event.type === "tool-call-start") {
      calls.push([said.toolCalls.id, said.toolCalls.function.name, said.toolCalls.function.arguments]);
    }
    if (event.type === "tool-call-delta") calls[event.index][2] += said.toolCalls.function.arguments;
    if (event.type === "message-end") last = event.delta;
  }
  return { ...told(texts, thoughts, calls, last.finishReason, last.usage), pieces: texts.length };
}

// Both turns of a tool's round trip: the call, and the answer once its result is given.
async function tools(ask) {
  const first = await ask(HI, { tools: [TOOL] });
  const [id, name, args] = first.calls[0];
  const call = { id, type: "function", function: { name, arguments: args } };
  const result = { type: "document", document: { data: { weather: "sunny" } } };
  const turns = [
    { role: "assistant", toolPlan: "I will ask for the weather.", toolCalls: [call] },
    { role: "tool", toolCallId: id, content: [result] },
  ];
  return { first, second: await ask([...HI, ...turns], { tools: [TOOL] }) };
}

const picture = { type: "image_url", imageUrl: { url: `data:image/png;base64,${PIXEL}` } };
const SCENARIOS = {
  chat: () => ask(),
  stream: () => askStreamed(),
  system: () => ask([{ role: "system", content: "Be short." }, ...HI]),
  thinking: () => ask(THINK),
  thinking_streamed: () => askStreamed(THINK),
  cut_short: () => ask(HI, { maxTokens: 3 }),
  tools: () => tools(ask),
  tools_streamed: () => tools(askStreamed),
  structured: async () => (await ask(HI, { responseFormat: { type: "json_object", jsonSchema: WEATHER } })).text,
  image: () => ask([{ role: "user", content: [{ type: "text", text: "What is this?" }, picture] }]),
  models: async () => (await client.models.list({}, ONCE)).models.map((entry) => entry.name).sort(),
  unknown_model: () => ask(HI, { model: "no-such-model" }),
  unknown_model_streamed: () => askStreamed(HI, { model: "no-such-model" }),
  bad_request: () => ask([...HI, { role: "assistant", toolCalls: [BROKEN] }]),
};

await tell(SCENARIOS, (error) => ({ status: error.statusCode ?? null }));
