import { promisify } from "node:util";
import { inflate } from "node:zlib";
import { cutText, storableText } from "@mailstead/core/text";
import { parseSecurityList, type ReadSecurityList } from "@mailstead/core/updates";

/** What is kept of a list, so that an unchanged one is not sent again. */
export interface KnownList {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export type FetchedList =
  | { readonly kind: "new"; readonly body: Buffer; readonly issueCount: number; readonly known: KnownList }
  | { readonly kind: "unchanged" }
  | { readonly kind: "failed"; readonly sentence: string };

const withinMs = 120_000;
/** About ten times what Debian's lists take. */
const bodyMaxBytes = 32 * 1024 ** 2;
const textMaxBytes = 256 * 1024 ** 2;
const fieldMaxLength = 500;
const unpack = promisify(inflate);

/** Fetches the list of one release, unless it is the known one. Never throws for what the network or the server does. */
export async function fetchSecurityList(
  { baseUrl, suite }: { baseUrl: string; suite: string },
  known: KnownList,
): Promise<FetchedList> {
  const url = `${baseUrl}/${suite}`;
  const failed = (what: string): FetchedList => ({
    kind: "failed",
    sentence: cutText(storableText(`${url} ${what}.`), fieldMaxLength),
  });
  try {
    const response = await fetch(url, {
      headers: {
        "user-agent": "mailstead-security-list",
        ...(known.etag === null ? {} : { "if-none-match": known.etag }),
        ...(known.lastModified === null ? {} : { "if-modified-since": known.lastModified }),
      },
      signal: AbortSignal.timeout(withinMs),
    });
    if (response.status === 304 || !response.ok) {
      await response.body?.cancel();
      if (response.status === 304) return { kind: "unchanged" };
      return failed(
        response.status === 404 ? "has no list of this release (404)" : `answered ${response.status}`,
      );
    }
    const body = await readBody(response);
    if (body === null) return failed(`sent more than ${bodyMaxBytes} bytes`);
    const read = await readSecurityList(body);
    if (read.kind === "unreadable")
      return failed(`sent no list that can be read. ${withoutStop(read.sentence)}`);
    return {
      kind: "new",
      body,
      issueCount: read.list.issueCount,
      known: { etag: fieldOf(response, "etag"), lastModified: fieldOf(response, "last-modified") },
    };
  } catch (cause) {
    return failed(wordsOf(cause));
  }
}

/** Reads a list as it was fetched: compressed by zlib (RFC 1950). */
export async function readSecurityList(body: Buffer): Promise<ReadSecurityList> {
  try {
    return parseSecurityList((await unpack(body, { maxOutputLength: textMaxBytes })).toString("utf8"));
  } catch {
    return { kind: "unreadable", sentence: "It is not compressed as such lists are, or was cut off." };
  }
}

async function readBody(response: Response): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > bodyMaxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A mark that is too long to keep is none, so that the list is sent whole again. */
function fieldOf({ headers }: Response, name: string): string | null {
  const value = headers.get(name);
  return value === null || value.length > fieldMaxLength ? null : storableText(value);
}

const withoutStop = (sentence: string) => sentence.replace(/\.$/, "");

function wordsOf(cause: unknown): string {
  if (cause instanceof Error && cause.name === "TimeoutError")
    return `did not answer within ${withinMs / 1000} s`;
  if (cause instanceof Error && cause.message === "terminated")
    return "broke off in the middle of its answer";
  const inner = cause instanceof Error ? (cause.cause ?? cause) : cause;
  const code =
    inner instanceof Error && "code" in inner && typeof inner.code === "string" ? ` (${inner.code})` : "";
  return `cannot be reached${code}`;
}
