/** One element of a report in XML, taken apart by whoever received it: names without prefix, in small letters. */
export interface ReportElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly ReportElement[];
}

/** Either the report with what had to be overlooked to read it, or one sentence on why there is none. */
export type ReportReading<Report> =
  | { readonly kind: "read"; readonly report: Report; readonly notes: readonly string[] }
  | { readonly kind: "refused"; readonly why: string };

/** Children of this name, in order. */
export function childrenOf(element: ReportElement | undefined, name: string): readonly ReportElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The first child on this path, or undefined. */
export function childAt(
  element: ReportElement | undefined,
  ...path: readonly string[]
): ReportElement | undefined {
  return path.reduce<ReportElement | undefined>((parent, name) => childrenOf(parent, name)[0], element);
}

const textCharsMax = 1000;

/** The text on this path, trimmed and cut; null where it is missing or empty. */
export function textAt(element: ReportElement | undefined, ...path: readonly string[]): string | null {
  return (
    childAt(element, ...path)
      ?.text.trim()
      .slice(0, textCharsMax) || null
  );
}
