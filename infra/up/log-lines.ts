/** Turns what a process prints into lines for a person: its name in colour, then time, message and fields. */
export interface LineWriter {
  write(chunk: string): void;
  /** Prints what came without a line end. */
  flush(): void;
}

export interface LinePrinter {
  readonly nameWidth: number;
  readonly hasColour: boolean;
  print(line: string): void;
}

const colours = { magenta: 35, cyan: 36, blue: 34, green: 32, yellow: 33, red: 31, dim: 2 } as const;
export type Colour = keyof typeof colours;

export function createLineWriter(printer: LinePrinter, name: string, colour: Colour): LineWriter {
  const prefix = paint(printer, colour, name.padEnd(printer.nameWidth));
  const bar = paint(printer, "dim", "│");
  let rest = "";
  const print = (line: string) => {
    if (line.trim() !== "") printer.print(`${prefix} ${bar} ${formatLine(printer, line)}`);
  };
  return {
    write(chunk) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) print(line.replace(/\r$/, ""));
    },
    flush() {
      print(rest);
      rest = "";
    },
  };
}

/** Numbers that pino gives to levels. */
const levelNames: Readonly<Record<number, string>> = { 40: "warning", 50: "error", 60: "fatal" };
const levelColours: Readonly<Record<string, Colour>> = { warning: "yellow", error: "red", fatal: "red" };
const fieldsNotShown = new Set(["level", "time", "msg", "pid", "hostname", "name", "v"]);

function formatLine(printer: LinePrinter, line: string): string {
  const entry = parseEntry(line);
  if (!entry) return line;
  const level = typeof entry["level"] === "number" ? levelNames[entry["level"]] : undefined;
  const fields = Object.entries(entry)
    .filter(([name]) => !fieldsNotShown.has(name))
    .map(([name, value]) => `${name}=${formatValue(value)}`);
  const message = `${level ? `${level}: ` : ""}${String(entry["msg"] ?? "")}`;
  const shownMessage = level ? paint(printer, levelColours[level] ?? "red", message) : message;
  return [formatTime(entry["time"]), shownMessage, paint(printer, "dim", fields.join(" "))]
    .filter((part) => part !== "")
    .join(" ");
}

function parseEntry(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}

function formatTime(time: unknown): string {
  if (typeof time !== "number" && typeof time !== "string") return "";
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "" : date.toTimeString().slice(0, 8);
}

function formatValue(value: unknown): string {
  if (typeof value === "string") return /^[\w.:/@-]+$/.test(value) ? value : JSON.stringify(value);
  const stack = (value as { stack?: unknown } | null)?.stack;
  return typeof stack === "string" ? `\n${stack}` : JSON.stringify(value);
}

function paint({ hasColour }: LinePrinter, colour: Colour, text: string): string {
  return hasColour && text !== "" ? `\x1b[${colours[colour]}m${text}\x1b[0m` : text;
}
