import { request } from "node:https";
import { isIPv6, type LookupFunction } from "node:net";
import type { TLSSocket } from "node:tls";
import type { CertificateFacts } from "@mailstead/core/checks";
import { isPublicAddress } from "@mailstead/core/servers";
import { storableText } from "@mailstead/core/text";
import { shownCertificate } from "./shown-certificate.ts";

/** How pages are fetched; other values than these only in tests. */
export interface PageFetching {
  port: number;
  /** Whether an address may be connected to: whoever owns a domain could lead us into our own network. */
  isAllowed: (address: string) => boolean;
  /** Authorities to trust in place of the machine's own. */
  ca?: string;
  timeoutMs?: number;
  /** Addresses that did not greet in time, each with the problem, which a run of checks waits for once. */
  silentHosts?: Map<string, string>;
}

export const pageFetching: PageFetching = { port: 443, isAllowed: isPublicAddress };

/** A page, with the certificate that it came under; whether that holds is for whoever asked to judge. */
export type FetchedPage =
  | {
      kind: "answered";
      status: number;
      contentType: string | null;
      location: string | null;
      text: string;
      certificate: CertificateFacts;
    }
  /** isUnaskable: this machine has no way there, or must not go, which says nothing of the page. */
  | { kind: "failed"; problem: string; isUnaskable?: true };

const defaultTimeoutMs = 10_000;
/** We gave up, the kernel did, or nobody in the host's own network knows it. */
const silentCodes = ["ABORT_ERR", "ETIMEDOUT", "EHOSTUNREACH"];
const withoutRouteCodes = ["ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"];

/**
 * Fetches a page of a host over HTTPS from one of these addresses of it, following no redirect. A longer text than
 * `sizeMaxBytes` is a failure, and so is a certificate that does not hold, when `mustBeTrusted`. An address that does
 * not greet in time is added to `silentHosts`, and one that stands there is not tried. Never throws for what the network
 * does.
 */
export function fetchPage(
  {
    host,
    path,
    addresses,
    sizeMaxBytes,
    mustBeTrusted,
  }: {
    host: string;
    path: string;
    addresses: readonly string[];
    sizeMaxBytes: number;
    mustBeTrusted: boolean;
  },
  { port, isAllowed, ca, timeoutMs = defaultTimeoutMs, silentHosts }: PageFetching = pageFetching,
): Promise<FetchedPage> {
  const [address] = addresses.filter(isAllowed);
  if (address === undefined) {
    const problem =
      addresses.length === 0
        ? `${host} has no address`
        : `${host} leads to ${addresses.join(", ")}, which the world cannot reach`;
    return Promise.resolve({
      kind: "failed",
      problem,
      ...(addresses.length === 0 ? {} : { isUnaskable: true }),
    });
  }
  const silence = silentHosts?.get(address);
  if (silence !== undefined) return Promise.resolve({ kind: "failed", problem: silence });
  // Every question has been asked already; a second answer could be another address.
  const lookup: LookupFunction = (_name, options, found) => {
    const family = isIPv6(address) ? 6 : 4;
    if (options.all === true) return found(null, [{ address, family }]);
    return found(null, address, family);
  };
  return new Promise((resolve) => {
    let hasGreeted = false;
    const fail = (cause: Error) => {
      if (!hasGreeted && "code" in cause && silentCodes.includes(String(cause.code))) {
        const why =
          cause.code === "ABORT_ERR" ? `nothing answered within ${timeoutMs / 1000} s` : cause.message;
        const problem = `${address}: ${why}`;
        silentHosts?.set(address, problem);
        return resolve({ kind: "failed", problem });
      }
      resolve({
        kind: "failed",
        problem: `${address}: ${cause.message}`,
        ...("code" in cause && withoutRouteCodes.includes(String(cause.code)) ? { isUnaskable: true } : {}),
      });
    };
    const asked = request(
      {
        host,
        port,
        path,
        servername: host,
        lookup,
        agent: false,
        rejectUnauthorized: mustBeTrusted,
        // Names are judged apart from the chain by whoever takes any certificate.
        ...(mustBeTrusted ? {} : { checkServerIdentity: () => undefined }),
        signal: AbortSignal.timeout(timeoutMs),
        headers: { "user-agent": "mailstead-check", accept: "*/*" },
        ...(ca === undefined ? {} : { ca }),
      },
      (response) => {
        const certificate = shownCertificate(response.socket as TLSSocket);
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > sizeMaxBytes)
            asked.destroy(new Error(`the answer is longer than ${sizeMaxBytes} bytes`));
        });
        response.on("error", fail);
        response.on("end", () =>
          resolve({
            kind: "answered",
            status: response.statusCode ?? 0,
            contentType: response.headers["content-type"] ?? null,
            location: response.headers.location ?? null,
            text: storableText(text),
            certificate,
          }),
        );
      },
    );
    asked.on("socket", (socket) => {
      socket.once("secureConnect", () => {
        hasGreeted = true;
      });
    });
    asked.on("error", fail);
    asked.end();
  });
}
