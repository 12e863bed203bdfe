// Drives Vercel's AI SDK by its provider of one PROTOCOL; called and answering as common.py says.
import { CITY, PIXEL, WEATHER, WEATHER_TOOL, apiKey, baseURL, load, model, tell } from "./common.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;
const { Output, generateText, jsonSchema, stepCountIs, streamText, tool } = load("ai");
const connect = (name, create, path, settings) =>
  load(`@ai-sdk/${name}`)[create]({ baseURL: baseURL + path, apiKey, ...settings });
const compatible = { name: "gateway", includeUsage: true, supportsStructuredOutputs: true };
const PROVIDERS = {
  "anthropic-messages": () => connect("anthropic", "createAnthropic", "/v1"),
  "bedrock-converse": () => connect("amazon-bedrock", "createAmazonBedrock", "", { region: "eu-west-1" }),
  "cohere-chat": () => connect("cohere", "createCohere", "/v2"),
  "gemini-generate": () => connect("google", "createGoogleGenerativeAI", "/v1beta"),
  "mistral-chat": () => connect("mistral", "createMistral", "/mistral/v1"),
  "openai-chat": () => connect("openai", "createOpenAI", "/v1").chat,
  "openai-compatible": () => connect("openai-compatible", "createOpenAICompatible", "/v1", compatible),
  "openai-responses": () => connect("openai", "createOpenAI", "/v1").responses,
};
const speak = PROVIDERS[process.env.PROTOCOL]();
const asked = { model: speak(model), maxRetries: 0, prompt: "Hi" };
const get_weather = tool({ ...WEATHER_TOOL, inputSchema: jsonSchema(CITY), execute: () => "sunny" });
const TOOLS = { tools: { get_weather }, stopWhen: stepCountIs(3) };

// Of every step: an answer has one, a round trip with a tool two.
const told = (steps) =>
  steps.map(({ text, reasoningText, toolCalls, toolResults, finishReason, usage }) => ({
    text,
    thinking: reasoningText ?? "",
    calls: toolCalls.map((call) => [call.toolName, call.input, call.invalid ?? false]),
    results: toolResults.map((result) => result.output),
    finish: finishReason,
    usage: [usage.inputTokens, usage.outputTokens],
  }));

const ask = async (settings) => told((await generateText({ ...asked, ...settings })).steps);

// What the SDK makes of the stream, and how many of its parts carried text; what it could not read is thrown.
async function stream(settings) {
  const answer = streamText({ ...asked, ...settings, onError: () => {} });
  let pieces = 0;
  for await (const part of answer.fullStream) {
    if (part.type === "error") throw part.error;
    pieces += part.type === "text-delta" && part.text ? 1 : 0;
  }
  return { answer, pieces };
}

async function askStreamed(settings) {
  const { answer, pieces } = await stream(settings);
  return { steps: told(await answer.steps), pieces };
}

const form = { output: Output.object({ schema: jsonSchema(WEATHER) }) };
const picture = { type: "file", data: PIXEL, mediaType: "image/png" };
const SCENARIOS = {
  chat: () => ask(),
  stream: () => askStreamed(),
  system: () => ask({ system: "Be short." }),
  thinking: () => ask({ prompt: "Think first." }),
  thinking_streamed: () => askStreamed({ prompt: "Think first." }),
  cut_short: () => ask({ maxOutputTokens: 3 }),
  tools: () => ask(TOOLS),
  tools_streamed: () => askStreamed(TOOLS),
  structured: async () => (await generateText({ ...asked, ...form })).output,
  structured_streamed: async () => (await stream(form)).answer.output,
  image: () => ask({ prompt: [{ role: "user", content: [{ type: "text", text: "What is this?" }, picture] }] }),
  unknown_model: () => ask({ model: speak("no-such-model") }),
  unknown_model_streamed: () => askStreamed({ model: speak("no-such-model") }),
};

await tell(SCENARIOS, ({ name, statusCode }) => ({ raised: name, status: statusCode ?? null }));
