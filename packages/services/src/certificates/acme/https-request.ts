import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { AcmeError } from "./acme-error.ts";

export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface HttpQuestion {
  method: "GET" | "HEAD" | "POST";
  url: string;
  body?: string;
  /** Certificates in PEM that a private CA's own server is trusted by, in place of the public ones. */
  trusted: readonly string[];
}

const answerWithinMs = 30_000;
/** A chain is some kilobytes; whoever sends more is no ACME server. */
const answerMaxBytes = 1_000_000;

/** One request to a CA. Throws AcmeError `ca-unreachable` with a sentence when no answer comes. */
export function askCa({ method, url, body, trusted }: HttpQuestion): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (detail: string, cause?: unknown) =>
      reject(new AcmeError({ kind: "ca-unreachable", detail, retryAt: null }, { cause }));
    const { protocol, host } = new URL(url);
    const send = protocol === "https:" ? httpsRequest : httpRequest;
    const call = send(
      url,
      {
        method,
        ...(trusted.length > 0 ? { ca: [...trusted] } : {}),
        signal: AbortSignal.timeout(answerWithinMs),
        headers: {
          "user-agent": "Mailstead",
          ...(body === undefined
            ? {}
            : { "content-type": "application/jose+json", "content-length": String(Buffer.byteLength(body)) }),
        },
      },
      (answer) => {
        const parts: Buffer[] = [];
        let sizeBytes = 0;
        answer.on("data", (part: Buffer) => {
          sizeBytes += part.length;
          if (sizeBytes > answerMaxBytes) call.destroy(new Error(`${host} sent more than a CA would`));
          else parts.push(part);
        });
        answer.on("error", (cause) => fail(cause.message, cause));
        answer.on("end", () => {
          const headers = Object.fromEntries(
            Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(", ")]),
          );
          resolve({ status: answer.statusCode ?? 0, headers, body: Buffer.concat(parts).toString("utf8") });
        });
      },
    );
    call.on("error", (cause: NodeJS.ErrnoException) => fail(sayProblem(host, cause), cause));
    call.end(body);
  });
}

function sayProblem(host: string, { name, code, message }: NodeJS.ErrnoException): string {
  if (name === "TimeoutError" || name === "AbortError")
    return `${host} did not answer within ${answerWithinMs / 1000} seconds`;
  if (code === "CERT_NOT_YET_VALID" || code === "CERT_HAS_EXPIRED")
    return `the certificate of ${host} is not valid at the time that this machine's clock shows (${message}); compare the clocks`;
  return `${host}: ${message}`;
}
