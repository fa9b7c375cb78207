/** Which chunks of equal height are seen or next to what is seen, so that a turn of the wheel finds them there. */
export function chunksInView({
  topPx,
  heightPx,
  chunkPx,
}: {
  topPx: number;
  heightPx: number;
  chunkPx: number;
}): { from: number; to: number } {
  return {
    from: Math.max(0, Math.floor(topPx / chunkPx) - 1),
    to: Math.floor((topPx + heightPx) / chunkPx) + 1,
  };
}
