// What the drivers of JavaScript SDKs share: called as common.py says, with the folder of their modules in MODULES.
import { createRequire } from "node:module";

export const load = createRequire(`${process.env.MODULES}/`);
export const [baseURL, model, apiKey, ...chosen] = process.argv.slice(2);
export const THINK = [{ role: "user", content: "Think first." }];
export const HI = [{ role: "user", content: "Hi" }];
export const CITY = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
export const WEATHER_TOOL = { name: "get_weather", description: "Weather of a city" };
export const WEATHER = {
  type: "object",
  properties: { place: { type: "string" }, degrees: { type: "integer" }, rain: { type: "boolean" } },
  required: ["place", "degrees", "rain"],
  additionalProperties: false,
};
export const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export async function all(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

// Prints what each chosen scenario came to, as JSON; `refusal` says of an error what `{raised, status, message}` are.
export async function tell(scenarios, refusal) {
  const seen = {};
  for (const name of chosen.length ? chosen : Object.keys(scenarios)) {
    try {
      seen[name] = await scenarios[name]();
    } catch (error) {
      const told = { raised: error.constructor.name, status: error.status ?? null, message: error.message };
      seen[name] = { ...told, ...refusal?.(error) };
    }
  }
  console.log(JSON.stringify(seen));
}
