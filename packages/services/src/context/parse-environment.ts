import type { z } from "zod";

/** What a process reads from its environment: each variable with its form and the sentence for a person who got it wrong. */
export type EnvironmentVariables = Readonly<Record<string, { schema: z.ZodType; sentence: string }>>;

export type ParsedEnvironment<V extends EnvironmentVariables> = {
  readonly [Name in keyof V]: z.output<V[Name]["schema"]>;
};

/** Parses all variables at once; an empty one counts as left out. Throws one error with a sentence for each wrong one. */
export function parseEnvironment<V extends EnvironmentVariables>(
  variables: V,
  source: Readonly<Record<string, string | undefined>>,
): ParsedEnvironment<V> {
  const problems: string[] = [];
  const entries = Object.entries(variables).map(([name, { schema, sentence }]) => {
    const parsed = schema.safeParse(source[name] === "" ? undefined : source[name]);
    if (!parsed.success) problems.push(sentence);
    return [name, parsed.data];
  });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return Object.fromEntries(entries) as ParsedEnvironment<V>;
}
