import { en } from "./en.ts";
import { createFormats, type Formats } from "./format.ts";
import { type Catalogue, createTranslate, type Translate } from "./translate.ts";

const catalogues: Readonly<Record<string, Catalogue>> = { en };
const fallbackLocale = "en-GB";

/** Picks the reader's first language that we have words for, with its region, so that dates read as at home. */
export function negotiateLocale(acceptLanguage: string | null): string {
  const wanted = (acceptLanguage ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", quality = "q=1"] = part.trim().split(";");
      return { tag: tag.trim(), weight: Number(quality.trim().slice(2)) || 0 };
    })
    .sort((a, b) => b.weight - a.weight);
  for (const { tag } of wanted) {
    const language = tag.split("-")[0] ?? "";
    if (!Object.hasOwn(catalogues, language)) continue;
    try {
      return Intl.getCanonicalLocales(tag)[0] ?? fallbackLocale;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return fallbackLocale;
}

export interface Words {
  t: Translate;
  format: Formats;
  locale: string;
}

/** Words, numbers and dates for one locale. */
export function wordsFor(locale: string): Words {
  const catalogue = catalogues[locale.split("-")[0] ?? ""] ?? en;
  return { t: createTranslate(catalogue, locale), format: createFormats(locale), locale };
}
