// Drives the Gemini JavaScript SDK; called and answering as common.py says.
import { CITY, PIXEL, WEATHER, WEATHER_TOOL, all, apiKey, baseURL, load, model, tell } from "./common.mjs";

const { GoogleGenAI } = load("@google/genai");
const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: baseURL, timeout: 30_000 } });
const user = (...parts) => [{ role: "user", parts }];
const HI = user({ text: "Hi" });
const THINK = user({ text: "Think first." });
const TOOLS = { tools: [{ functionDeclarations: [{ ...WEATHER_TOOL, parametersJsonSchema: CITY }] }] };
const THOUGHTS = { thinkingConfig: { includeThoughts: true } };

// The answer that a list of its pieces makes.
function whole(answers) {
  const candidates = answers.map((answer) => answer.candidates[0]);
  const parts = candidates.flatMap((candidate) => candidate.content?.parts ?? []);
  const usage = answers.at(-1).usageMetadata;
  const text = (thought) => parts.filter((part) => Boolean(part.thought) === thought).map((part) => part.text ?? "");
  return {
    text: text(false).join(""),
    thinking: text(true).join(""),
    calls: parts
      .filter((part) => part.functionCall)
      .map(({ functionCall }) => [functionCall.id, functionCall.name, JSON.stringify(functionCall.args)]),
    finish: candidates.at(-1).finishReason,
    usage: [usage.promptTokenCount, usage.candidatesTokenCount],
  };
}

async function ask(contents = HI, config = {}, named = model) {
  return whole([await client.models.generateContent({ model: named, contents, config })]);
}

// The answer that the stream's pieces make, and how many of them carried text.
async function askStreamed(contents = HI, config = {}, named = model) {
  const answers = await all(await client.models.generateContentStream({ model: named, contents, config }));
  return { ...whole(answers), pieces: answers.filter((answer) => answer.text).length };
}

// Both turns of a tool's round trip: the call, and the answer once its result is given.
async function tools(ask) {
  const first = await ask(HI, TOOLS);
  const [id, name, args] = first.calls[0];
  const call = { role: "model", parts: [{ functionCall: { id, name, args: JSON.parse(args) } }] };
  const result = user({ functionResponse: { id, name, response: { output: "sunny" } } });
  return { first, second: await ask([...HI, call, ...result], TOOLS) };
}

const picture = user({ text: "What is this?" }, { inlineData: { mimeType: "image/png", data: PIXEL } });
const form = { responseMimeType: "application/json", responseJsonSchema: WEATHER };
const SCENARIOS = {
  chat: () => ask(),
  stream: () => askStreamed(),
  system: () => ask(HI, { systemInstruction: "Be short." }),
  thinking: () => ask(THINK, THOUGHTS),
  thinking_streamed: () => askStreamed(THINK, THOUGHTS),
  cut_short: () => ask(HI, { maxOutputTokens: 3 }),
  tools: () => tools(ask),
  tools_streamed: () => tools(askStreamed),
  structured: async () => (await ask(HI, form)).text,
  image: () => ask(picture),
  models: async () => (await all(await client.models.list())).map((entry) => entry.name.replace("models/", "")).sort(),
  unknown_model: () => ask(HI, {}, "no-such-model"),
  unknown_model_streamed: () => askStreamed(HI, {}, "no-such-model"),
  bad_request: () => ask(HI, { httpOptions: { extraBody: { contents: 5 } } }),
};

// The SDK has one error for all: of whose fault it tells, its status says.
await tell(SCENARIOS, ({ status }) => (status ? { raised: status < 500 ? "ClientError" : "ServerError" } : {}));
