/** The value that a text stands for, or undefined when it is no JSON; whoever calls it parses the value by a schema. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
