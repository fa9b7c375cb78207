/**
 * Text of bytes whose character set nobody names. Every sequence of bytes has a text: UTF-8 and UTF-16 where the
 * bytes are that, else the single-byte set that old mail means (WHATWG Encoding, "windows-1252").
 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
