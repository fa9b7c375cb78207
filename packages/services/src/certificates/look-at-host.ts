import { randomBytes } from "node:crypto";
import { request } from "node:http";

/**
 * Says why an address does not answer an HTTP-01 challenge for a name as a host of ours does, or null when it does
 * (RFC 8555 §8.3). The CA would see the same, and count it.
 */
export type LookAtHost = (looked: {
  name: string;
  address: string;
  thumbprint: string;
}) => Promise<string | null>;

const answerWithinMs = 10_000;
const answerMaxBytes = 4096;

/** Asks over HTTP, on port 80 as every CA does. */
export function createLookAtHost({ port = 80 }: { port?: number } = {}): LookAtHost {
  return ({ name, address, thumbprint }) => {
    const token = randomBytes(16).toString("base64url");
    const wanted = `${token}.${thumbprint}`;
    return new Promise((resolve) => {
      const call = request(
        {
          host: address,
          port,
          path: `/.well-known/acme-challenge/${token}`,
          headers: { host: name },
          signal: AbortSignal.timeout(answerWithinMs),
        },
        (answer) => {
          let text = "";
          answer.setEncoding("utf8");
          answer.on("data", (part: string) => {
            text += part;
            if (text.length > answerMaxBytes) call.destroy(new Error("it answered with a whole page"));
          });
          answer.on("error", (cause) => resolve(cause.message));
          answer.on("end", () => {
            if (answer.statusCode === 200 && text.trim() === wanted) resolve(null);
            else
              resolve(
                answer.statusCode === 200
                  ? "another web server answers there"
                  : `the web server there answers with status ${answer.statusCode}`,
              );
          });
        },
      );
      call.on("error", (cause: NodeJS.ErrnoException) => resolve(cause.code ?? cause.message));
      call.end();
    });
  };
}
