import type { CheckFinding, FindingSeverity } from "../dns/index.ts";
import { stackPaths } from "../mail-flow/index.ts";
import {
  diskFreePercentMin,
  diskFreePercentOf,
  type HostCondition,
  type HostConditionCode,
  memoryFreePercentMin,
  memoryFreePercentOf,
  queueLongFromMessages,
  queueOldFromMessages,
  serviceName,
  type ToldHost,
  unitBaseName,
} from "../servers/index.ts";
import { momentMark } from "../text/index.ts";
import { waitingFinding } from "./waiting-finding.ts";

type Finding = CheckFinding<HostConditionCode>;
type Words = Omit<Finding, "kind" | "severity" | "about">;

export const severityOfLevel: Readonly<Record<HostCondition["level"], FindingSeverity>> = {
  trouble: "error",
  attention: "warning",
};

/** Says of what a host tells that it needs somebody: what, by which words of the host, why, and what to do. */
export function findingOfCondition(condition: HostCondition, host: ToldHost): Finding {
  const { code, level, about } = condition;
  return { kind: code, severity: severityOfLevel[level], about, ...wordsOf(condition, host) };
}

function wordsOf({ code, level, about }: HostCondition, host: ToldHost): Words {
  switch (code) {
    case "service-down":
      return serviceWords(about, host);
    case "disk-full":
      return {
        sentence: `Less than ${diskFreePercentMin[level]} % of the server's disk is free.`,
        evidence: [
          `its agent: ${diskFreePercentOf(host)} % of ${gigabytes(host.diskTotalBytes)} at / are free`,
        ],
        why: "When it is full, Postfix refuses new mail, and what people change in their mailboxes is lost.",
        fix: "Look what fills it and remove it, or have the provider make the disk larger.",
        record: "du -xh / 2>/dev/null | sort -h | tail -n 25",
      };
    case "memory-low":
      return {
        sentence: `Less than ${memoryFreePercentMin[level]} % of the server's memory is available.`,
        evidence: [
          `/proc/meminfo: ${memoryFreePercentOf(host)} % of ${gigabytes(host.memoryTotalBytes)} available`,
        ],
        why: "When it runs out, Linux ends the largest programs, mostly those that hold mailboxes or scan mail.",
        fix: "Look what takes it, give the server more, or move something away from it; the scan for viruses takes the most.",
        record: "ps -eo rss,comm --sort=-rss | head -n 15",
      };
    case "port-25-blocked":
      return {
        sentence: "The server cannot reach port 25 of other mail servers.",
        evidence: ["its agent: of several well-known mail servers none could be reached at port 25"],
        why: "Mail that people send waits on the server, and comes back to them after days.",
        fix: "Ask the provider to open port 25 outward, which many do on request, or set a relay for all senders in the server's settings.",
      };
    case "dns-blocked":
      return {
        sentence: "The server's own resolver gets no valid answer from the name servers of the world.",
        evidence: ["its agent: no validated answer of the resolver on loopback"],
        why: "It finds no mail server to send to, so mail waits; and it cannot tell who is allowed to send to it.",
        fix: "Have the provider let port 53 out, UDP and TCP, or name resolvers to ask in the server's settings; the runbook on mail deferred by TLS says how.",
      };
    case "dkim-key-gone":
      return {
        sentence: `The file of the DKIM key ${about}, which signs, is gone from the server.`,
        evidence: [`its agent: no file under ${stackPaths.dkimKeys} for ${about}`],
        why: "Mail leaves without that signature, and DMARC of its domain may then have it refused.",
        fix: "Rotate the keys of the domain, and choose “A key was stolen” if somebody took the file. No other key is made in its place, because the world could not verify it.",
      };
    case "queue-long":
    case "queue-stuck":
    case "queue-old":
      return queueWords(code, host);
    case "queue-receiver":
      return {
        sentence: waitingFinding({ about }, host)?.sentence ?? "Mail waits for a receiver.",
        evidence: [...(waitingFinding({ about }, host)?.details.evidence ?? [])],
        why: "It arrives late, and comes back to its senders after some days.",
        fix: "Open its finding: it names what to do, and the measure that fits.",
        record: "postqueue -p | tail -n 60",
      };
    case "reboot":
      return {
        sentence: "The server must be rebooted for an update to take effect.",
        evidence: ["its agent: /run/reboot-required is there"],
        why: "Until then the kernel or a library with the fault that the update mends stays in use.",
        fix: "Reboot it when few people use it; mail waits elsewhere for these minutes and is not lost.",
        record: "systemctl reboot",
      };
  }
}

function serviceWords(unit: string, { services }: ToldHost): Words {
  const told = services.find((one) => one.unit === unit);
  const since =
    told === undefined || told.sinceUnixMs === null ? "" : ` since ${momentMark(told.sinceUnixMs)}`;
  return {
    sentence: `${serviceName(unit)} does not run on the server.`,
    evidence: [`systemctl: ${unit} ${told?.state ?? "stopped"}${since}`],
    why: whyServiceMatters[unitBaseName(unit)] ?? "Mail that needs it waits or is refused.",
    fix: "Restart it. If it stops again, its journal says why.",
    record: `systemctl restart ${unit}\njournalctl -u ${unit} -n 50`,
  };
}

const guessing = "Nobody is kept out who tries one password after the other.";
const outward = "Mail to receivers that ask for protected delivery waits.";
const names = "The server finds no other mail server, so mail waits.";

/** By the name of the unit, where it is not about mail as such. */
const whyServiceMatters: Readonly<Record<string, string>> = {
  fail2ban: guessing,
  "mailstead-bans": guessing,
  "clamav-freshclam": "The scan for viruses knows none that are newer than its last patterns.",
  nginx: "Nobody gets the settings for mail programs or the MTA-STS policies, and no certificate is renewed.",
  knot: "The zones that the server answers for are answered by the other server alone.",
  "mailstead-resolver": names,
  "mailstead-postfix-dns": names,
  "tls-policies": outward,
  "mailstead-dane-policies": outward,
  "postfix-mta-sts-resolver": outward,
};

function queueWords(code: "queue-long" | "queue-stuck" | "queue-old", host: ToldHost): Words {
  const { queueSizeMessages, queueLateMessages, queueUntakenMessages, queueOldestAtUnixMs } = host;
  const oldest =
    queueOldestAtUnixMs === null ? [] : [`postqueue: the oldest is of ${momentMark(queueOldestAtUnixMs)}`];
  const look = "postqueue -p | tail -n 60";
  switch (code) {
    case "queue-long":
      return {
        sentence: `${queueLongFromMessages} messages or more wait in the server's mail queue.`,
        evidence: [`postqueue: ${queueSizeMessages} messages`, ...oldest],
        why: "Mail arrives late. So many are mostly a receiver that refuses the server, or an account whose password was guessed.",
        fix: "Look who sent them and what the receivers answer. If it is spam of an account, change its password and delete them from the queue.",
        record: look,
      };
    case "queue-stuck":
      return {
        sentence: "Messages lie in the server's mail queue and Postfix does not take them up.",
        evidence: [
          `postqueue: ${queueUntakenMessages} in incoming or maildrop that ought to have left it`,
          ...oldest,
        ],
        why: "They are neither delivered nor sent back, so nobody knows that they did not arrive.",
        fix: "Look whether the services run and whether the disk is full or broken; then restart Postfix.",
        record: "journalctl -u 'postfix*' -n 50",
      };
    case "queue-old":
      return {
        sentence: `${queueOldFromMessages} messages or more have waited on the server for hours.`,
        evidence: [`postqueue: ${queueLateMessages} have waited for hours`, ...oldest],
        why: "They arrive late, and come back to their senders after some days.",
        fix: "Look what the receivers answer; one answer for most of them names what to put right.",
        record: look,
      };
  }
}

function gigabytes(bytes: number): string {
  return `${Math.round(bytes / 100_000_000) / 10} GB`;
}
