/** Google's own word for a rule, as people read it. */
export function requirementText(requirement: string): string {
  const words = requirement.replaceAll("_", " ").toLowerCase();
  return words
    .replace(/\b(spf|dkim|dmarc|dns)\b/g, (name) => name.toUpperCase())
    .replace(/^./, (first) => first.toUpperCase());
}
