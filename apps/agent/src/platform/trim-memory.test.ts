import { expect, it } from "vitest";
import { readOnlyFileMappings } from "./trim-memory.ts";

it("only mappings of files that cannot be written are given back", () => {
  const maps = `00200000-01a39000 r--p 00000000 fe:00 2154661                            /usr/lib/mailstead/agent
01a40000-0684a000 r-xp 01838000 fe:00 2154661                            /usr/lib/mailstead/agent
06867000-06a53000 rw-p 0665e000 fe:00 2154661                            /usr/lib/mailstead/agent
22dc4800000-22e04800000 rw-p 00000000 00:00 0
7ffd1000-7ffd2000 r-xp 00000000 00:00 0                                  [vdso]
`;
  expect(readOnlyFileMappings(maps)).toEqual([
    { start: 0x200000n, end: 0x1a39000n },
    { start: 0x1a40000n, end: 0x684a000n },
  ]);
});
