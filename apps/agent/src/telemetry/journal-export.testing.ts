/** An entry as journalctl exports it: what is no plain text of one line with its length before it. */
export function exportedEntry(fields: Readonly<Record<string, string | Buffer | null>>): Buffer {
  const parts = Object.entries(fields).flatMap(([name, value]) => {
    if (value === null) return [];
    const bytes = Buffer.from(value);
    if (typeof value === "string" && !value.includes("\n")) return [Buffer.from(`${name}=`), bytes, newline];
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(bytes.length));
    return [Buffer.from(`${name}\n`), size, bytes, newline];
  });
  return Buffer.concat([...parts, newline]);
}

const newline = Buffer.from("\n");
