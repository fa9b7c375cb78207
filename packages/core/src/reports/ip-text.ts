const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const v4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

/** Whether a text is an IP address, and the form under which the same address always stands; null otherwise. */
export function normalIp(text: string): string | null {
  const bare = text
    .trim()
    .replace(/^\[(?:ipv6:)?/i, "")
    .replace(/\]$/, "")
    .toLowerCase();
  const mapped = /^::ffff:(\d[\d.]{6,14})$/.exec(bare)?.[1];
  const address = mapped ?? bare;
  return v4.test(address) || isV6(address) ? address : null;
}

function isV6(text: string): boolean {
  if (text.length > 45 || !/^[0-9a-f:.]+$/.test(text) || text.includes(":::")) return false;
  const halves = text.split("::");
  const tail = /(?:^|:)(\d[\d.]*\.[\d.]*)$/.exec(text)?.[1];
  if (halves.length > 2 || (tail !== undefined && !v4.test(tail))) return false;
  const groups = halves.flatMap((half) => half.split(":")).filter((group) => group !== "");
  const count = groups.length + (tail === undefined ? 0 : 1);
  const areGroups = groups.every((group) => group === tail || /^[0-9a-f]{1,4}$/.test(group));
  return areGroups && (halves.length === 2 ? count < 8 : count === 8 && !/^:|:$/.test(text));
}
