// Runs an agent's jobs on a fake host in a process of its own: ROOT [POINT | FOLDER]. Kills itself with SIGKILL, as the
// kernel would, at its POINT-th point. Keeps the disk as it is at the first point of each sort in a FOLDER, by the point's
// number.
import { isAbsolute, join } from "node:path";
import { runFakeAgent } from "./fake-agent.ts";
import { keepDisk } from "./keep-disk.ts";
import { sortOfPoint } from "./points.ts";

const [root = "", argument = ""] = process.argv.slice(2);
const keepIn = isAbsolute(argument) ? argument : null;
const killAt = Number(argument || Number.NaN);
const sorts = new Set<string>();
const points = await runFakeAgent(root, (point, number) => {
  if (number === killAt) process.kill(process.pid, "SIGKILL");
  if (keepIn === null || sorts.has(sortOfPoint(point))) return;
  sorts.add(sortOfPoint(point));
  keepDisk(root, join(keepIn, String(number)));
});
process.stdout.write(`${JSON.stringify(points)}\n`);
process.exit(0);
