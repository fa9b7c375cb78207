import { expect, it } from "vitest";
import { neededBytes } from "./disk-space.ts";

const mebibyte = 1024 ** 2;
const needed = (...sizes: [name: string, mebibytes: number][]) =>
  neededBytes(sizes.map(([name, size]) => ({ name, sizeBytes: size * mebibyte }))) / mebibyte;

it("an update needs room for the .debs, for those that are kept, and for its largest package beside the old one", () => {
  const alone = needed(["dovecot-core", 10]);
  expect(alone).toBeGreaterThan(needed());
  expect(needed(["dovecot-core", 10], ["dovecot-imapd", 1]) - alone).toBeLessThan(2);
  expect(needed(["dovecot-core", 10], ["rspamd", 30]) - alone).toBeGreaterThanOrEqual(20);
});

it("a kernel comes as a new package and needs room for itself and its initramfs", () => {
  expect(needed(["linux-image-6.1.0-38-amd64", 0])).toBeGreaterThan(500);
  expect(needed(["libnew1", 0])).toBe(needed());
});
