// Drives the Responses of the OpenAI JavaScript SDK; called and answering as common.py says.
import { CITY, HI, PIXEL, THINK, WEATHER, WEATHER_TOOL, all, apiKey, baseURL, load, model, tell } from "./common.mjs";

const OpenAI = load("openai").default;
const client = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey, maxRetries: 0, timeout: 30_000 });
const TOOL = { type: "function", ...WEATHER_TOOL, parameters: CITY, strict: false };

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
  models: async () => (await all(client.models.list())).map((entry) => entry.id).sort(),
  unknown_model: () => ask("Hi", { model: "no-such-model" }),
  unknown_model_streamed: () => askStreamed("Hi", { model: "no-such-model" }),
  bad_request: () => ask("Hi", { model: 5 }),
};

await tell(SCENARIOS);
