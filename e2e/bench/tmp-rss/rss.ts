import { addServer, installServer, refreshFacts, convergeServer } from "@mailstead/services/servers";
import { createTenant } from "@mailstead/services/tenants";
import { startControlPlane } from "../../control-plane/start.ts";
import { untilReleased } from "../../control-plane/until-released.ts";
import { openLab } from "../../lab/lab.ts";
import { query } from "../../scene/database.ts";
import { openOperator } from "../../scene/operator.ts";
import { paste } from "../../scene/scene.ts";
import { waitFor } from "../../lab/wait-for.ts";
const sleep=(ms:number)=>new Promise(r=>setTimeout(r,ms));
const lab = await openLab({ hosts: [{ name: "bookworm", suite: "bookworm", image: "clean" }], receivers: false });
try {
  const cp = await startControlPlane({ lab });
  const op = await openOperator(cp);
  await untilReleased(cp);
  const host = lab.host("bookworm");
  const { tenantId } = await createTenant(op.ctx, { name: "Bench" });
  const { serverId, command } = await addServer(op.ctx, { tenantId, name: "b", hostname: host.description.hostname });
  console.log((await paste(host, command)).code);
  const ended = (jobId: string) => waitFor("end", async () => (await query<{state:string}>(cp, "select state from jobs where id=$1 and ended_at is not null", [jobId]))[0], { timeoutMs: 300000, intervalMs: 20 });
  await waitFor("online", async () => (await query(cp, "select 1 from servers where id=$1 and gateway_id is not null", [serverId])).length === 1);
  const { jobId } = await installServer(op.ctx, { serverId });
  console.log(await ended(jobId));
  const smaps = async (label: string) => {
    const pid = (await host.must(["systemctl", "show", "-P", "MainPID", "mailstead-agent"])).trim();
    const text = await host.readFile(`/proc/${pid}/smaps`);
    const sums = new Map<string, number>(); let name = "";
    for (const line of text.split("\n")) {
      const m = /^[0-9a-f]+-[0-9a-f]+ (\S+) \S+ \S+ (\d+)\s*(.*)$/.exec(line);
      if (m) { name = `${m[1]} ${m[3] || "anon"}`; continue; }
      const r = /^Rss:\s+(\d+)/.exec(line);
      if (r) sums.set(name, (sums.get(name) ?? 0) + Number(r[1]));
    }
    const total = [...sums.values()].reduce((a, b) => a + b, 0);
    console.log(label, "total", total, [...sums].sort((a, b) => b[1] - a[1]).slice(0, 9).map(([n, v]) => `${v} ${n}`).join(" | "));
  };
  const work = async (label: string) => {
    const times: number[] = [];
    for (let i = 0; i < 10; i++) { const t = performance.now(); await ended((await convergeServer(op.ctx, { serverId })).jobId); times.push(Math.round(performance.now() - t)); }
    console.log(label, "converge ms incl. 20 ms polling", times.join(" "));
    for (let i = 0; i < 60; i++) await ended((await refreshFacts(op.ctx, { serverId })).jobId);
    await smaps(`${label} after work`);
    await sleep(17000);
    await smaps(`${label} after 17s`);
    await sleep(10000);
    await smaps(`${label} after 27s`);
    const pid = (await host.must(["systemctl", "show", "-P", "MainPID", "mailstead-agent"])).trim();
    const cpu = async () => { const f = (await host.readFile(`/proc/${pid}/stat`)).split(") ")[1]!.split(" "); return Number(f[11]) + Number(f[12]); };
    const before = await cpu(); await sleep(40000); console.log(label, "cpu ticks in 40 s", (await cpu()) - before);
    await smaps(`${label} after 67s`);
  };
  const variants: [string, string][] = [
    ["dfg0", "BUN_JSC_useDFGJIT=0"],
    ["dfg0+ram+purge", "BUN_JSC_useDFGJIT=0 BUN_JSC_forceRAMSize=67108864 MIMALLOC_PURGE_DELAY=0"],
    ["jit0+ram+purge", "BUN_JSC_useJIT=0 BUN_JSC_forceRAMSize=67108864 MIMALLOC_PURGE_DELAY=0"],
    ["jit0+mini+purge", "BUN_JSC_useJIT=0 BUN_JSC_forceMiniVMMode=1 MIMALLOC_PURGE_DELAY=0"],
  ];
  for (const [label, env] of variants) {
    await host.must(["mkdir", "-p", "/etc/systemd/system/mailstead-agent.service.d"]);
    await host.writeFile("/etc/systemd/system/mailstead-agent.service.d/x.conf", `[Service]\nEnvironment=${env}\n`);
    await host.must(["systemctl", "daemon-reload"]); await host.must(["systemctl", "restart", "mailstead-agent"]);
    await sleep(3000);
    await work(label);
  }
  await op.close(); await cp.stop();
} finally { await lab.close(); }
process.exit(0);
