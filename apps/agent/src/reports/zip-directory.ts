/** One file in a zip archive, still packed. */
export interface ZipEntry {
  readonly name: string;
  readonly packed: Uint8Array;
  readonly isDeflated: boolean;
  /** As the directory claims. */
  readonly unpackedBytes: number;
}

/** Either the files, or one sentence on why the archive is not read. */
export type ZipListing = { kind: "listed"; entries: readonly ZipEntry[] } | { kind: "refused"; why: string };

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const entryBytes = 46;
const localBytes = 30;
const commentBytesMax = 65_535;

/**
 * Lists a zip archive by its central directory (APPNOTE 4.3.12), which is the only place that tells sizes before
 * anything is inflated. Directories are passed over. Refuses what is encrypted, split, or packed by another method.
 */
export function listZip(bytes: Uint8Array, entriesMax: number): ZipListing {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const endAt = findEnd(view);
  if (endAt === null) return refuse("its directory is missing");
  const count = view.getUint16(endAt + 10, true);
  if (count > entriesMax) return refuse(`it holds ${count} files, more than the ${entriesMax} that are read`);
  const entries: ZipEntry[] = [];
  let at = view.getUint32(endAt + 16, true);
  for (let index = 0; index < count; index += 1) {
    if (at + entryBytes > view.byteLength || view.getUint32(at, true) !== entrySignature) {
      return refuse("its directory is damaged");
    }
    const nameBytes = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(
      bytes.subarray(at + entryBytes, at + entryBytes + Math.min(nameBytes, 255)),
    );
    const entry = readEntry({ bytes, view, at, name });
    if (typeof entry === "string") return refuse(entry);
    if (!name.endsWith("/")) entries.push(entry);
    at += entryBytes + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return { kind: "listed", entries };
}

interface Place {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly at: number;
  readonly name: string;
}

function readEntry({ bytes, view, at, name }: Place): ZipEntry | string {
  const isEncrypted = (view.getUint16(at + 8, true) & 1) === 1;
  const method = view.getUint16(at + 10, true);
  const packedBytes = view.getUint32(at + 20, true);
  const unpackedBytes = view.getUint32(at + 24, true);
  const localAt = view.getUint32(at + 42, true);
  if (isEncrypted) return "it is encrypted";
  if (method !== 0 && method !== 8) return `it is packed by method ${method}, which is not read`;
  if (localAt + localBytes > view.byteLength || view.getUint32(localAt, true) !== localSignature) {
    return "a file in it is missing";
  }
  const from = localAt + localBytes + view.getUint16(localAt + 26, true) + view.getUint16(localAt + 28, true);
  if (from + packedBytes > view.byteLength) return "a file in it is cut off";
  return { name, packed: bytes.subarray(from, from + packedBytes), isDeflated: method === 8, unpackedBytes };
}

function findEnd(view: DataView): number | null {
  const lowest = Math.max(0, view.byteLength - endBytes - commentBytesMax);
  for (let at = view.byteLength - endBytes; at >= lowest; at -= 1) {
    if (view.getUint32(at, true) === endSignature) return at;
  }
  return null;
}

function refuse(problem: string): ZipListing {
  return { kind: "refused", why: `the zip archive is not read: ${problem}` };
}
