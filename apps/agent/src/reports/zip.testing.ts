import { deflateRawSync } from "node:zlib";

/** A file for an archive; what it claims and what it is may differ, as with those who mean harm. */
export interface ZipSource {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly claimedBytes?: number;
  readonly packed?: Uint8Array;
}

/** A zip archive of these files (APPNOTE 4.3.6), without check sums, which nobody reads here. */
export function makeZip(sources: readonly ZipSource[]): Uint8Array {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, claimedBytes = bytes.byteLength, packed = deflateRawSync(bytes) } of sources) {
    const title = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    local.writeUInt16LE(title.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(packed.byteLength, 20);
    entry.writeUInt32LE(claimedBytes, 24);
    entry.writeUInt16LE(title.length, 28);
    entry.writeUInt32LE(at, 42);
    locals.push(local, title, Buffer.from(packed));
    directory.push(entry, title);
    at += 30 + title.length + packed.byteLength;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(sources.length, 10);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...locals, ...directory, end]));
}
