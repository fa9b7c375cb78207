"use client";
import { Field, Input, TextArea } from "../../components/field.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { GoogleAppFields } from "./google-app-fields.tsx";
import { feedFields, feedSteps, type Way } from "./ways.ts";

/** What to do at the provider, and the fields for what it gives out. Secrets are written here and never shown again. */
export function FeedCredentials({ way }: { way: Way }) {
  const { t } = useWords();
  if (way === "google-consent") return <GoogleAppFields />;
  return (
    <>
      <ol className="grid list-decimal gap-1.5 pl-5 text-ink-2 text-table">
        {feedSteps[way].map((step) => (
          <li key={step} className="[overflow-wrap:anywhere]">
            {t(step)}
          </li>
        ))}
      </ol>
      {feedFields[way].map(({ name, label, isSecret = false, isLong = false, isOptional = false }) => (
        <Field key={`${way} ${name}`} label={t(label)}>
          {isLong ? (
            <TextArea name={name} required spellCheck={false} className="font-mono text-table" />
          ) : (
            <Input
              name={name}
              required={!isOptional}
              type={isSecret ? "password" : "text"}
              // Credentials of a provider are not for the browser to remember.
              autoComplete={isSecret ? "new-password" : "off"}
              autoCapitalize="none"
              spellCheck={false}
              className="font-mono text-table"
            />
          )}
        </Field>
      ))}
    </>
  );
}
