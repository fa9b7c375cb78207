import { expect, it } from "vitest";
import { cleanFileMappings } from "./trim-memory.ts";

const mapping = (head: string, { anonymous = 0, swap = 0 } = {}) =>
  `${head}\nSize: 4 kB\nRss: 4 kB\nAnonymous:      ${anonymous} kB\nSwap:           ${swap} kB\nVmFlags: rd ex mr mw me\n`;

it("only mappings of files that cannot be written and hold nothing of the process's own are given back", () => {
  const smaps = [
    mapping("00200000-01a39000 r--p 00000000 fe:00 2154661                 /usr/lib/mailstead/agent"),
    mapping("01a40000-0684a000 r-xp 01838000 fe:00 2154661                 /usr/lib/mailstead/agent"),
    mapping("06867000-06a53000 rw-p 0665e000 fe:00 2154661                 /usr/lib/mailstead/agent"),
    // Addresses that the linker has put in, and which stand in no file.
    mapping("7f5428a27000-7f5428a2b000 r--p 001cf000 fe:00 339380          /usr/lib/libc.so.6", {
      anonymous: 16,
    }),
    mapping("7f5428b27000-7f5428b2b000 r--p 001cf000 fe:00 339381          /usr/lib/libm.so.6", { swap: 16 }),
    mapping("22dc4800000-22e04800000 rw-p 00000000 00:00 0"),
    mapping("7ffd1000-7ffd2000 r-xp 00000000 00:00 0                       [vdso]"),
  ].join("");
  expect(cleanFileMappings(smaps)).toEqual([
    { start: 0x200000n, end: 0x1a39000n },
    { start: 0x1a40000n, end: 0x684a000n },
  ]);
});
