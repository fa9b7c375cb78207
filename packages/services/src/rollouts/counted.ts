/** A number of things, as a sentence has it. */
export function counted(count: number, thing: "server" | "wave"): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
