// Drives Amazon's JavaScript SDK; called and answering as common.py says. It signs what it asks, and asks by HTTP/1.1.
import { CITY, PIXEL, WEATHER_TOOL, apiKey, baseURL, load, model, tell } from "./common.mjs";

const { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand, ...more } = load("@aws-sdk/client-bedrock-runtime");
const { InvokeModelCommand, InvokeModelWithResponseStreamCommand } = more;
const { NodeHttpHandler } = load("@smithy/node-http-handler");
const client = new BedrockRuntimeClient({
  region: "eu-west-1",
  endpoint: baseURL,
  credentials: { accessKeyId: apiKey, secretAccessKey: "a-secret-that-only-signs" },
  maxAttempts: 1,
  requestHandler: new NodeHttpHandler({ requestTimeout: 30_000 }),
});
const user = (...content) => [{ role: "user", content }];
const HI = user({ text: "Hi" });
const THINK = user({ text: "Think first." });
const EFFORT = { outputConfig: { effort: "medium" } };
const TOOLS = { toolConfig: { tools: [{ toolSpec: { ...WEATHER_TOOL, inputSchema: { json: CITY } } }] } };

function told(blocks, finish, usage) {
  const of = (kind) => blocks.filter((block) => kind in block).map((block) => block[kind]);
  return {
    text: of("text").join(""),
    thinking: of("reasoningContent").map((content) => content.reasoningText.text).join(""),
    calls: of("toolUse").map((call) => [call.toolUseId, call.name, JSON.stringify(call.input)]),
    finish,
    usage: [usage.inputTokens + (usage.cacheReadInputTokens ?? 0), usage.outputTokens],
  };
}

async function ask(messages = HI, settings = {}) {
  const answer = await client.send(new ConverseCommand({ modelId: model, messages, ...settings }));
  return told(answer.output.message.content, answer.stopReason, answer.usage);
}

// The answer that the events make, and how many of them carried text.
async function askStreamed(messages = HI, settings = {}) {
  const { stream } = await client.send(new ConverseStreamCommand({ modelId: model, messages, ...settings }));
  const blocks = [];
  let finish, usage;
  let pieces = 0;
  for await (const { contentBlockStart, contentBlockDelta, messageStop, metadata } of stream) {
    if (contentBlockStart) {
      blocks[contentBlockStart.contentBlockIndex] = { toolUse: { ...contentBlockStart.start.toolUse, input: "" } };
    }
    if (contentBlockDelta) grow((blocks[contentBlockDelta.contentBlockIndex] ??= {}), contentBlockDelta.delta);
    pieces += contentBlockDelta?.delta.text ? 1 : 0;
    finish ??= messageStop?.stopReason;
    usage ??= metadata?.usage;
  }
  for (const { toolUse } of blocks) if (toolUse) toolUse.input = JSON.parse(toolUse.input);
  return { ...told(blocks, finish, usage), pieces };
}

function grow(block, { text, toolUse, reasoningContent }) {
  if (toolUse) block.toolUse.input += toolUse.input;
  if (text !== undefined) block.text = (block.text ?? "") + text;
  if (reasoningContent) {
    block.reasoningContent ??= { reasoningText: { text: "" } };
    block.reasoningContent.reasoningText.text += reasoningContent.text ?? "";
  }
}

// Both turns of a tool's round trip: the call, and the answer once its result is given.
async function tools(ask) {
  const first = await ask(HI, TOOLS);
  const [toolUseId, name, args] = first.calls[0];
  const call = { role: "assistant", content: [{ toolUse: { toolUseId, name, input: JSON.parse(args) } }] };
  const result = user({ toolResult: { toolUseId, content: [{ text: "sunny" }] } });
  return { first, second: await ask([...HI, call, ...result], TOOLS) };
}

// A message of Anthropic's, by the operation that takes any body.
const said = { anthropic_version: "bedrock-2023-05-31", max_tokens: 500, messages: [{ role: "user", content: "Hi" }] };

async function invoke(modelId = model) {
  const { body } = await client.send(new InvokeModelCommand({ modelId, body: JSON.stringify(said) }));
  const { content, stop_reason, usage } = JSON.parse(Buffer.from(body).toString());
  return { text: content[0].text, finish: stop_reason, tokens: usage.output_tokens };
}

async function invokeStreamed() {
  const command = new InvokeModelWithResponseStreamCommand({ modelId: model, body: JSON.stringify(said) });
  const events = [];
  for await (const { chunk } of (await client.send(command)).body) events.push(JSON.parse(Buffer.from(chunk.bytes).toString()));
  const texts = events.filter((event) => event.type === "content_block_delta").map((event) => event.delta.text);
  const { delta, usage } = events.find((event) => event.type === "message_delta");
  return { text: texts.join(""), pieces: texts.length, finish: delta.stop_reason, tokens: usage.output_tokens };
}

const picture = { image: { format: "png", source: { bytes: Buffer.from(PIXEL, "base64") } } };
const SCENARIOS = {
  chat: () => ask(),
  stream: () => askStreamed(),
  system: () => ask(HI, { system: [{ text: "Be short." }] }),
  thinking: () => ask(THINK, EFFORT),
  thinking_streamed: () => askStreamed(THINK, EFFORT),
  cut_short: () => ask(HI, { inferenceConfig: { maxTokens: 3 } }),
  tools: () => tools(ask),
  tools_streamed: () => tools(askStreamed),
  image: () => ask(user({ text: "What is this?" }, picture)),
  unknown_model: () => ask(HI, { modelId: "no-such-model" }),
  unknown_model_streamed: () => askStreamed(HI, { modelId: "no-such-model" }),
  invoke: () => invoke(),
  invoke_streamed: invokeStreamed,
  invoke_unknown: () => invoke("no-such-model"),
  bad_request: () => ask([{ role: "tool", content: [{ text: "Hi" }] }]),
};

await tell(SCENARIOS, ({ name, $metadata }) => ({ raised: name, status: $metadata?.httpStatusCode ?? null }));
