import type { ShareBand } from "@mailstead/core/feeds";
import type { Formats } from "../../messages/format.ts";

/** A share as a percentage: of complaints, which are far below one in a hundred, the first figures; of all else tenths. */
export function shareText(share: number, format: Formats): string {
  const percent = share * 100;
  return `${format.number(Number(percent < 1 ? percent.toPrecision(2) : percent.toFixed(1)))} %`;
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
