import { renderStack } from "@mailstead/core/mail-flow";
import type { TargetState } from "@mailstead/core/servers";
import { addDomain } from "@mailstead/services/domains";
import { createMailbox, importMailboxes } from "@mailstead/services/mailboxes";
import { addServer, convergeServer, installServer, refreshFacts } from "@mailstead/services/servers";
import { createTenant } from "@mailstead/services/tenants";
import { type ControlPlane, startControlPlane } from "../control-plane/start.ts";
import { untilReleased } from "../control-plane/until-released.ts";
import type { LabHost } from "../lab/host.ts";
import type { Suite } from "../lab/image-recipes.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { waitFor } from "../lab/wait-for.ts";
import { query } from "../scene/database.ts";
import { canSignIn } from "../scene/mail-client.ts";
import { type Operator, openOperator } from "../scene/operator.ts";
import { paste } from "../scene/scene.ts";
import { prepareAnsible } from "./ansible.ts";
import { writePlaybook } from "./ansible-playbook.ts";
import { type EndedJob, untilEnded, untilQuiet } from "./ended-job.ts";
import type { Bench, Measure } from "./measure.ts";
import { median, quantile } from "./measure.ts";

const suites = ["bookworm", "trixie"] as const satisfies readonly Suite[];
const password = "correct horse battery staple";
const rounds = 5;
const clicks = 100;
const mailboxCount = 10_000;
const idleWatchMs = 60_000;

/** What one clean host of each suite takes, from the pasted command to ten thousand mailboxes. */
export const hostBench: Bench = {
  name: "host",
  whyNot: () => (process.getuid?.() === 0 ? null : "real hosts need root."),
  async run(log) {
    const lab = await openLab({
      hosts: suites.map((suite) => ({ name: suite, suite, image: "clean" })),
      receivers: false,
    });
    try {
      const controlPlane = await startControlPlane({ lab });
      const operator = await openOperator(controlPlane);
      try {
        await untilReleased(controlPlane);
        const { tenantId } = await createTenant(operator.ctx, { name: "Bench" });
        const measures: Measure[] = [];
        const compared: ConvergeRound[] = [];
        for (const suite of suites) {
          const subject = { lab, host: lab.host(suite), controlPlane, operator, tenantId, suite, compared };
          for await (const measure of measureHost(subject)) {
            log(`${measure.name}: ${measure.value?.toFixed(2) ?? measure.note} ${measure.unit}`);
            measures.push(measure);
          }
        }
        measures.push(...ratioMeasures("both suites", compared));
        return measures;
      } finally {
        await operator.close();
        await controlPlane.stop();
      }
    } finally {
      await lab.close();
    }
  },
};

interface Subject {
  readonly lab: Lab;
  readonly host: LabHost;
  readonly controlPlane: ControlPlane;
  readonly operator: Operator;
  readonly tenantId: string;
  readonly suite: Suite;
  /** The rounds against ansible of all hosts so far. */
  readonly compared: ConvergeRound[];
}

async function* measureHost(subject: Subject): AsyncGenerator<Measure> {
  const { host, operator, suite, controlPlane } = subject;
  const { ctx } = operator;
  const domain = `${suite}.example`;
  await subject.lab.dns.addZone(domain);
  const { serverId, command } = await addServer(ctx, {
    tenantId: subject.tenantId,
    name: suite,
    hostname: host.description.hostname,
  });

  const pastedAt = performance.now();
  const { code, output } = await paste(host, command);
  if (code !== 0) throw new Error(output);
  await waitFor("the server to be online", () => isOnline(controlPlane, serverId), { intervalMs: 20 });
  yield atMost(`${suite}: install command to online, download included`, "s", {
    value: (performance.now() - pastedAt) / 1000,
    aim: 5,
  });

  const clickedAt = performance.now();
  const { jobId } = await installServer(ctx, { serverId });
  await untilEnded(controlPlane, jobId);
  yield atMost(`${suite}: install click to serving mail, cached packages`, "s", {
    value: (performance.now() - clickedAt) / 1000,
    aim: 60,
  });

  const { domainId } = await addDomain(ctx, { tenantId: subject.tenantId, serverId, name: domain });
  await untilQuiet(controlPlane, serverId);
  const compared = await compareConverges(subject, serverId);
  subject.compared.push(...compared);
  yield* convergeMeasures(suite, compared);
  yield await measureNewMailbox(subject, { domainId, serverId });
  yield* await measureClicks(subject, serverId);
  yield* measureIdle(subject, serverId);
  yield* measureDirectory(subject, { domainId, serverId });
}

/** No-change runs in milliseconds, ours and ansible's in turn: what each round of a comparison took. */
interface ConvergeRound {
  /** On the host, as the agent says: look at everything, render, plan, and find nothing to do. */
  readonly hostMs: number;
  /** From the click to the end of the job in the database. */
  readonly clickMs: number;
  /** ansible-playbook from its start to its end. */
  readonly ansibleMs: number;
}

/** Alternates no-change runs of ours and of ansible on the same host, so that both meet the same noise. */
async function compareConverges(subject: Subject, serverId: string): Promise<ConvergeRound[]> {
  const { controlPlane, operator, suite, host } = subject;
  const [row] = await query<{ document: string }>(
    controlPlane,
    "select document from target_states where server_id = $1 order by revision desc limit 1",
    [serverId],
  );
  const target = JSON.parse(row?.document ?? "") as TargetState;
  const stack = renderStack(target, { suite, openSecret: () => "" });
  const variables = { mail_hostname: host.description.hostname };
  const ansible = await prepareAnsible(subject.lab, host);
  const playbook = await writePlaybook(ansible.folder, stack, { gathersFacts: false, variables });
  const found: ConvergeRound[] = [];
  try {
    await ansible.play(playbook); // Ansible may restore what differs in form only; the runs that count change nothing.
    for (let round = 0; round < rounds; round += 1) {
      const clickedAt = performance.now();
      const { jobId } = await convergeServer(operator.ctx, { serverId });
      const ended = await untilEnded(controlPlane, jobId);
      const clickMs = performance.now() - clickedAt;
      const play = await ansible.play(playbook);
      if (play.changed !== 0)
        throw new Error(`ansible changed ${play.changed} tasks in a run that should change nothing.`);
      const hostMs = ended.outcome?.result?.tookMs ?? Number.NaN;
      found.push({ hostMs, clickMs, ansibleMs: play.tookMs });
    }
  } finally {
    await ansible.close();
  }
  return found;
}

function* convergeMeasures(name: string, compared: readonly ConvergeRound[]): Generator<Measure> {
  const runs = compared.length;
  const of = (key: keyof ConvergeRound) => median(compared.map((round) => round[key]));
  yield atMost(`${name}: no-change converge on the host`, "ms", { value: of("hostMs"), aim: 300, runs });
  yield { name: `${name}: the same from click to end`, unit: "ms", value: of("clickMs"), aim: null, runs };
  yield {
    name: `${name}: the same by ansible`,
    unit: "ms",
    value: of("ansibleMs"),
    aim: null,
    runs,
    note: "with its own start; ssh connections are kept",
  };
  yield* ratioMeasures(name, compared);
}

function* ratioMeasures(name: string, compared: readonly ConvergeRound[]): Generator<Measure> {
  const runs = compared.length;
  const ratio = (key: "hostMs" | "clickMs") => median(compared.map((round) => round.ansibleMs / round[key]));
  yield {
    name: `${name}: ansible's time over ours on the host`,
    unit: "x",
    value: ratio("hostMs"),
    aim: { kind: "at-least", value: 20 },
    runs,
  };
  yield {
    name: `${name}: ansible's time over ours from click to end`,
    unit: "x",
    value: ratio("clickMs"),
    aim: null,
    runs,
    note: "wall time against wall time",
  };
}

/**
 * Signs in when the dashboard says that the mailbox is there, as a person would. A guess before that is answered two
 * seconds late (Dovecot's auth_failure_delay), so guessing in a loop would measure nothing but that delay.
 */
async function measureNewMailbox(
  { lab, operator, suite, controlPlane }: Subject,
  { domainId, serverId }: { domainId: string; serverId: string },
): Promise<Measure> {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const begunAt = performance.now();
    const { address } = await createMailbox(operator.ctx, { domainId, localPart: `new-${round}`, password });
    const account = { host: suite, address, password };
    await lastSync(controlPlane, serverId);
    if (!(await canSignIn(lab, account)))
      throw new Error(`${address} could not sign in after the job that made it had succeeded.`);
    samples.push(performance.now() - begunAt);
  }
  return atMost(`${suite}: new mailbox to successful login`, "s", {
    value: median(samples) / 1000,
    aim: 1,
    runs: rounds,
  });
}

async function measureClicks(
  { controlPlane, operator, suite }: Subject,
  serverId: string,
): Promise<Measure[]> {
  const samples: number[] = [];
  for (let click = 0; click < clicks; click += 1) {
    const clickedAt = Date.now();
    const { jobId } = await refreshFacts(operator.ctx, { serverId });
    samples.push((await untilEnded(controlPlane, jobId)).startedAt.getTime() - clickedAt);
  }
  return [
    atMost(`${suite}: click to agent start, p50`, "ms", { value: median(samples), aim: 50, runs: clicks }),
    atMost(`${suite}: click to agent start, p95`, "ms", {
      value: quantile(samples, 0.95),
      aim: 250,
      runs: clicks,
    }),
  ];
}

/** Watches the agent's process while nothing happens. */
async function* measureIdle(
  { controlPlane, host, suite }: Subject,
  serverId: string,
): AsyncGenerator<Measure> {
  await untilQuiet(controlPlane, serverId);
  const pid = (await host.must(["systemctl", "show", "-P", "MainPID", "mailstead-agent"])).trim();
  const begun = { at: performance.now(), cpuMs: await cpuMsOf(host, pid) };
  await waitFor("the idle minute to pass", () => performance.now() - begun.at >= idleWatchMs, {
    timeoutMs: idleWatchMs + 5_000,
  });
  const cpuMs = (await cpuMsOf(host, pid)) - begun.cpuMs;
  const status = await host.readFile(`/proc/${pid}/status`);
  const rssKib = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  yield atMost(`${suite}: idle agent RSS`, "MiB", { value: rssKib / 1024, aim: 32 });
  yield atMost(`${suite}: idle agent CPU of one core`, "%", {
    value: (100 * cpuMs) / (performance.now() - begun.at),
    aim: 0.1,
  });
}

async function* measureDirectory(
  { controlPlane, operator, suite }: Subject,
  place: { domainId: string; serverId: string },
): AsyncGenerator<Measure> {
  const { ctx } = operator;
  // All share one hash: this measures the sync, and hashing ten thousand passwords would take minutes on purpose.
  const [row] = await query<{ hash: string }>(
    controlPlane,
    "select password_hash as hash from mailboxes where domain_id = $1 limit 1",
    [place.domainId],
  );
  const passwordHash = row?.hash ?? "";
  const mailboxes = Array.from({ length: mailboxCount }, (_, index) => ({
    localPart: `m${index}`,
    passwordHash,
  }));
  await importMailboxes(ctx, { domainId: place.domainId, mailboxes });
  const full = await lastSync(controlPlane, place.serverId);
  yield atMost(`${suite}: directory sync of ${mailboxCount} mailboxes, on the host`, "s", {
    value: (full.outcome?.result?.tookMs ?? Number.NaN) / 1000,
    aim: 5,
  });
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await createMailbox(ctx, { domainId: place.domainId, localPart: `late-${round}`, password });
    samples.push((await lastSync(controlPlane, place.serverId)).outcome?.result?.tookMs ?? Number.NaN);
  }
  yield atMost(`${suite}: directory sync of one change among them, on the host`, "ms", {
    value: median(samples),
    aim: 100,
    runs: rounds,
  });
}

async function lastSync(controlPlane: ControlPlane, serverId: string): Promise<EndedJob> {
  const [row] = await query<{ id: string }>(
    controlPlane,
    "select id from jobs where server_id = $1 and verb = 'sync-directory' order by sequence desc limit 1",
    [serverId],
  );
  return untilEnded(controlPlane, row?.id ?? "");
}

async function isOnline(controlPlane: ControlPlane, serverId: string): Promise<boolean> {
  const rows = await query(controlPlane, "select 1 from servers where id = $1 and gateway_id is not null", [
    serverId,
  ]);
  return rows.length === 1;
}

// Linux counts a process's time in hundredths of a second (proc(5), stat, utime and stime).
const tickMs = 10;

async function cpuMsOf(host: LabHost, pid: string): Promise<number> {
  const text = await host.readFile(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

function atMost(
  name: string,
  unit: Measure["unit"],
  { value, aim, runs = 1 }: { value: number; aim: number; runs?: number },
): Measure {
  return { name, unit, value, aim: { kind: "at-most", value: aim }, runs };
}
