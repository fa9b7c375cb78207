import { text } from "node:stream/consumers";
import { LabError } from "./command.ts";
import type { Lab } from "./lab.ts";
import { policyHelp, type ReceiverPolicy, readPolicy } from "./receivers/policy.ts";
import { type ReceiverName, receiverProfiles } from "./receivers/profiles.ts";
import { parseZoneLines } from "./zone-lines.ts";

/** Publishes records as a customer does at a DNS provider: from standard input, one per line in zone file form. */
export async function publishRecords(lab: Lab, input: NodeJS.ReadableStream): Promise<void> {
  const sets = parseZoneLines(await text(input));
  const zones = await lab.dns.zones();
  for (const set of sets) {
    const zone = zones
      .filter((candidate) => candidate !== "." && `.${set.name}.`.endsWith(`.${candidate}`))
      .sort((a, b) => b.length - a.length)[0];
    if (!zone) throw new LabError(`The lab has no zone for ${set.name}; make one with: dns-zone DOMAIN`);
    await lab.dns.setRecords(zone, [set]);
    console.log(`published ${set.name} ${set.type}`);
  }
}

/** Prints what the receivers took, with their verdicts, and what they refused, with their words. */
export async function printInbox(lab: Lab): Promise<void> {
  for (const mail of await lab.receivers.inbox()) {
    const subject = /^subject:\s*(.*)$/im.exec(mail.raw)?.[1] ?? "";
    console.log(
      `${mail.at}  ${mail.receiver}  ${mail.sender} -> ${mail.recipients.join(", ")}  "${subject.trim()}"`,
    );
    const { spf, dkim, dmarc } = mail.facts;
    const signatures = dkim.map((one) => `${one.result} (${one.domain}, ${one.selector}, ${one.algorithm})`);
    const secrecy = mail.isEncrypted ? "TLS" : "plain text";
    console.log(
      `    SPF ${spf}; DKIM ${signatures.join(", ") || "none"}; DMARC ${dmarc}; ${secrecy} from ${mail.client}`,
    );
  }
  for (const entry of await lab.receivers.log()) {
    if (entry.reply.code < 400) continue;
    console.log(
      `${entry.at}  ${entry.receiver} refused ${entry.sender} at ${entry.stage}: ${entry.reply.code}`,
    );
    for (const words of entry.reply.text) console.log(`    ${words}`);
  }
}

/** Sends one letter from a receiver's domain, such as ann@gmail.com, and prints the answer. */
export async function sendLetter(lab: Lab, [from, to, subject]: readonly string[]): Promise<void> {
  if (!from || !to)
    throw new LabError("send takes FROM TO [SUBJECT], for example: send ann@gmail.com bob@alpha.example");
  const {
    code,
    text: words,
    server,
  } = await lab.receivers.send({ from, to, ...(subject ? { subject } : {}) });
  console.log(`${server ?? "no server"}: ${words}`);
  if (code >= 400) process.exitCode = 1;
}

const receiverNames: readonly string[] = receiverProfiles.map(({ name }) => name);

/** Sets what one receiver refuses, from a policy as JSON; prints what all of them do where none is named. */
export async function changePolicy(lab: Lab, [name, policy]: readonly string[]): Promise<void> {
  if (name !== undefined && policy !== undefined)
    await lab.receivers.changePolicy(receiverNamed(name), policyFrom(policy));
  else if (name !== undefined) throw new LabError(policyUsage(`What is ${name} to do?`));
  const policies = await lab.receivers.policies();
  for (const { name: one, hostname } of receiverProfiles) {
    const held = policies[one] ?? {};
    const does = Object.keys(held).length === 0 ? "takes what is authenticated" : JSON.stringify(held);
    console.log(`${one.padEnd(9)} ${hostname.padEnd(39)} ${does}`);
  }
}

function receiverNamed(name: string): ReceiverName {
  const found = receiverProfiles.find((profile) => profile.name === name);
  if (found) return found.name;
  throw new LabError(policyUsage(`There is no receiver "${name}".`));
}

function policyFrom(text: string): ReceiverPolicy {
  try {
    return readPolicy(JSON.parse(text));
  } catch (cause) {
    throw new LabError(policyUsage(cause instanceof Error ? cause.message : String(cause)), { cause });
  }
}

function policyUsage(problem: string): string {
  const example = `npm run lab -- policy outlook '{"block":["198.51.100.11"]}'`;
  return `${problem}
policy takes a receiver (${receiverNames.join(", ")}) and what it is to do, for example:
  ${example}
  npm run lab -- policy outlook '{}'      takes what is authenticated again
Parts of a policy:
${policyHelp.map((line) => `  ${line}`).join("\n")}`;
}
