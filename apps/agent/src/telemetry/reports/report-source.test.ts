import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { renderStack } from "@mailstead/core/mail-flow";
import { type ReportBatch, reportBatchSchema, reportMailbox } from "@mailstead/core/reports";
import { defaultStackSettings, noOverrides, targetStateSchema } from "@mailstead/core/servers";
import { beforeEach, describe, expect, test } from "vitest";
import { type Host, pathUnder, realHost } from "../../platform/host.ts";
import { openDataset } from "../../reports/dataset.testing.ts";
import { makeZip } from "../../reports/zip.testing.ts";
import { forgetStored, readFirstBatch } from "../spool.ts";
import { readerLimits, runReportReader } from "./read-apart.ts";
import { readReports } from "./read-reports.ts";
import { unreadLimits } from "./report-folder.ts";
import { reportSource } from "./report-source.ts";

let root: string;
let folder: string;
let storePath: string;
let nowMs: number;
let host: Host;
let mails: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "mailstead-reports-"));
  folder = join(root, reportMailbox.folder);
  mkdirSync(folder, { recursive: true });
  storePath = join(root, "telemetry.sqlite");
  nowMs = Date.parse("2026-11-20T10:00:00Z");
  host = { ...realHost(), path: pathUnder(root), nowUnixMs: () => nowMs };
  mails = 0;
  return () => rmSync(root, { recursive: true });
});

const read = () => reportSource(host, storePath, readReports).read();

/** All that waits to be told, taken as the control plane takes it. */
async function takeTold(): Promise<ReportBatch> {
  const all: ReportBatch = { aggregates: [], tls: [], feedback: [], troubles: [] };
  for (let first = await readFirstBatch(storePath, "reports"); first !== null; ) {
    const batch = reportBatchSchema.parse(JSON.parse(JSON.stringify(first.batch)));
    all.aggregates.push(...batch.aggregates);
    all.tls.push(...batch.tls);
    all.feedback.push(...batch.feedback);
    all.troubles.push(...batch.troubles);
    await forgetStored(storePath, { stream: "reports", ...first });
    first = await readFirstBatch(storePath, "reports");
  }
  return all;
}

function arrive(bytes: Uint8Array | string): string {
  mails += 1;
  const path = join(folder, `${BigInt(nowMs) * 1_000_000n + BigInt(mails)}.eml`);
  writeFileSync(path, bytes);
  return path;
}

const waiting = () => readdirSync(folder).filter((name) => name.endsWith(".eml"));
const aside = () => (existsSync(join(folder, "unread")) ? readdirSync(join(folder, "unread")) : []);

const xml = ({ id = "1", domain = "a.example", end = nowMs / 1000 - 3600, count = 3 } = {}) =>
  `<?xml version="1.0"?><feedback><report_metadata><org_name>google.com</org_name><email>noreply@google.com</email><report_id>${id}</report_id><date_range><begin>${end - 86_399}</begin><end>${end}</end></date_range></report_metadata><policy_published><domain>${domain}</domain><p>none</p></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>${count}</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>${domain}</header_from><envelope_from>ann@${domain}</envelope_from></identifiers><auth_results><dkim><domain>${domain}</domain><selector>s</selector><result>pass</result></dkim></auth_results></record></feedback>`;

function mailWith(file: Uint8Array, name = "google.com!a.example!1!2.xml.gz", to = "first"): string {
  return `Received: by ${to}\nFrom: noreply@google.com\nSubject: Report Domain: a.example\nMIME-Version: 1.0\nContent-Type: application/gzip; name="${name}"\nContent-Disposition: attachment; filename="${name}"\nContent-Transfer-Encoding: base64\n\n${Buffer.from(
    file,
  )
    .toString("base64")
    .replaceAll(/(.{76})/g, "$1\n")}\n`;
}

const complaint = `Received: from y (sonic.mail.ne1.yahoo.com [203.0.113.5])\nFrom: <feedback@arf.mail.yahoo.com>
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Yahoo-Mail-Feedback/2.0
Version: 1
Original-Rcpt-To: bob@yahoo.com
Source-IP: 192.0.2.1

--b
Content-Type: message/rfc822

From: Ann <ann@a.example>
To: bob@yahoo.com
Subject: our secret
Message-ID: <77@a.example>

words of a letter
--b--
`;

test("a report is told once, and its mail is removed", async () => {
  arrive(mailWith(gzipSync(xml())));
  await read();
  expect(waiting()).toEqual([]);
  const told = await takeTold();
  expect(told.aggregates).toMatchObject([
    {
      reporter: "google.com",
      reportId: "1",
      domain: "a.example",
      rows: [{ count: 3, sourceIp: "192.0.2.1" }],
    },
  ]);
  expect(told.troubles).toEqual([]);
});

test("the same report that arrives again, by another way and packed anew, is not told again", async () => {
  arrive(mailWith(gzipSync(xml())));
  await read();
  await takeTold();
  arrive(mailWith(makeZip([{ name: "r.xml", bytes: Buffer.from(xml()) }]), "r.zip", "second"));
  arrive(mailWith(gzipSync(xml({ id: "2" }))));
  await read();
  expect((await takeTold()).aggregates.map(({ reportId }) => reportId)).toEqual(["2"]);
  expect(waiting()).toEqual([]);
});

test("an agent that is killed between telling and removing tells nothing twice", async () => {
  for (const content of [mailWith(gzipSync(xml())), complaint, mailWith(Buffer.from("half a zip"))]) {
    arrive(content);
    await read();
    const once = await takeTold();
    expect(once.aggregates.length + once.feedback.length + once.troubles.length).toBe(1);
    // As if the file had never been taken away.
    arrive(content);
    await read();
    expect(await takeTold()).toEqual({ aggregates: [], tls: [], feedback: [], troubles: [] });
  }
});

test("an agent that could not keep what it read reads the mail again", async () => {
  arrive(mailWith(gzipSync(xml())));
  const broken = { ...host, path: (path: string) => (path === reportMailbox.folder ? folder : path) };
  await expect(
    reportSource(broken, join(root, "no", "such", "folder.sqlite"), readReports).read(),
  ).rejects.toThrow();
  expect(waiting()).toHaveLength(1);
  await read();
  expect((await takeTold()).aggregates).toHaveLength(1);
});

test("a complaint is told without anybody's address or words", async () => {
  arrive(complaint);
  await read();
  const told = await takeTold();
  expect(told.feedback).toMatchObject([
    { kind: "complaint", type: "abuse", reporter: "arf.mail.yahoo.com", domains: ["a.example"] },
  ]);
  expect(JSON.stringify(told)).not.toMatch(/@|secret|words of|bob|ann/i);
});

describe("what cannot be read is counted, put aside and let go of after a while", () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  test.each([
    ["a bomb", mailWith(bomb)],
    ["broken XML", mailWith(gzipSync("<feedback><report_meta"))],
    [
      "an entity",
      mailWith(
        gzipSync(
          `<!DOCTYPE x [<!ENTITY a "${"b".repeat(100)}">]>${xml().replace('<?xml version="1.0"?>', "")}`,
        ),
      ),
    ],
    [
      "half a zip",
      mailWith(makeZip([{ name: "r.xml", bytes: Buffer.from(xml()) }]).subarray(0, 90), "r.zip"),
    ],
    ["a report of the future", mailWith(gzipSync(xml({ end: 1_900_000_000 })))],
    ["a report of long ago", mailWith(gzipSync(xml({ end: 1_500_000_000 })))],
    ["a mail that is too large", "x".repeat(reportMailbox.mailKibibytesMax * 1024 + 1)],
  ])("%s", async (_, content) => {
    arrive(content);
    arrive(mailWith(gzipSync(xml())));
    await read();
    const told = await takeTold();
    expect(told.troubles).toMatchObject([{ kind: "unread", count: 1 }]);
    expect(told.aggregates).toHaveLength(1);
    expect([waiting().length, aside().length]).toEqual([0, 1]);
    nowMs += unreadLimits.keptForMs + 60_000;
    await read();
    expect(aside()).toEqual([]);
  });

  test("at most so many", async () => {
    for (let at = 0; at < unreadLimits.mailsMax + 5; at += 1) arrive(mailWith(gzipSync(`<feedback>${at}`)));
    await read();
    expect(aside()).toHaveLength(unreadLimits.mailsMax);
    expect((await takeTold()).troubles).toHaveLength(unreadLimits.mailsMax + 5);
  });

  test("and what was put aside takes no room from reports, however large it is", async () => {
    const large = "x".repeat(reportMailbox.mailKibibytesMax * 1024);
    for (let at = 0; at < 6; at += 1) arrive(`${large}${at}`);
    await read();
    const bytes = aside().reduce((sum, name) => sum + statSync(join(folder, "unread", name)).size, 0);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(unreadLimits.bytesMax);
    const used = execFileSync("sh", ["-c", "du -skS . | cut -f1"], { cwd: folder }).toString();
    expect(Number(used)).toBeLessThan(1024);
  });

  test("a link in the folder leads nowhere", async () => {
    writeFileSync(join(root, "secret"), mailWith(gzipSync(xml())));
    symlinkSync(join(root, "secret"), join(folder, "1.eml"));
    await read();
    expect((await takeTold()).aggregates).toEqual([]);
  });
});

test("a mail that is no report is counted and removed", async () => {
  arrive("From: a@b.example\nSubject: buy\n\nnow\n");
  await read();
  expect((await takeTold()).troubles).toMatchObject([{ kind: "other" }]);
  expect([waiting(), aside()]).toEqual([[], []]);
});

describe("the process that reads mails of strangers", () => {
  /** Stands in for systemd-run: the reader works on the test's folder, and dies at its second mail if it is to. */
  const started: string[][] = [];
  let deadly = "none";
  interface Ending {
    exitCode: number | null;
    signal?: NodeJS.Signals;
    hasTimedOut?: boolean;
    cause?: Error;
  }
  const ending = (end: Ending | null): Host => ({
    ...host,
    async run(argv, options) {
      started.push([...argv]);
      const lines: string[] = [];
      await runReportReader({ host, storePath }, (line) => {
        lines.push(line);
        options?.onLine?.(line);
        if (end !== null && line.endsWith(deadly)) throw end.cause ?? new Error("killed");
      }).catch(() => undefined);
      return { stdout: lines.join("\n"), stderr: "", hasTimedOut: false, ...(end ?? { exitCode: 0 }) };
    },
  });
  beforeEach(() => {
    started.length = 0;
  });

  test("is started with a limit to its memory, and only where mails wait", async () => {
    const source = reportSource(ending(null), storePath);
    await source.read();
    expect(started).toEqual([]);
    arrive(mailWith(gzipSync(xml())));
    expect(await source.read()).toEqual({ dropped: 0 });
    expect(started).toHaveLength(1);
    expect(started[0]?.slice(0, 2)).toEqual(["systemd-run", "--scope"]);
    expect(started[0]).toContain(`--property=MemoryMax=${readerLimits.memoryMiB}M`);
    expect((await takeTold()).aggregates).toHaveLength(1);
  });

  const arriveAround = () => {
    arrive(mailWith(gzipSync(xml())));
    deadly = basename(arrive("From: x@b.example\n\nhostile"));
    arrive(mailWith(gzipSync(xml({ id: "2" }))));
  };

  test.each<[Ending, string]>([
    [{ exitCode: null, signal: "SIGKILL" }, "reading the mail took more memory than it may"],
    [{ exitCode: 137 }, "reading the mail took more memory than it may"],
    [{ exitCode: null, signal: "SIGKILL", hasTimedOut: true }, "reading the mail took longer than it may"],
    [
      { exitCode: 1, cause: Object.assign(new Error("x@b.example"), { code: "ENOSPC" }) },
      "reading the mail failed: ENOSPC",
    ],
    [{ exitCode: 1, cause: new RangeError("x@b.example") }, "reading the mail failed: RangeError"],
    [
      { exitCode: 1, cause: Object.assign(new Error(), { code: "x@b.example" }) },
      "the process that read the mail ended with exit code 1",
    ],
  ])("dies twice on a mail (%o), which is put aside and told; the rest is read", async (end, why) => {
    arriveAround();
    await reportSource(ending(end), storePath).read();
    expect([waiting().length, aside().length]).toEqual([2, 0]);
    await reportSource(ending(end), storePath).read();
    expect([waiting().length, aside().length]).toEqual([1, 1]);
    await reportSource(ending(null), storePath).read();
    const told = await takeTold();
    expect(told.troubles).toMatchObject([{ kind: "unread", why, count: 1 }]);
    expect(told.aggregates).toHaveLength(2);
    expect(waiting()).toEqual([]);
  });

  test("dies once on a mail, which is read at the next turn", async () => {
    arriveAround();
    await reportSource(ending({ exitCode: null, signal: "SIGKILL" }), storePath).read();
    await reportSource(ending(null), storePath).read();
    expect((await takeTold()).troubles).toMatchObject([{ kind: "other" }]);
    expect([waiting(), aside()]).toEqual([[], []]);
  });

  test.each<Ending>([{ exitCode: null, signal: "SIGTERM" }, { exitCode: 143 }])(
    "is told to end (%o) as often as may be, which is no mail's fault",
    async (end) => {
      arriveAround();
      for (let turn = 0; turn < 3; turn += 1) await reportSource(ending(end), storePath).read();
      expect([waiting().length, aside().length]).toEqual([2, 0]);
    },
  );

  test("that cannot be started leaves the mails where they are", async () => {
    arrive(mailWith(gzipSync(xml())));
    const broken: Host = {
      ...host,
      run: async () => ({ exitCode: null, stdout: "", stderr: "no systemd-run", hasTimedOut: false }),
    };
    await expect(reportSource(broken, storePath).read()).rejects.toThrow(/no systemd-run/);
    expect([waiting().length, aside().length]).toEqual([1, 0]);
  });
});

test("a host without the folder tells nothing", async () => {
  rmSync(folder, { recursive: true });
  await read();
  expect(await readFirstBatch(storePath, "reports")).toBeNull();
});

describe("the program that puts mails aside", () => {
  const target = targetStateSchema.parse({
    formatVersion: 1,
    serverId: "0193a5b0-7c1e-7000-8000-000000000001",
    revision: 1,
    hostname: "mail.a.example",
    stack: defaultStackSettings,
    domains: [],
    relays: [],
    driftPolicy: "ask",
    overrides: noOverrides,
  });
  const text =
    renderStack(target, { suite: "trixie", openSecret: () => "" }).files.find(({ path }) =>
      path.endsWith("/keep-report"),
    )?.content ?? "";
  const keep = (mail: string | Uint8Array, program = text) =>
    execFileSync("sh", ["-c", program.replace(`cd ${reportMailbox.folder} `, `cd ${folder} `)], {
      input: mail,
    });

  test("keeps a mail as it came, and the agent reads it", async () => {
    nowMs = Date.now();
    keep(mailWith(gzipSync(xml())));
    expect(waiting()).toHaveLength(1);
    await read();
    expect((await takeTold()).aggregates).toHaveLength(1);
  });

  test("lets a mail go and counts it where there is no room, and where it is too large", async () => {
    keep("x".repeat(reportMailbox.mailKibibytesMax * 1024 + 1));
    const small = text.replace(`-lt ${reportMailbox.mailsMax} `, "-lt 1 ");
    keep("one", small);
    keep("two", small);
    expect(waiting()).toHaveLength(1);
    await read();
    expect((await takeTold()).troubles).toMatchObject([{ kind: "other" }, { kind: "no-room", count: 2 }]);
    keep("y".repeat(reportMailbox.mailKibibytesMax * 1024 + 1));
    await read();
    await read();
    expect((await takeTold()).troubles).toMatchObject([{ kind: "no-room", count: 1 }]);
  });

  test("has Postfix try again where the folder is not there", () => {
    rmSync(folder, { recursive: true });
    expect(() => keep("one")).toThrow(expect.objectContaining({ status: 75 }));
  });
});

const others = ["dmarc-aggregate", "tls-rpt", "feedback-reports"].map(openDataset);
for (const dataset of others)
  test.skipIf(!dataset.isHere)(
    `whatever others sent becomes batches that are taken, without an address${dataset.note}`,
    async () => {
      for (const file of dataset.files()) arrive(dataset.bytes(file));
      while (waiting().length > 0) await read();
      const told = await takeTold();
      expect(JSON.stringify(told)).not.toMatch(/[\w.]@[\w.]/);
    },
  );
