import type { z } from "zod";

/** absent: the register has no such entry. failed: nothing can be said. */
export type JsonAnswer<Value> =
  | { kind: "found"; value: Value }
  | { kind: "absent" }
  | { kind: "failed"; problem: string };

const timeoutMs = 10_000;
const sizeMaxBytes = 1_048_576;
const notFound = 404;

/** Asks a register over HTTP and reads its answer by a schema. Never throws for what the network or the register does. */
export async function askJson<Value>(url: string, schema: z.ZodType<Value>): Promise<JsonAnswer<Value>> {
  try {
    const response = await fetch(url, {
      headers: { accept: "application/rdap+json, application/json", "user-agent": "mailstead-check" },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status === notFound) {
      await response.body?.cancel();
      return { kind: "absent" };
    }
    if (!response.ok) {
      await response.body?.cancel();
      return { kind: "failed", problem: `${url} answered ${response.status}` };
    }
    const read = schema.safeParse(JSON.parse(await readText(response)));
    return read.success
      ? { kind: "found", value: read.data }
      : { kind: "failed", problem: `${url} answered something else than was asked for` };
  } catch (cause) {
    return { kind: "failed", problem: `${url}: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > sizeMaxBytes) throw new Error(`the answer is longer than ${sizeMaxBytes} bytes`);
  }
  return text + decoder.decode();
}
