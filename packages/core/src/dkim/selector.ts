const letters = "abcdefghijklmnopqrstuvwxyz";

/**
 * The first selectors of this month that are not in use and were not before, like `ms202611a`. A selector is never
 * used again, because resolvers and verifiers may still remember what stood there.
 */
export function nextSelectors(now: Date, used: ReadonlySet<string>, count: number): string[] {
  const month = now.toISOString().slice(0, 7).replace("-", "");
  const found: string[] = [];
  for (let number = 0; found.length < count; number++) {
    const selector = `ms${month}${letterCode(number)}`;
    if (!used.has(selector)) found.push(selector);
  }
  return found;
}

/** a … z, aa … az, ba … */
function letterCode(number: number): string {
  const last = letters.charAt(number % letters.length);
  const rest = Math.floor(number / letters.length);
  return rest === 0 ? last : letterCode(rest - 1) + last;
}
