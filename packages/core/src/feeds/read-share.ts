import type { ShareBand } from "./feed.ts";

/**
 * A share as people and providers write it: "0.12%", "< 0.1%", "0.0012", "0.1% - 0.3%", "> 1%"; null where it is none. A
 * plain number is a share from 0 to 1 unless `isPercent`.
 */
export function readShare(text: string, { isPercent = false } = {}): ShareBand | null {
  const clean = text.replace(/\s+/g, "");
  const range = /^([\d.,]+)%?[-–]([\d.,]+)(%?)$/.exec(clean);
  if (range !== null) {
    const unit = range[3] === "%" || isPercent ? 100 : 1;
    return band(numberOf(range[1]) / unit, numberOf(range[2]) / unit);
  }
  const match = /^([<>≤≥]=?)?([\d.,]+)(%?)$/.exec(clean);
  if (match === null) return null;
  const share = numberOf(match[2]) / (match[3] === "%" || isPercent ? 100 : 1);
  const mark = match[1]?.[0] ?? "";
  if (mark === "<" || mark === "≤") return band(0, share);
  if (mark === ">" || mark === "≥") return band(share, 1);
  return band(share, share);
}

function band(lower: number, upper: number): ShareBand | null {
  return lower >= 0 && upper <= 1 && lower <= upper ? { lower, upper } : null;
}

/** A comma is the decimal sign where no point is; anything else that is no number is NaN, which no band takes. */
function numberOf(text = ""): number {
  return Number(text.includes(".") ? text.replaceAll(",", "") : text.replace(",", "."));
}
