import type { LabHost } from "../lab/host.ts";

/** One batch as an agent put it down to be sent. */
export interface ToldBatch {
  readonly stream: string;
  readonly batch: string;
}

// fail2ban brings this language to every host; what an agent has sent is forgotten there once it is stored.
const python = "/usr/bin/python3";
const opened = `import json, sqlite3
store = sqlite3.connect("/var/lib/mailstead/telemetry.sqlite", timeout=10)
`;

/** Keeps a copy of all that the agent of a host tells from now on, in whatever stream. */
export async function listenToAgent(host: LabHost): Promise<void> {
  await host.must([
    python,
    "-c",
    `${opened}store.executescript("""
      create table heard (stream text, batch text);
      create trigger hear after insert on spool begin insert into heard values (new.stream, new.batch); end;
    """)`,
  ]);
}

/** What was heard since, byte for byte as it stands in the frames. */
export async function readTold(host: LabHost): Promise<ToldBatch[]> {
  const told = await host.must([
    python,
    "-c",
    `${opened}print(json.dumps([{"stream": s, "batch": b} for s, b in store.execute("select * from heard")]))`,
  ]);
  return JSON.parse(told);
}
