import { runProgram } from "./run-program.ts";

/** Runs the scripts that build what tests start; one sentence for each that failed. */
export async function runBuilds(root: string, scripts: readonly string[]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const script of scripts) {
    const code = await runProgram(root, ["node", script]);
    if (code !== 0)
      problems.push(
        `${script} ended with ${code}, so what it builds is old or missing; that counts as one failure.`,
      );
  }
  return problems;
}
