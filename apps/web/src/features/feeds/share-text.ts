import type { ShareBand } from "@mailstead/core/feeds";
import type { Formats } from "../../messages/format.ts";

/** A share that is mostly far below one in a hundred, as a percentage that keeps its first figures. */
export function shareText(share: number, format: Formats): string {
  return `${format.number(Number((share * 100).toPrecision(2)))} %`;
}

/** What a provider told of a share: exactly, or between which two it lies. "" where it told nothing. */
export function bandText(band: ShareBand | null, format: Formats): string {
  if (band === null) return "";
  const { lower, upper } = band;
  if (lower === upper) return shareText(lower, format);
  if (lower === 0) return `< ${shareText(upper, format)}`;
  return upper === 1
    ? `> ${shareText(lower, format)}`
    : `${shareText(lower, format)} – ${shareText(upper, format)}`;
}
