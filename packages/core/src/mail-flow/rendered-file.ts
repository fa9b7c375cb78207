import type { RenderedFile, StackService } from "../converge/index.ts";

/** A configuration file that everyone may read and only root writes, unless `options` say otherwise. */
export function stackFile(
  service: StackService,
  path: string,
  options: { content: string } & Partial<RenderedFile>,
): RenderedFile {
  return { path, owner: "root", group: "root", mode: 0o644, service, isSecret: false, ...options };
}

/** First line of each file, in the comment style of nearly all of them. */
export const fileNotice =
  "# Written by Mailstead. Changes made here are drift; use the overrides of the server instead.\n";
