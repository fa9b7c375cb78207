import { CopyButton } from "./copy-button.tsx";

/** A command or value that is pasted elsewhere: shown whole, wrapped, never cut, with its copy button. */
export function CopyBlock({
  text,
  what,
  isCommand = false,
}: {
  text: string;
  what: string;
  isCommand?: boolean;
}) {
  return (
    <div className="flex items-start gap-2 rounded-ui border border-line bg-sunken py-1.5 pr-1.5 pl-3">
      <pre className="min-w-0 flex-1 whitespace-pre-wrap py-1 text-ink text-table [overflow-wrap:anywhere]">
        {isCommand ? (
          <span aria-hidden="true" className="select-none text-ink-3">
            ${" "}
          </span>
        ) : null}
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what} hasWord="from-sm" look="secondary" />
    </div>
  );
}
