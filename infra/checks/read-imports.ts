import { parseSync } from "rolldown/utils";

export interface ImportStatement {
  readonly specifier: string;
  readonly line: number;
}

/**
 * Everything a TypeScript or JavaScript file imports: static, re-exported, type-only, dynamic, `import("x")` types,
 * `require` and `vi.mock`. Throws when the file does not parse.
 * @example readImports("a.ts", 'export * from "zod"') // [{ specifier: "zod", line: 1 }]
 */
export function readImports(path: string, source: string): readonly ImportStatement[] {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const found: ImportStatement[] = [];
  visit(program, (node) => {
    const literal = importedLiteral(node);
    if (literal) found.push({ specifier: literal.value, line: lineOf(source, literal.start) });
  });
  return found;
}

interface SyntaxNode {
  readonly type: string;
  readonly [key: string]: unknown;
}

interface StringLiteral {
  readonly value: string;
  readonly start: number;
}

function importedLiteral(node: SyntaxNode): StringLiteral | null {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return asLiteral(node["source"]);
    case "TSExternalModuleReference":
      return asLiteral(node["expression"]);
    case "CallExpression":
      return isLoadingCall(node["callee"]) ? asLiteral((node["arguments"] as unknown[])[0]) : null;
    default:
      return null;
  }
}

function isLoadingCall(callee: unknown): boolean {
  const { type, name, object, property } = callee as {
    type: string;
    name?: string;
    object?: SyntaxNode;
    property?: SyntaxNode;
  };
  if (type === "Identifier") return name === "require";
  if (type !== "MemberExpression") return false;
  const path = `${object?.["name"] ?? ""}.${property?.["name"] ?? ""}`;
  return path === "require.resolve" || path === "vi.mock" || path === "vi.importActual";
}

function asLiteral(node: unknown): StringLiteral | null {
  if (!isNode(node) || node.type !== "Literal" || typeof node["value"] !== "string") return null;
  return { value: node["value"], start: node["start"] as number };
}

function visit(node: unknown, use: (node: SyntaxNode) => void): void {
  if (Array.isArray(node)) for (const item of node) visit(item, use);
  if (!isNode(node)) return;
  use(node);
  for (const value of Object.values(node)) if (typeof value === "object") visit(value, use);
}

function isNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string"
  );
}

function lineOf(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}
