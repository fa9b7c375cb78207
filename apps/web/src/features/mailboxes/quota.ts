const bytesPerGigabyte = 1024 ** 3;

/** Reads gigabytes as a person types them, with a point or a comma; null when it is not a size. */
export function parseQuota(typed: string): number | null {
  const text = typed.trim().replace(",", ".");
  if (!/^\d+(\.\d+)?$/.test(text)) return null;
  return Math.round(Number(text) * bytesPerGigabyte);
}

// A byte is not quite a billionth of a gigabyte, so with this many decimals each size has a number of its own.
const decimalsMax = 10;

/** Bytes as the shortest number of gigabytes that `parseQuota` reads back as exactly these bytes. */
export function quotaText(bytes: number): string {
  const gigabytes = bytes / bytesPerGigabyte;
  for (let decimals = 0; decimals < decimalsMax; decimals += 1) {
    const text = gigabytes.toFixed(decimals);
    if (parseQuota(text) === bytes) return text;
  }
  return gigabytes.toFixed(decimalsMax);
}
