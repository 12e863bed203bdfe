// Goes on from answers that are kept, by the OpenAI JavaScript SDK: called as stored_python.py, prints what came of it.
import { createRequire } from "node:module";

const OpenAI = createRequire(`${process.env.MODULES}/`)("openai").default;
const [baseURL, model, apiKey] = process.argv.slice(2);
const { responses } = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey, maxRetries: 0, timeout: 30_000 });
const told = ({ id, output_text, usage, status }) => ({ id, text: output_text, read: usage.input_tokens, status });

async function refused(ask) {
  try {
    return { answered: await ask() };
  } catch (error) {
    return { status: error.status, message: error.message, code: error.code };
  }
}

const first = await responses.create({ model, input: "Hi" });
const second = await responses.create({ model, input: "And?", previous_response_id: first.id });
const listed = [];
for await (const item of responses.inputItems.list(second.id, { limit: 1, order: "asc" })) listed.push(item.content[0].text);
const got = await responses.retrieve(second.id);
await responses.delete(first.id);
const gone = await refused(() => responses.retrieve(first.id));
console.log(JSON.stringify({ first: told(first), second: told(second), got: told(got), listed, gone }));
