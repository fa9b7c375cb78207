import { createHash, generateKeyPairSync, X509Certificate } from "node:crypto";
import { stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { receiverAddresses, resolverAddress } from "../addresses.ts";
import type { Authority } from "../authority.ts";
import { LabError } from "../command.ts";
import type { LabDns } from "../dns-client.ts";
import type { LabNamespace } from "../namespace.ts";
import { type WaitOptions, waitFor } from "../wait-for.ts";
import type { LogEntry, OutgoingMail, ReceivedMail, SendResult } from "./mail-log.ts";
import type { ReceiversConfig } from "./main.ts";
import { hostNamesOf, type ReceiverName, receiverProfiles, receiverRecords } from "./profiles.ts";
import type { ReceiverPolicy } from "./policy.ts";

/** The lab's receiving mail systems, as a test sees them. */
export class LabReceivers {
  readonly #socketPath: string;

  /** Takes the control socket of the receivers' process. */
  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Every answer so far, oldest first. */
  log(): Promise<LogEntry[]> {
    return this.#request("GET", "/log") as Promise<LogEntry[]>;
  }

  /** Every message taken so far, oldest first. */
  inbox(): Promise<ReceivedMail[]> {
    return this.#request("GET", "/inbox") as Promise<ReceivedMail[]>;
  }

  /** Forgets all messages and answers. */
  async clear(): Promise<void> {
    await this.#request("DELETE", "/inbox");
  }

  /** Replaces what the receivers refuse; a receiver that is not named takes everything that is authenticated. */
  async setPolicy(policies: Partial<Record<ReceiverName, ReceiverPolicy>>): Promise<void> {
    await this.#request("PUT", "/policy", policies);
  }

  /** What each receiver refuses; one that is not named takes everything that is authenticated. */
  policies(): Promise<Partial<Record<ReceiverName, ReceiverPolicy>>> {
    return this.#request("GET", "/policy") as Promise<Partial<Record<ReceiverName, ReceiverPolicy>>>;
  }

  /** Replaces what one receiver refuses, and leaves the others as they are. */
  async changePolicy(name: ReceiverName, policy: ReceiverPolicy): Promise<void> {
    await this.setPolicy({ ...(await this.policies()), [name]: policy });
  }

  /** Sends one letter from a receiver's domain to the MX of its recipient, and says what that answered. */
  send(mail: OutgoingMail): Promise<SendResult> {
    return this.#request("POST", "/send", mail) as Promise<SendResult>;
  }

  /** Waits for a message that fits. Throws LabError, with the receivers' last answers, when none comes in time. */
  async waitForMail(fits: (mail: ReceivedMail) => boolean, options: WaitOptions = {}): Promise<ReceivedMail> {
    try {
      return await waitFor(
        "a message at the receivers",
        async () => (await this.inbox()).find(fits),
        options,
      );
    } catch (cause) {
      const answers = (await this.log())
        .slice(-5)
        .map((entry) => `${entry.receiver}: ${JSON.stringify(entry.reply)}`);
      throw new LabError(`The receivers got no such message. Their last answers:\n${answers.join("\n")}`, {
        cause,
      });
    }
  }

  /** Waits for an answer that fits, such as a refusal. */
  waitForAnswer(fits: (entry: LogEntry) => boolean, options: WaitOptions = {}): Promise<LogEntry> {
    return waitFor("an answer of the receivers", async () => (await this.log()).find(fits), options);
  }

  #request(method: string, path: string, body?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call = request({ socketPath: this.#socketPath, method, path });
      call.on("error", (cause) => reject(new LabError("The lab's receivers do not answer.", { cause })));
      call.on("response", (reply) => {
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => chunks.push(chunk));
        reply.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          if (reply.statusCode === 200) resolve(JSON.parse(text));
          else reject(new LabError(`The lab's receivers: ${text}`));
        });
      });
      call.end(body === undefined ? "" : JSON.stringify(body));
    });
  }
}

export interface StartReceiversInput {
  readonly namespace: LabNamespace;
  readonly folder: string;
  readonly dns: LabDns;
  readonly authority: Authority;
}

/** Publishes the receivers' zones and starts their process in the lab. */
export async function startReceivers(input: StartReceiversInput): Promise<LabReceivers> {
  const { namespace, folder, dns, authority } = input;
  await namespace.must(["ip", "-batch", "-"], {
    input: Object.values(receiverAddresses)
      .map(({ ipv4, ipv6 }) => `addr add ${ipv4}/24 dev lab0\naddr add ${ipv6}/64 dev lab0 nodad\n`)
      .join(""),
  });
  const { certificate, key } = await authority.issue(receiverProfiles.flatMap(hostNamesOf));
  const dkim = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const dkimPublicKey = dkim.publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const spki = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  const tlsaDigest = createHash("sha256").update(spki).digest("hex");

  for (const profile of receiverProfiles) {
    for (const zone of profile.zones) await dns.addZone(zone);
    const byZone = Map.groupBy(receiverRecords(profile, dkimPublicKey, tlsaDigest), ({ zone }) => zone);
    for (const [zone, records] of byZone)
      await dns.setRecords(
        zone,
        records.map(({ set }) => set),
      );
    const { ipv4, ipv6 } = receiverAddresses[profile.name];
    await dns.setReverse(ipv4, profile.hostname);
    await dns.setReverse(ipv6, profile.hostname);
  }
  const config: ReceiversConfig = {
    resolver: resolverAddress.ipv4,
    certificate,
    key,
    rootCertificate: authority.root,
    dkimPrivateKey: dkim.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
  await writeFile(join(folder, "receivers.json"), JSON.stringify(config), { mode: 0o600 });
  const main = join(import.meta.dirname, "main.ts");
  namespace.start([process.execPath, main, folder], join(folder, "receivers.log"));
  const socketPath = join(folder, "receivers.sock");
  await waitFor("the lab's receivers", async () => (await stat(socketPath)).isSocket(), { intervalMs: 20 });
  return new LabReceivers(socketPath);
}
