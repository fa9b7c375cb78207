import { renderStack } from "@mailstead/core/mail-flow";
import type { Overrides, TargetState } from "@mailstead/core/servers";
import { changeOverrides, convergeServer } from "@mailstead/services/servers";
import { query } from "../../scene/database.ts";
import { type AnsibleRun, prepareAnsible } from "../ansible.ts";
import { writePlaybook } from "../ansible-playbook.ts";
import { untilEnded } from "../ended-job.ts";
import type { Measure } from "../measure.ts";
import { alternate, type ComparedHost, ratioMeasure, timeMeasure } from "./compared-host.ts";

// A time that stands nowhere else, so that it is one line of one file.
const setting = "smtp_helo_timeout";
const [usual, changed] = ["2701s", "2702s"];
const aims = { noChange: 20, oneFile: 10 };

/** No change at all, and one changed line of one file with the reload that it needs. */
export async function compareConverges(place: ComparedHost): Promise<Measure[]> {
  await setTimeoutTo(place, usual);
  const { lab, host, suite } = place;
  const stack = renderStack(await readTarget(place), { suite, openSecret: () => "" });
  const variables = { mail_hostname: host.description.hostname, [setting]: usual };
  const ansible = await prepareAnsible(lab, host);
  try {
    const [withFacts, withoutFacts] = [
      await writePlaybook(ansible.folder, stack, { gathersFacts: true, variables }),
      await writePlaybook(ansible.folder, stack, { gathersFacts: false, variables }),
    ];
    // Ansible may restore what differs in form only; the runs that count change nothing.
    await ansible.play(withFacts);
    const plays = { ansible, withFacts, withoutFacts, files: stack.files.length };
    return [...(await measureNoChange(place, plays)), ...(await measureOneFile(place, plays))];
  } finally {
    await ansible.close();
  }
}

interface Plays {
  readonly ansible: AnsibleRun;
  readonly withFacts: string;
  readonly withoutFacts: string;
  /** How many files they write. */
  readonly files: number;
}

async function readTarget({ controlPlane, serverId }: ComparedHost): Promise<TargetState> {
  const [row] = await query<{ document: string }>(
    controlPlane,
    "select document from target_states where server_id = $1 order by revision desc limit 1",
    [serverId],
  );
  return JSON.parse(row?.document ?? "") as TargetState;
}

async function measureNoChange(place: ComparedHost, plays: Plays): Promise<Measure[]> {
  const { ctx, suite, serverId, controlPlane } = place;
  const playNothing = async (playbook: string): Promise<number> => {
    const { tookMs, changed } = await plays.ansible.play(playbook);
    if (changed !== 0)
      throw new Error(`ansible changed ${changed} tasks in a run that should change nothing.`);
    return tookMs;
  };
  const onHost: number[] = [];
  const took = await alternate(place, {
    ours: async () => {
      const clickedAt = performance.now();
      const { jobId } = await convergeServer(ctx, { serverId });
      const { outcome } = await untilEnded(controlPlane, jobId);
      const tookMs = performance.now() - clickedAt;
      const paths = outcome?.result?.changedPaths ?? [];
      if (paths.length > 0)
        throw new Error(`A converge that should change nothing changed ${paths.join(", ")}.`);
      onHost.push(outcome?.result?.tookMs ?? Number.NaN);
      return tookMs;
    },
    ansible: () => playNothing(plays.withFacts),
    "ansible without facts": () => playNothing(plays.withoutFacts),
  });
  const name = `${suite}: no change`;
  return [
    timeMeasure(`${name}, from click to end`, took.ours, `${plays.files} files`),
    timeMeasure(`${name}, of it on the host`, onHost.slice(-place.rounds)),
    timeMeasure(`${name}, by ansible`, took.ansible, "templates, facts, kept connections, piped modules"),
    timeMeasure(`${name}, by ansible without facts`, took["ansible without facts"]),
    ratioMeasure(`${name}, ansible over ours`, {
      of: took.ansible,
      over: took.ours,
      aim: { kind: "at-least", value: aims.noChange },
    }),
    ratioMeasure(`${name}, ansible without facts over ours`, {
      of: took["ansible without facts"],
      over: took.ours,
      aim: null,
    }),
  ];
}

async function measureOneFile(place: ComparedHost, { ansible, withFacts, files }: Plays): Promise<Measure[]> {
  const playChange = async (value: string): Promise<number> => {
    const { tookMs, changed } = await ansible.play(withFacts, { [setting]: value });
    // The file, and the handler that reloads.
    if (changed !== 2)
      throw new Error(`ansible changed ${changed} tasks instead of one file and its reload.`);
    return tookMs;
  };
  // There and back, so that the host is as before for whoever is next.
  const both = async (change: (value: string) => Promise<number>): Promise<number> =>
    ((await change(changed)) + (await change(usual))) / 2;
  const took = await alternate(place, {
    ours: () => both((value) => setTimeoutTo(place, value)),
    ansible: () => both(playChange),
  });
  const name = `${place.suite}: one changed file and a reload`;
  return [
    timeMeasure(`${name}, from click to end`, took.ours, `of ${files} files; Postfix checks it before`),
    timeMeasure(`${name}, by ansible`, took.ansible, "unchecked"),
    ratioMeasure(`${name}, ansible over ours`, {
      of: took.ansible,
      over: took.ours,
      aim: { kind: "at-least", value: aims.oneFile },
    }),
  ];
}

/** As an operator who overrides one line of Postfix. Throws when anything but its file changed. */
async function setTimeoutTo({ ctx, serverId, controlPlane }: ComparedHost, value: string): Promise<number> {
  const overrides: Overrides = {
    postfixMain: [`${setting} = ${value}`],
    dovecot: "",
    rspamd: {},
    sieveBefore: "",
  };
  const clickedAt = performance.now();
  const { jobId } = await changeOverrides(ctx, { serverId, overrides });
  if (jobId === null) throw new Error(`${setting} was ${value} already.`);
  const { outcome } = await untilEnded(controlPlane, jobId);
  const tookMs = performance.now() - clickedAt;
  const paths = outcome?.result?.changedPaths ?? [];
  if (paths.join() !== "/etc/postfix/main.cf") throw new Error(`The converge changed ${paths.join(", ")}.`);
  return tookMs;
}
