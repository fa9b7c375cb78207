/** What core says is wrong with a value, as a sentence below its field; null when nothing is. */
export function problemSentence(problem: string | null): string | null {
  return problem === null ? null : `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`;
}
