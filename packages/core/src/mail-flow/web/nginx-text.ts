import { RenderError } from "../render-error.ts";

// A parameter of nginx fits into a buffer of 4096 bytes, quotes and all (ngx_conf_file.c).
const parameterLengthMax = 4090;

/**
 * A text as one parameter of nginx. `variables` are those that nginx is to replace, as they stand in the text; no other
 * dollar sign can be written. Throws RenderError for one, and for a text that is too long for nginx to read.
 */
export function nginxText(text: string, variables: readonly string[] = []): string {
  const foreign = text.match(/\$\w*/g)?.find((word) => !variables.includes(word));
  if (foreign !== undefined)
    throw new RenderError(`nginx cannot serve a text that holds "${foreign}" and is no file.`);
  const escaped = text.replace(/['\\]/g, "\\$&").replaceAll("\r\n", "\\r\\n");
  if (escaped.length > parameterLengthMax)
    throw new RenderError("A document for nginx gets too long; a shorter name of the host helps.");
  return `'${escaped}'`;
}
