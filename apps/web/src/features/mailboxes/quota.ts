const bytesPerGigabyte = 1024 ** 3;

/** Reads gigabytes as a person types them, with a point or a comma; null when it is not a size. */
export function parseQuota(typed: string): number | null {
  const text = typed.trim().replace(",", ".");
  if (!/^\d+(\.\d+)?$/.test(text)) return null;
  return Math.round(Number(text) * bytesPerGigabyte);
}

/** Bytes as the number of gigabytes that `parseQuota` reads. */
export function quotaText(bytes: number): string {
  return String(Number((bytes / bytesPerGigabyte).toFixed(2)));
}
