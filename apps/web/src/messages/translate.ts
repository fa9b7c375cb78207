import type { en } from "./en.ts";

/** A text whose wording depends on `count`, one form for each plural category the language has. */
export type PluralMessage = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;
export type Message = string | PluralMessage;

export type MessageKey = keyof typeof en;
/** What a catalogue of another language has to hold. */
export type Catalogue = Readonly<Record<MessageKey, Message>>;

type NamesIn<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type TextOf<M> = M extends string ? M : M extends PluralMessage ? M["other"] | "{count}" : never;
type NamesOf = { readonly [Key in MessageKey]: NamesIn<TextOf<(typeof en)[Key]>> };
type Values<Names extends string> = Readonly<Record<Names, string | number>>;

/** Gives the words for a key; a key with names in braces does not compile without their values. */
export type Translate = <Key extends MessageKey>(
  key: Key,
  ...values: [NamesOf[Key]] extends [never] ? [] : [Values<NamesOf[Key]>]
) => string;

/** Makes the function that words are asked of; numbers in messages are written the way the locale writes them. */
export function createTranslate(catalogue: Catalogue, locale: string): Translate {
  const plurals = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (key, ...rest) => {
    const values: Readonly<Record<string, string | number>> = rest[0] ?? {};
    const message = catalogue[key];
    const text = typeof message === "string" ? message : pickForm(message, plurals, values["count"]);
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      return value === undefined ? whole : typeof value === "number" ? numbers.format(value) : value;
    });
  };
}

function pickForm(
  message: PluralMessage,
  rules: Intl.PluralRules,
  count: string | number | undefined,
): string {
  return message[rules.select(Number(count))] ?? message.other;
}
