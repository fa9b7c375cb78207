// npm run conformance -- [DIR] [--wrong N]: how the product does on material that others wrote; ends with a line of JSON.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { scoreFolder } from "./score-folder.ts";
import { conformanceLines } from "./table.ts";

/** Beside the checkout, not in it. */
const usualFolder = resolve(import.meta.dirname, "../../../shared/datasets");
const exitCodes = { holds: 0, missed: 1, wrongCall: 2 } as const;

process.exitCode = await run(process.argv.slice(2));

async function run(args: readonly string[]): Promise<number> {
  const asked = readCall(args);
  if (typeof asked === "string") return refuse(asked);
  const { folder, wrongShownMax } = asked;
  const startedAt = performance.now();
  const conformance = await scoreFolder(folder);
  if (conformance === null)
    return refuse(`${folder} is not there, or holds no set of the kind that is scored.`);
  for (const line of conformanceLines(conformance, wrongShownMax)) console.log(line);
  const missed = conformance.rows.filter(({ reached }) => reached === false);
  const tookS = (performance.now() - startedAt) / 1000;
  console.log(
    `\n${missed.length === 0 ? "Every floor holds" : `${missed.length} floors are missed`} (${tookS.toFixed(1)} s).`,
  );
  const rows = conformance.rows.map(({ wrong, ...row }) => ({
    ...row,
    wrong: wrong.slice(0, wrongShownMax),
  }));
  console.log(JSON.stringify({ folder, ...conformance, rows }));
  return conformance.holds ? exitCodes.holds : exitCodes.missed;
}

function readCall(args: readonly string[]): { folder: string; wrongShownMax: number } | string {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { wrong: { type: "string", default: "0" } },
    });
    if (positionals.length > 1) return "Give one folder: npm run conformance -- [DIR] [--wrong N].";
    if (!/^\d{1,6}$/.test(values.wrong))
      return "--wrong takes a number: how many wrong answers of each score to show.";
    // npm runs it at the root of the checkout; a folder is meant from where the person is.
    const from = process.env["INIT_CWD"] ?? process.cwd();
    const folder = positionals[0] === undefined ? usualFolder : resolve(from, positionals[0]);
    return { folder, wrongShownMax: Number(values.wrong) };
  } catch (cause) {
    return `${cause instanceof Error ? cause.message.split("\n")[0] : cause}`;
  }
}

function refuse(sentence: string): number {
  console.error(sentence);
  return exitCodes.wrongCall;
}
