// Drives the Mistral JavaScript SDK; called and answering as common.py says.
import { CITY, HI, PIXEL, THINK, WEATHER, WEATHER_TOOL, all, apiKey, baseURL, load, model, tell } from "./common.mjs";

const { Mistral } = load("@mistralai/mistralai");
const client = new Mistral({ apiKey, serverURL: `${baseURL}/mistral`, timeoutMs: 30_000 });
const TOOL = { type: "function", function: { ...WEATHER_TOOL, parameters: CITY } };
const BROKEN = { id: "callAAAAA", function: { name: "get_weather", arguments: "as the model likes" } };
const GAP = { model, prompt: "def f(", suffix: "return a" };

// The text and the reasoning of contents, each a string or a list of parts.
function said(contents) {
  const parts = contents.flatMap((content) => (typeof content === "string" ? { type: "text", text: content } : content ?? []));
  const of = (type) => parts.filter((part) => part.type === type);
  return {
    text: of("text").map((part) => part.text).join(""),
    thinking: of("thinking").flatMap((part) => part.thinking).map((part) => part.text).join(""),
  };
}

const called = (calls) => (calls ?? []).map((call) => [call.id, call.function.name, call.function.arguments]);

function whole({ choices: [{ message, finishReason }], usage }) {
  return {
    ...said([message.content]),
    calls: called(message.toolCalls),
    finish: finishReason,
    usage: [usage.promptTokens, usage.completionTokens],
  };
}

// What the events add up to, and how many carried text. A call comes in one piece.
async function streamed(events) {
  const chunks = (await all(events)).map((event) => event.data);
  const choices = chunks.flatMap((chunk) => chunk.choices);
  const usage = chunks.findLast((chunk) => chunk.usage?.totalTokens).usage;
  return {
    ...said(choices.map((choice) => choice.delta.content)),
    calls: choices.flatMap((choice) => called(choice.delta.toolCalls)),
    finish: choices.findLast((choice) => choice.finishReason).finishReason,
    usage: [usage.promptTokens, usage.completionTokens],
    pieces: choices.filter((choice) => said([choice.delta.content]).text).length,
  };
}

const ask = async (messages = HI, settings = {}) =>
  whole(await client.chat.complete({ model, messages, ...settings }));
const askStreamed = async (messages = HI, settings = {}) =>
  streamed(await client.chat.stream({ model, messages, ...settings }));

// Both turns of a tool's round trip: the call, and the answer once its result is given.
async function tools(ask) {
  const first = await ask(HI, { tools: [TOOL] });
  const [id, name, args] = first.calls[0];
  const call = { role: "assistant", content: "", toolCalls: [{ id, type: "function", function: { name, arguments: args } }] };
  const result = { role: "tool", toolCallId: id, name, content: "sunny" };
  return { first, second: await ask([...HI, call, result], { tools: [TOOL] }) };
}

const form = { type: "json_schema", jsonSchema: { name: "weather", schemaDefinition: WEATHER, strict: true } };
const picture = { type: "image_url", imageUrl: `data:image/png;base64,${PIXEL}` };
const SCENARIOS = {
  chat: () => ask(),
  stream: () => askStreamed(),
  system: () => ask([{ role: "system", content: "Be short." }, ...HI]),
  thinking: () => ask(THINK),
  thinking_streamed: () => askStreamed(THINK),
  cut_short: () => ask(HI, { maxTokens: 3 }),
  tools: () => tools(ask),
  tools_streamed: () => tools(askStreamed),
  structured: async () => (await ask(HI, { responseFormat: form })).text,
  image: () => ask([{ role: "user", content: [{ type: "text", text: "What is this?" }, picture] }]),
  models: async () => (await client.models.list()).data.map((entry) => entry.id).sort(),
  unknown_model: () => ask(HI, { model: "no-such-model" }),
  unknown_model_streamed: () => askStreamed(HI, { model: "no-such-model" }),
  bad_request: () => ask([...HI, { role: "assistant", toolCalls: [BROKEN] }, ...HI]),
  fim: async () => whole(await client.fim.complete(GAP)),
  fim_streamed: async () => streamed(await client.fim.stream(GAP)),
  fim_short: async () => whole(await client.fim.complete({ ...GAP, maxTokens: 3 })),
  fim_unknown_model: async () => whole(await client.fim.complete({ ...GAP, model: "no-such-model" })),
};

await tell(SCENARIOS, ({ statusCode, body, message }) => {
  const raised = statusCode ? { raised: "SDKError" } : {};
  return { ...raised, status: statusCode ?? null, message: body || message };
});
