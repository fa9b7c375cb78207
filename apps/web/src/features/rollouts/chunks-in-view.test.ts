import { expect, test } from "vitest";
import { chunksInView } from "./chunks-in-view.ts";

test.each([
  [0, { from: 0, to: 4 }],
  [99, { from: 0, to: 5 }],
  [1000, { from: 9, to: 14 }],
])("at %i px a view of 350 px holds its chunks and one beyond each edge", (topPx, chunks) => {
  expect(chunksInView({ topPx, heightPx: 350, chunkPx: 100 })).toEqual(chunks);
});
