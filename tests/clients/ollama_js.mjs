// Drives the Ollama JavaScript SDK; called and answering as common.py says.
import { CITY, HI, PIXEL, THINK, WEATHER, WEATHER_TOOL, all, apiKey, baseURL, load, model, tell } from "./common.mjs";

const { Ollama } = load("ollama");
const client = new Ollama({ host: baseURL, headers: { Authorization: `Bearer ${apiKey}` } });
const TOOL = { type: "function", function: { ...WEATHER_TOOL, parameters: CITY } };

// The answer that a list of its parts makes.
function whole(parts) {
  const messages = parts.map((part) => part.message);
  const last = parts.at(-1);
  return {
    text: messages.map((message) => message.content ?? "").join(""),
    thinking: messages.map((message) => message.thinking ?? "").join(""),
    calls: messages
      .flatMap((message) => message.tool_calls ?? [])
      .map((call) => [null, call.function.name, JSON.stringify(call.function.arguments)]),
    finish: last.done_reason,
    usage: [last.prompt_eval_count, last.eval_count],
  };
}

async function ask(messages = HI, settings = {}) {
  return whole([await client.chat({ model, messages, ...settings })]);
}

// The answer that the stream's lines make, and how many of them carried text.
async function askStreamed(messages = HI, settings = {}) {
  const parts = await all(await client.chat({ model, messages, stream: true, ...settings }));
  return { ...whole(parts), pieces: parts.filter((part) => part.message.content).length };
}

// Both turns of a tool's round trip: the call, and the answer once its result is given.
async function tools(ask) {
  const first = await ask(HI, { tools: [TOOL] });
  const [, name, args] = first.calls[0];
  const call = {
    role: "assistant",
    content: "",
    tool_calls: [{ function: { name, arguments: JSON.parse(args) } }],
  };
  const result = { role: "tool", tool_name: name, content: "sunny" };
  return { first, second: await ask([...HI, call, result], { tools: [TOOL] }) };
}

// A prompt's completion: in one piece, or in as many as carried text.
async function completion(settings = {}) {
  const answer = await client.generate({ model, prompt: "Hi", ...settings });
  const parts = settings.stream ? await all(answer) : [answer];
  return {
    text: parts.map((part) => part.response).join(""),
    thinking: parts.map((part) => part.thinking ?? "").join(""),
    finish: parts.at(-1).done_reason,
    usage: [parts.at(-1).prompt_eval_count, parts.at(-1).eval_count],
    pieces: parts.filter((part) => part.response).length,
  };
}

const picture = [{ role: "user", content: "What is this?", images: [PIXEL] }];
const SCENARIOS = {
  chat: () => ask(),
  stream: () => askStreamed(),
  system: () => ask([{ role: "system", content: "Be short." }, ...HI]),
  thinking: () => ask(THINK, { think: true }),
  thinking_streamed: () => askStreamed(THINK, { think: true }),
  cut_short: () => ask(HI, { options: { num_predict: 3 } }),
  tools: () => tools(ask),
  tools_streamed: () => tools(askStreamed),
  structured: async () => (await ask(HI, { format: WEATHER })).text,
  image: () => ask(picture),
  models: async () => (await client.list()).models.map((entry) => entry.model).sort(),
  unknown_model: () => ask(HI, { model: "no-such-model" }),
  unknown_model_streamed: () => askStreamed(HI, { model: "no-such-model" }),
  bad_request: () => ask(HI, { model: 5 }),
  generate: () => completion(),
  generate_streamed: () => completion({ stream: true }),
  generate_system: () => completion({ system: "Be short." }),
  generate_no_limit: () => completion({ options: { num_predict: -1 } }),
  fill_in_the_middle: () => completion({ suffix: "!" }),
  show: () => client.show({ model }),
  show_unknown: () => client.show({ model: "no-such-model" }),
  running: async () => (await client.ps()).models.map((entry) => entry.model),
};

await tell(SCENARIOS, (error) => ({ raised: error.name, status: error.status_code ?? null }));
