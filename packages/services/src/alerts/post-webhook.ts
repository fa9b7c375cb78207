import { lookup as lookUp } from "node:dns/promises";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, isIPv6, type LookupFunction } from "node:net";
import { isWebhookTarget } from "../context/index.ts";

/** What became of one attempt. gone: the endpoint itself says that nobody listens any more (HTTP 410). */
export type PostOutcome = { kind: "sent" } | { kind: "temporary" | "permanent" | "gone"; problem: string };

export interface PostLimits {
  /** Networks of the installation's own that are allowed. */
  allowed: readonly string[];
  /** All addresses of a name. */
  resolve?: (name: string) => Promise<readonly string[]>;
  timeoutMs?: number;
  /** Authorities to trust in place of the machine's own. */
  ca?: string;
}

const defaultTimeoutMs = 10_000;
/** No endpoint has to say much; what is longer is not read. */
const answerMaxBytes = 16_384;
const goneStatus = 410;

/**
 * Posts a body to an address of the web. A name is looked up once and connected to at the address that was judged, so that
 * a second answer leads nowhere else; no redirect is followed, and nothing is sent where the world cannot reach. Never
 * throws for what the endpoint or the network does.
 */
export async function postWebhook(
  { url, body, headers }: { url: string; body: string; headers: Readonly<Record<string, string>> },
  { allowed, resolve = addressesOf, timeoutMs = defaultTimeoutMs, ca }: PostLimits,
): Promise<PostOutcome> {
  const target = URL.parse(url);
  if (target === null) return { kind: "permanent", problem: "the address is none of the web" };
  const name = target.hostname.replace(/^\[|\]$/g, "");
  let addresses: readonly string[];
  try {
    addresses = isIP(name) === 0 ? await resolve(name) : [name];
  } catch (cause) {
    return { kind: "temporary", problem: `${name} could not be looked up: ${sentenceOf(cause)}` };
  }
  const address = addresses.find((one) => isWebhookTarget(one, allowed));
  // One address inside among several is how a name is made to lead inside at the next look.
  if (address === undefined || addresses.some((one) => !isWebhookTarget(one, allowed)))
    return {
      kind: "temporary",
      // Whoever typed the name is not to learn by it how the network inside is built.
      problem:
        addresses.length === 0
          ? `${name} has no address`
          : `${name} leads inside, where webhooks are not sent`,
    };
  const isPrivate = !isWebhookTarget(address);
  if (target.protocol !== "https:" && !(target.protocol === "http:" && isPrivate))
    return { kind: "permanent", problem: "the address does not begin with https://" };
  return post({ target, body, headers }, { address, timeoutMs, ca });
}

function post(
  { target, body, headers }: { target: URL; body: string; headers: Readonly<Record<string, string>> },
  { address, timeoutMs, ca }: { address: string; timeoutMs: number; ca: string | undefined },
): Promise<PostOutcome> {
  const lookup: LookupFunction = (_name, options, found) => {
    const family = isIPv6(address) ? 6 : 4;
    if (options.all === true) return found(null, [{ address, family }]);
    return found(null, address, family);
  };
  const send = target.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const fail = (cause: unknown) =>
      resolve({
        kind: "temporary",
        problem:
          (cause as { code?: unknown }).code === "ABORT_ERR"
            ? `no answer within ${timeoutMs / 1000} s`
            : sentenceOf(cause).replaceAll(address, target.hostname),
      });
    const asked = send(
      target,
      {
        method: "POST",
        lookup,
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          ...headers,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          "user-agent": "mailstead-alerts",
        },
        ...(ca === undefined ? {} : { ca }),
      },
      (response) => {
        const status = response.statusCode ?? 0;
        let length = 0;
        const settle = () => resolve(outcomeOf(status));
        response.on("data", (chunk: Buffer) => {
          length += chunk.length;
          // The status is known, and nobody reads the rest.
          if (length > answerMaxBytes) response.destroy();
        });
        response.on("close", settle);
        response.on("error", settle);
      },
    );
    asked.on("error", fail);
    asked.end(body);
  });
}

function outcomeOf(status: number): PostOutcome {
  if (status >= 200 && status < 300) return { kind: "sent" };
  if (status === goneStatus) return { kind: "gone", problem: "HTTP 410: the endpoint is gone" };
  if (status >= 300 && status < 400)
    return {
      kind: "temporary",
      problem: `HTTP ${status}: the endpoint leads elsewhere, and redirects are not followed`,
    };
  return { kind: "temporary", problem: `HTTP ${status}` };
}

async function addressesOf(name: string): Promise<readonly string[]> {
  return (await lookUp(name, { all: true })).map(({ address }) => address);
}

function sentenceOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
}
